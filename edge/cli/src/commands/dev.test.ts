/** `nunchi dev`: one command from nothing to events in Postgres, and nothing lost however it ends. */

import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ack, Batch } from '@nunchi/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migratedFolder } from '../../../collector/test/migrated-pglite.ts'
import { endAll, freePorts, nunchi } from '../../test/running.ts'
import { openFolder } from '../database/folder.ts'
import { probeEvent } from '../verify/probe.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-dev-'))
  data = join(dir, 'db')
})
afterEach(async () => {
  await endAll()
  rmSync(dir, { recursive: true, force: true })
})

async function start(port: number) {
  const dev = nunchi(['dev', '--port', String(port), '--data', data])
  await dev.until(/Ctrl-C stops it/)
  return dev
}

const keyOf = (text: string) => /public key {2}(nk_pub_\w{36})/.exec(text)![1]!

async function send(port: number, key: string, id?: string): Promise<Ack> {
  const event = { ...probeEvent(Date.now()), ...(id ? { id } : {}) }
  const batch: Batch = { id: randomUUID(), sentAt: Date.now(), context: {}, events: [event] }
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events?key=${key}`, {
    method: 'POST',
    body: JSON.stringify(batch),
  })
  return (await answer.json()) as Ack
}

async function storedEvents(): Promise<string[]> {
  const { db, close } = await openFolder(data)
  const { rows } = await db.query<{ id: string }>('select id from nunchi.analytics_events')
  await close()
  return rows.map(({ id }) => id)
}

describe('nunchi dev', () => {
  it('starts from nothing, shows both keys once, and the same public key the second time', async () => {
    const port = await freePorts()
    const first = await start(port)
    const key = keyOf(first.text())
    expect(first.text()).toMatch(/server key {2}nk_srv_\w{36} {2}\(shown this once\)/)
    expect(first.text()).toContain(`data-key="${key}" data-host="http://localhost:${port}"`)

    const verify = nunchi(['verify', `http://localhost:${port}`, '--key', key])
    expect(await verify.code).toBe(0)
    expect(verify.text()).toMatch(
      /✓ live[\s\S]*✓ ready[\s\S]*✓ event[\s\S]*✓ resent[\s\S]*! row +not looked for/,
    )

    expect(await first.end('SIGINT')).toBe(0)
    expect(first.text()).toContain('Stopped. The events are kept.')
    expect(first.text(), 'a healthy run logs no error').not.toContain('"level":"error"')

    const second = await start(port)
    expect(keyOf(second.text())).toBe(key)
    expect(second.text()).not.toContain('server key')
    expect(await second.end('SIGTERM')).toBe(0)
    expect(await storedEvents()).toHaveLength(1)
  }, 90_000)

  it('keeps every event that it acknowledged when it is killed, and starts again', async () => {
    const port = await freePorts()
    await migratedFolder(data)
    const first = await start(port)
    const key = keyOf(first.text())
    const acknowledged: string[] = []
    const sendUntilItDies = async (): Promise<void> => {
      const { id } = probeEvent(Date.now())
      const ack = await send(port, key, id).catch(() => undefined)
      if (!ack) return
      if (ack.accepted === 1) acknowledged.push(id)
      if (acknowledged.length === 25) void first.end('SIGKILL')
      return sendUntilItDies()
    }
    await Promise.all(Array.from({ length: 5 }, sendUntilItDies))
    await first.code
    const second = await start(port)
    expect(await send(port, key)).toMatchObject({ accepted: 1 })
    await second.end('SIGINT')
    expect(acknowledged.length).toBeGreaterThanOrEqual(25)
    expect(await storedEvents()).toEqual(expect.arrayContaining(acknowledged))
  }, 90_000)

  it('refuses a folder that another one holds, and lets the other go on', async () => {
    const port = await freePorts()
    await migratedFolder(data)
    const first = await start(port)
    const second = nunchi(['dev', '--port', String(port + 1), '--data', data])
    expect(await second.code).toBe(1)
    expect(second.text()).toMatch(
      /✗ The database folder .* is in use by process \d+; stop that one first, or choose another folder with --data DIR/,
    )
    expect(await send(port, keyOf(first.text()))).toMatchObject({ accepted: 1 })
  }, 60_000)

  it('says so when the port is taken, before it touches the database', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    )
    const dev = nunchi(['dev', '--port', String(port), '--data', data])
    expect(await dev.code).toBe(1)
    other.close()
    expect(dev.text()).toBe(
      `✗ Port ${port} is taken by another program (an earlier start, perhaps); stop that one, or choose another port with --port 4801.\n`,
    )
  })

  it('says what to do with a broken folder', async () => {
    mkdirSync(join(data, 'pg', 'global'), { recursive: true })
    writeFileSync(join(data, 'pg', 'PG_VERSION'), '18\n')
    writeFileSync(join(data, 'pg', 'global', 'pg_control'), 'rubbish')
    const dev = nunchi(['dev', '--port', '0', '--data', data])
    expect(await dev.code).toBe(1)
    expect(dev.text().trim().split('\n').at(-1)).toMatch(
      /^✗ The database in .* is damaged and does not open; move it away \(mv .*pg .*pg\.broken\)/,
    )
    expect(dev.text()).not.toMatch(/^ +at /m)
  }, 60_000)

  it('says so when the address of the database is wrong', async () => {
    const dev = (DATABASE_URL: string) => nunchi(['dev', '--port', '0', '--data', data], { DATABASE_URL })
    const nobody = dev(`postgres://a:secret@127.0.0.1:${await freePorts()}/b`)
    expect(await nobody.code).toBe(1)
    expect(nobody.text()).toMatch(/✗ Nothing answers at the address of DATABASE_URL; start Postgres there/)
    expect(nobody.text()).not.toContain('secret')
    const words = dev('mysql://a@b/c')
    expect(await words.code).toBe(1)
    expect(words.text()).toContain('✗ DATABASE_URL is not a Postgres address; write it like postgres://')
  })
})
