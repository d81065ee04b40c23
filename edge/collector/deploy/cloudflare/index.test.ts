import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { createKey, type Json } from '@nunchi/protocol'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodAnswer, type MockModel, mockKey, mockModel } from '../../test/insights/mock-model.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { viewed } from '../../test/recommend-grounds.ts'
import { problemOf, someBatch, someEvent } from '../../test/rig.ts'

const here = import.meta.dirname

/** The settings that are deployed, without their comments. */
const wrangler = JSON.parse(
  readFileSync(join(here, 'wrangler.jsonc'), 'utf8').replace(/^\s*\/\/.*$/gm, ''),
) as {
  main: string
  compatibility_date: string
  compatibility_flags: string[]
  hyperdrive: { binding: string }[]
  triggers: { crons: string[] }
}

/** Programs do not count. */
const aBrowser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }

/** The Worker as one module, bundled as wrangler does. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, wrangler.main)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
  })
  return outputFiles[0]?.text ?? ''
}

describePostgres('the collector in workerd', (server) => {
  let database: TestDatabase
  let worker: Miniflare
  let mock: MockModel
  /** The collector's log lines; no part of the test's report. */
  const lines: string[] = []
  let projectId: string
  let key: string
  let secret: string

  async function addKey(kind: 'pub' | 'srv', more: object = {}): Promise<string> {
    const text = createKey(kind)
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    const hash = Buffer.from(digest).toString('hex')
    const args = { projectId, environment: 'production', kind, hash, hint: text.slice(-4), ...more }
    await database.owner.call('create_key', args)
    return text
  }

  beforeAll(async () => {
    database = await createDatabase(server)
    ;({ projectId } = await database.owner.call<{ projectId: string }>('create_project', { name: 'Shop' }))
    key = await addKey('pub')
    secret = await addKey('srv', { scopes: ['insights:read'] })
    mock = await mockModel()
    const { url } = mock.model()
    const model = { NUNCHI_AI_KEY: mockKey, NUNCHI_AI_MODEL: 'mock', NUNCHI_AI_URL: url }
    const host = { NUNCHI_ALLOW_PRIVATE_HOSTS: new URL(url).host }
    const variables: { [worker: string]: { [variable: string]: Json } } = {
      plain: {},
      off: { FEATURE_AI_INSIGHTS: false, ...model, ...host },
      templates: { FEATURE_AI_INSIGHTS: true },
      model: { FEATURE_AI_INSIGHTS: 'true', ...model, ...host },
      unnamed: { FEATURE_AI_INSIGHTS: 'true', ...model },
    }
    const script = await bundle()
    worker = new Miniflare({
      workers: Object.entries(variables).map(([name, bindings]) => ({
        name,
        modules: true,
        script,
        compatibilityDate: wrangler.compatibility_date,
        compatibilityFlags: wrangler.compatibility_flags,
        bindings: { DATABASE_URL: database.appUrl, ...bindings },
      })),
      handleRuntimeStdio(stdout: Readable, stderr: Readable) {
        createInterface(stdout).on('line', (line) => lines.push(line))
        stderr.pipe(process.stderr)
      },
    })
    await worker.ready
  }, 60_000)

  afterAll(async () => {
    await worker?.dispose()
    await mock?.close()
    await database?.drop()
  })

  const send = async (path: string, init: object = {}): Promise<Response> =>
    (await worker.dispatchFetch(`https://collector.example${path}`, init)) as unknown as Response
  const post = (
    body: string | Uint8Array,
    init: { query?: string; headers?: object } = {},
  ): Promise<Response> =>
    send(`/v1/events?key=${key}${init.query ?? ''}`, { method: 'POST', body, headers: init.headers ?? {} })
  const rows = async (): Promise<number> =>
    Number((await database.sql`select count(*) as n from nunchi.analytics_events`)[0]?.['n'])

  const waiting = async () =>
    (await database.sql`select from nunchi.event_processing_queue where processing_status = 'pending'`).length

  it('stores a batch once, though it is delivered twice, and again at the same moment', async () => {
    const body = JSON.stringify(someBatch([someEvent({ properties: { tea: '차 🍵' } })]))
    expect(await (await post(body)).json()).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
    expect(await (await post(body)).json()).toMatchObject({ accepted: 0, duplicates: 1 })
    const again = await Promise.all([post(body), post(body), post(body)])
    expect(again.map((one) => one.status)).toEqual([202, 202, 202])
    expect(await rows()).toBe(1)
  })

  it('stores what a page sends while it goes away, and holds nothing for it afterwards', async () => {
    const before = await rows()
    const address = await worker.ready
    const leaving = new AbortController()
    await database.sql.begin(async (sql) => {
      await sql`lock table nunchi.analytics_events in access exclusive mode`
      const sent = fetch(new URL(`/v1/events?key=${key}`, address), {
        method: 'POST',
        body: JSON.stringify(someBatch()),
        signal: leaving.signal,
      })
      const ingests = () => database.sql`select from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like '%ingest%'`
      await expect.poll(async () => (await ingests()).length).toBe(1)
      leaving.abort()
      await expect(sent).rejects.toThrow('aborted')
    })
    await expect.poll(rows).toBe(before + 1)
    const inFlight = async () =>
      (await (await send('/metrics')).text()).match(/^nunchi_body_bytes_in_flight .*$/m)?.[0]
    await expect.poll(inFlight).toBe('nunchi_body_bytes_in_flight 0')
  })

  it('reads gzip, and stops what swells', async () => {
    const before = await rows()
    const good = await post(gzipSync(JSON.stringify(someBatch())), { query: '&gzip=1' })
    expect(good.status).toBe(202)
    const bomb = await post(gzipSync(new Uint8Array(64 * 1024 * 1024)), { query: '&gzip=1' })
    expect(await problemOf(bomb)).toMatchObject({ code: 'body_too_large', status: 413 })
    const torn = await post(gzipSync('{}').subarray(0, 12), { query: '&gzip=1' })
    expect(await problemOf(torn)).toMatchObject({ code: 'body_encoding', status: 400 })
    expect((await post(' '.repeat(1_048_577))).status).toBe(413)
    expect(await rows()).toBe(before + 1)
  })

  it('refuses what is refused elsewhere, readable to the page', async () => {
    const headers = { origin: 'https://shop.example' }
    const unknown = await send(`/v1/events?key=${createKey('pub')}`, { method: 'POST', body: '{}', headers })
    expect(unknown.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(await problemOf(unknown)).toMatchObject({ code: 'key_unknown', status: 401 })
    expect(await problemOf(await post('['.repeat(100_000)))).toMatchObject({ code: 'body_too_deep' })
    const ack = await (await post(JSON.stringify(someBatch([someEvent({ name: '' }), someEvent()])))).json()
    expect(ack).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'event_name_invalid' }] })
  })

  it('limits a client over many requests', async () => {
    const own = await addKey('pub', { rateLimit: 1 })
    const statuses: number[] = []
    for (let i = 0; i < 8; i++)
      statuses.push(
        (await send(`/v1/events?key=${own}`, { method: 'POST', body: JSON.stringify(someBatch()) })).status,
      )
    expect(statuses.slice(0, 5)).toEqual([202, 202, 202, 202, 202])
    expect(statuses).toContain(429)
  })

  it('makes the months that are missing when its cron rings, and reports a failure as one', async () => {
    const { scheduled } = (await worker.getWorker()) as unknown as {
      scheduled(options: object): Promise<{ outcome: string }>
    }
    const months = async () =>
      (
        await database.sql`select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'nunchi.analytics_events'::regclass order by 1`
      ).map(({ name }) => name)
    const before = await months()
    const last = before.at(-2)
    await database.sql.unsafe(`drop table nunchi.${last}`)
    expect(await scheduled({ cron: '17 3 * * *' })).toMatchObject({ outcome: 'ok' })
    expect(await months()).toEqual(before)

    await database.sql`revoke execute on function nunchi.make_partitions(jsonb) from nunchi_app`
    expect(await scheduled({ cron: '17 3 * * *' })).toMatchObject({ outcome: 'exception' })
    await database.sql`grant execute on function nunchi.make_partitions(jsonb) to nunchi_app`
  })

  it('processes what it stored behind the answer, and what is left when its cron rings each minute', async () => {
    await post(JSON.stringify(someBatch()), { headers: aBrowser })
    await expect.poll(waiting, { timeout: 30_000 }).toBe(0)
    const { scheduled } = (await worker.getWorker()) as unknown as {
      scheduled(options: object): Promise<{ outcome: string }>
    }
    await database.sql`update nunchi.event_processing_queue set processing_status = 'pending'`
    await database.sql`truncate nunchi.rollup_days`
    expect(await scheduled({ cron: '* * * * *' })).toMatchObject({ outcome: 'ok' })
    expect(await waiting()).toBe(0)
    const [row] =
      await database.sql`select sum(events)::int as events from nunchi.rollup_days where kind = 'total'`
    expect(row?.['events']).toBeGreaterThan(0)
  })

  it('matches people who take part when its cron rings each minute, and learns recommendations at night', async () => {
    const { scheduled } = (await worker.getWorker()) as unknown as {
      scheduled(options: object): Promise<{ outcome: string }>
    }
    const people = ['p1', 'p2', 'p3'].map((id) => ({ id, type: 'person', title: 'Somebody' }))
    const items = [...people, { id: 'tea', type: 'products', title: 'Tea' }]
    const headers = { authorization: `Bearer ${await addKey('srv', { scopes: ['items:write'] })}` }
    const put = await send('/v1/items', { method: 'PUT', headers, body: JSON.stringify({ items }) })
    expect(put.status).toBe(200)
    await post(JSON.stringify(someBatch([viewed('a', 'tea'), viewed('b', 'tea')])), { headers: aBrowser })
    await expect.poll(waiting).toBe(0)
    await database.sql`insert into nunchi.match_consents (project_id, environment, user_id, given, at)
      select ${projectId}::uuid, 'production', 'p' || n, true, now() from generate_series(1, 3) n`
    expect(await scheduled({ cron: '* * * * *' })).toMatchObject({ outcome: 'ok' })
    expect(await database.sql`select from nunchi.match_candidates`).toHaveLength(6)
    expect(await scheduled({ cron: '17 3 * * *' })).toMatchObject({ outcome: 'ok' })
    expect(await database.sql`select from nunchi.recommendation_models where source = 'cf'`).toHaveLength(1)
  })

  it('is alive and ready', async () => {
    expect((await send('/health/live')).status).toBe(200)
    expect(await (await send('/health/ready')).json()).toMatchObject({ ready: true })
  })

  describe('insights', () => {
    /** Asks the Worker with these variables about a list that nobody has asked about before. */
    async function asked(name: string): Promise<Response> {
      const id = crypto.randomUUID()
      const items = [{ id: 'i', title: `Lamp ${id.slice(0, 4)}`, tags: [], reason: { code: 'new' } }]
      await database.sql`insert into nunchi.insight_recommendations values (${projectId}, 'production', ${id}, '', false,
        'products', ${database.sql.json(items)}, now() + interval '1 minute')`
      const { fetch } = (await worker.getWorker(name)) as unknown as { fetch: typeof globalThis.fetch }
      const headers = { authorization: `Bearer ${secret}` }
      return fetch(`https://collector.example/v1/insights/recommendation/${id}`, { headers })
    }

    it('security 65: that are switched off have no route, and call nobody, whatever else is set', async () => {
      expect((await asked('plain')).status).toBe(404)
      expect((await asked('off')).status).toBe(404)
      expect(mock.connections()).toBe(0)
    })

    it('come from templates by the switch alone, and with a key from the model that the variables name', async () => {
      expect(await (await asked('templates')).json()).toMatchObject({ source: 'template' })
      expect(mock.connections()).toBe(0)
      expect(await (await asked('model')).json()).toMatchObject({ ...goodAnswer, source: 'model' })
      expect(mock.heard.map(({ authorization }) => authorization)).toEqual([`Bearer ${mockKey}`])
    })

    it('security 62: come from templates where the address is private and not named, or leads to such a one', async () => {
      const before = mock.connections()
      expect(await (await asked('unnamed')).json()).toMatchObject({ source: 'template' })
      expect(mock.connections()).toBe(before)
      await expect.poll(() => lines.join('\n')).toMatch(/NUNCHI_AI_URL cannot be called: .*not on the public/)

      const trap = await mockModel()
      mock.answers.push(() => Response.redirect(`${trap.model().url}/chat/completions`, 307))
      expect(await (await asked('model')).json()).toMatchObject({ source: 'template' })
      expect([mock.heard.length, trap.connections()]).toEqual([2, 0])
      expect(lines.join('\n')).not.toContain(mockKey)
      await trap.close()
    })
  })
})

describe('wrangler.jsonc', () => {
  it('pins the runtime, and binds what the Worker reads', () => {
    expect(wrangler.compatibility_date).toMatch(/^20\d\d-\d\d-\d\d$/)
    expect(wrangler.hyperdrive).toMatchObject([{ binding: 'HYPERDRIVE' }])
    expect(wrangler.triggers.crons).toEqual(['* * * * *', '17 3 * * *'])
  })
})
