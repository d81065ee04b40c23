/** The queue's dead letters and the recount, by the command line, on a local database. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pglite } from '@nunchi/collector'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { migratedFolder } from '../../../collector/test/migrated-pglite.ts'
import { addSender, drain, type Ground, type Sender } from '../../../collector/test/processing.ts'
import { someEvent } from '../../../collector/test/rig.ts'
import { cli } from '../../test/in-process.ts'

let dir: string
let data: string[]
let sender: Sender

/** Does something to the folder's database, while no command has it open. */
async function meanwhile(use: (ground: Ground) => Promise<unknown>): Promise<void> {
  const db = await PGlite.create(join(dir, 'db/pg'))
  const owner = pglite(db, { role: 'nunchi_owner' })
  const query = async (text: string) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[]
  await use({ app: pglite(db), owner, query })
  await db.close()
}

beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-recount-'))
  data = ['--data', join(dir, 'db')]
  await migratedFolder(join(dir, 'db'))
  await meanwhile(async (ground) => {
    sender = await addSender(ground)
    await sender.send([someEvent(), someEvent()])
    await drain(ground)
    await sender.send([someEvent({ name: 'Poison' })])
    await ground.query(`update nunchi.event_processing_queue set processing_status = 'dead', retry_count = 8,
      error = 'this one is bad (22P02)' where processing_status = 'pending'`)
  })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

it('refuses a day that is none, and a row that is none', async () => {
  expect(await cli('recount', '--from', '2026-02-30', ...data)).toMatchObject({
    code: 2,
    err: expect.stringContaining('write a day like 2026-11-23'),
  })
  expect(await cli('queue', 'replay', 'all', ...data)).toMatchObject({
    code: 2,
    err: expect.stringContaining('is no row of the queue'),
  })
  expect(await cli('recount', '--project', 'nobody', ...data)).toMatchObject({ code: 1 })
})

it('lists what was given up with its reason, and hands it back', async () => {
  const { out } = await cli('queue', 'list', ...data)
  expect(out).toContain('Poison')
  expect(out).toContain('this one is bad (22P02)')
  expect(await cli('queue', 'replay', ...data)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^1 handed back/),
  })
  expect(await cli('queue', 'replay', ...data)).toMatchObject({ out: 'There is nothing to replay.\n' })
  expect(JSON.parse((await cli('queue', 'list', '--json', ...data)).out)).toMatchObject({
    waiting: 1,
    dead: 0,
    rows: [],
  })
})

it('names each figure that is wrong, fails, and repairs it', async () => {
  const day = new Date().toISOString().slice(0, 10)
  expect(await cli('recount', ...data)).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 events, 0 differences'),
  })
  await meanwhile(({ query }) => query(`update nunchi.rollup_days set events = 5 where kind = 'total'`))
  const wrong = await cli('recount', ...data)
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('nunchi recount --repair') })
  expect(wrong.out).toMatch(new RegExp(`rollup_days\\s+production ${day} total\\s+2 / 0\\s+5 / 0`))
  expect(await cli('recount', '--from', '2020-01-01', '--to', '2020-01-31', ...data)).toMatchObject({
    code: 0,
  })
  expect(await cli('recount', '--repair', '--from', day, ...data)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Written anew'),
  })
  expect(JSON.parse((await cli('recount', '--json', ...data)).out)).toMatchObject([
    { differences: 0, events: 2, waiting: 1 },
  ])
})
