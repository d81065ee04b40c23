/** Flags, experiments and their types on a local database, as someone does who tries nunchi out. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { migratedFolder } from '../../../collector/test/migrated-pglite.ts'
import { cli } from '../../test/in-process.ts'

let dir: string
let data: string[]
beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-local-config-'))
  data = ['--data', join(dir, 'db')]
  await migratedFolder(join(dir, 'db'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

it('needs a database and a project, and says how to get each', async () => {
  const none = await cli('flags', 'list', '--data', join(dir, 'nowhere'))
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('nunchi dev')])
  const empty = await cli('flags', 'list', ...data)
  expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('there is none yet')])
})

it('makes a flag and an experiment, and types that know both', async () => {
  await cli('keys', 'create', '--project', 'shop', ...data)
  const [flag, experiment] = [join(dir, 'flag.json'), join(dir, 'experiment.json')]
  writeFileSync(flag, JSON.stringify({ type: 'boolean', value: false }))
  const variants = [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ]
  writeFileSync(experiment, JSON.stringify({ name: 'Price', hypothesis: 'It sells more.', variants }))
  expect(await cli('flags', 'set', 'checkout', flag, ...data)).toMatchObject({ code: 0, err: '' })
  expect(await cli('experiments', 'create', 'price', experiment, ...data)).toMatchObject({ code: 0, err: '' })
  const { out } = await cli('types', ...data)
  expect(out).toContain('    "checkout": boolean\n')
  expect(out).toContain('    "price": "control" | "first"\n')
})
