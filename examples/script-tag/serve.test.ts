/** The demo as a person starts it: from nothing, twice, after a crash, beside another one, and with its switch. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ack, type Batch, uuidv7 } from '@nunchi/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endAll, freePorts, type Running, run } from '../../edge/cli/test/running.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../edge/collector/test/postgres.ts'
import { ensureScriptTag } from '../../scripts/lib/build.ts'

const program = join(import.meta.dirname, 'serve.ts')
/** What `npm start` runs, once everything is installed. */
const npmStart = join(import.meta.dirname, '../../scripts/tasks/start.ts')
const newId = uuidv7()

let dir: string
let data: string
beforeAll(async () => {
  await ensureScriptTag('nunchi-recommendations.global')
}, 240_000)
const makeFolder = () => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-demo-'))
  data = join(dir, 'db')
}
const clearUp = async () => {
  await endAll()
  rmSync(dir, { recursive: true, force: true })
}

function demo(port: number, env: Record<string, string> = {}, file = program): Running {
  return run(file, [], { PORT: String(port), NUNCHI_DATA: data, ...env })
}

async function open(port: number, env: Record<string, string> = {}, file = program) {
  const shop = demo(port, env, file)
  await shop.until(/Ctrl-C stops it/)
  const config = await (await fetch(`http://localhost:${port}/demo/config`)).json()
  return { shop, key: config.key as string, collector: config.collector as string }
}

async function send(collector: string, key: string, anonymousId: string, id = newId()): Promise<Ack> {
  const now = Date.now()
  const event = { id, type: 'track', name: 'Cup Bought', ts: now, tab: 't', seq: 0, anonymousId, sdk: 'test' }
  const batch = { id: randomUUID(), sentAt: now, context: {}, events: [event] } as Batch
  const answer = await fetch(`${collector}/v1/events?key=${key}`, {
    method: 'POST',
    body: JSON.stringify(batch),
  })
  return (await answer.json()) as Ack
}

async function rows(port: number, anonymousId: string) {
  const answer = await fetch(`http://localhost:${port}/demo/rows?anonymousId=${anonymousId}`)
  return (await answer.json()) as { rows: { id: string; name: string }[]; total: number }
}

async function turn(port: number, down: boolean) {
  const answer = await fetch(`http://localhost:${port}/demo/network`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ down }),
  })
  return (await answer.json()) as { down: boolean }
}

describe('the demo, while it runs', () => {
  let port: number
  let key: string
  let collector: string
  beforeAll(async () => {
    makeFolder()
    port = await freePorts()
    ;({ key, collector } = await open(port))
  }, 240_000)
  afterAll(clearUp)

  it('serves the page that its script and its policy fit', async () => {
    const page = await fetch(`http://localhost:${port}/`)
    const html = await page.text()
    expect(html).toContain(`data-key="${key}" data-host="${collector}"`)
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ${collector}`)
    const integrity = /integrity="(sha384-[^"]+)"/.exec(html)![1]!
    // fetch() refuses a body that does not fit its integrity.
    const script = await fetch(`http://localhost:${port}/nunchi.js`, { integrity })
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect((await fetch(`${collector}/demo/rows?anonymousId=a`)).status, 'only the shop answers that').toBe(
      404,
    )
  })

  it('has a switch that really closes the port, with the connections on it, and opens it again', async () => {
    const id = newId()
    await send(collector, key, 'sue')
    expect(await turn(port, true)).toEqual({ down: true })
    await expect(send(collector, key, 'sue', id)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(await rows(port, 'sue'), 'the database goes on').toMatchObject({ total: 1 })
    const both = await Promise.all([turn(port, false), turn(port, false)])
    expect(both).toEqual([{ down: false }, { down: false }])
    expect(await send(collector, key, 'sue', id)).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await send(collector, key, 'sue', id)).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(await rows(port, 'sue')).toMatchObject({ total: 2 })
  })

  it('counts beyond what it lists', async () => {
    const events = Array.from({ length: 150 }, (_, seq) => {
      const [id, ts] = [newId(), Date.now()]
      return { id, type: 'track', name: 'n', ts, tab: 't', seq, anonymousId: 'many', sdk: 'test' }
    })
    const body = JSON.stringify({ id: randomUUID(), sentAt: Date.now(), context: {}, events })
    await fetch(`${collector}/v1/events?key=${key}`, { method: 'POST', body })
    const { rows: listed, total } = await rows(port, 'many')
    expect([listed.length, total]).toEqual([100, 150])
  })

  it('says which one holds the folder', async () => {
    const second = demo(port + 2)
    expect(await second.code).toBe(1)
    expect(second.text()).toMatch(/✗ The database folder .* is in use by process \d+; stop that one first/)
    expect(second.text()).not.toMatch(/^ +at /m)
  })
})

describe('the demo, from start to end', () => {
  beforeEach(makeFolder)
  afterEach(clearUp)

  it('starts from nothing, shows its progress, and keeps its events and its key over Ctrl-C and over kill -9', async () => {
    const port = await freePorts()
    const { shop, key, collector } = await open(port, {}, npmStart)
    expect(shop.text()).toMatch(
      /Opening the database …\n[\s\S]*The shop is open: {2}http:\/\/localhost:\d+\n/,
    )
    expect(await send(collector, key, 'ann')).toMatchObject({ accepted: 1 })
    await send(collector, key, 'bob')
    expect(await rows(port, 'ann')).toMatchObject({ rows: [{ name: 'Cup Bought' }], total: 1 })
    expect(await shop.end('SIGINT')).toBe(0)
    expect(shop.text()).toMatch(/Stopped\. The events are kept\.\n$/)

    expect(shop.text()).toMatch(/its key {3}nk_srv_\w{36} {2}\(shown this once\)/)

    const second = await open(port)
    expect(second.key).toBe(key)
    expect(second.shop.text(), 'a key that was lost can be made anew').toContain(
      'npm run nunchi -- keys create --project "demo shop"',
    )
    expect(await rows(port, 'ann')).toMatchObject({ total: 1 })
    expect(second.shop.text(), 'a healthy run logs nothing').not.toContain('"level"')

    await Promise.all(Array.from({ length: 20 }, () => send(collector, key, 'sue')))
    await second.shop.end('SIGKILL')
    await open(port)
    expect(await rows(port, 'sue'), 'and over kill -9').toMatchObject({ total: 20 })
  }, 240_000)

  it.each([0, 1])('says which port is taken (the %i. one), before it makes a database', async (which) => {
    const port = await freePorts()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port + which, '127.0.0.1', resolve))
    const shop = demo(port)
    expect(await shop.code).toBe(1)
    other.close()
    expect(shop.text()).toBe(
      `✗ Port ${port + which} is taken by another program (an earlier start, perhaps); stop that one, or choose another port with PORT=4800 npm start.\n`,
    )
    expect(existsSync(data)).toBe(false)
  })

  it('says what to do with a port that is none, a broken folder, and an address where nothing is', async () => {
    const odd = run(program, [], { PORT: '99999', NUNCHI_DATA: data })
    expect(await odd.code).toBe(2)
    expect(odd.text()).toContain('✗ PORT is "99999"; it must be a number from 0 to 65535.')

    mkdirSync(join(data, 'pg'), { recursive: true })
    writeFileSync(join(data, 'pg', 'PG_VERSION'), '7\n')
    const port = await freePorts()
    const broken = demo(port)
    expect(await broken.code).toBe(1)
    expect(broken.text()).toMatch(/✗ The database in .* is damaged and does not open; move it away/)

    const lost = demo(port, { DATABASE_URL: `postgres://a:secret@127.0.0.1:${port + 1}/b` })
    expect(await lost.code).toBe(1)
    expect(lost.text()).toMatch(/✗ Nothing answers at the address of DATABASE_URL; start Postgres there/)
    expect(lost.text()).not.toContain('secret')
  }, 240_000)
})

describePostgres('the demo with DATABASE_URL', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    makeFolder()
    database = await createDatabase(server, { migrate: false })
  })
  afterAll(async () => {
    await clearUp()
    await database?.drop()
  })

  it('needs no more than the one address: migrates, stores, and says what a deployment would need', async () => {
    const port = await freePorts()
    const { shop, key, collector } = await open(port, { DATABASE_URL: database.url })
    expect(shop.text()).toContain('One address migrates and serves: fine for a trial')
    expect(shop.text(), 'the password is not shown').toMatch(/database {4}postgres:\/\/postgres@127/)
    expect(await send(collector, key, 'ann')).toMatchObject({ accepted: 1 })
    expect(await rows(port, 'ann')).toMatchObject({ rows: [{ name: 'Cup Bought' }], total: 1 })
    expect(await database.sql`select name from nunchi.analytics_events`).toMatchObject([
      { name: 'Cup Bought' },
    ])
    expect(await shop.end('SIGTERM')).toBe(0)
    expect(existsSync(data)).toBe(false)
  }, 240_000)
})
