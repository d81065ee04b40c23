/** What an attacker sends, through the whole collector into a real schema: the cases of docs/security.md. */
import { createKey } from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Services } from '../../src/env.ts'
import { everything, type Storage } from '../../src/index.ts'
import { guard } from '../../src/middleware/guard.ts'
import { problemOf, someBatch, someEvent } from '../rig.ts'
import { eventsRequest, openRiver, type River, sha256 } from './river.ts'

let river: River

/** A route that reads data, as the dashboard's will: not for public keys. */
const reads = (app: App, services: Services): void => {
  app.get('/v1/data', guard(services, { scope: 'data:read', pub: false }), (c) => c.json({ secret: 1 }))
}

beforeAll(async () => {
  river = await openRiver({ use: [...everything(), reads] })
})
afterAll(() => river?.close())

const post = (body: string | object, key = river.key, init = {}) =>
  river.collector.fetch(eventsRequest(key, body, init))

const eventRows = (id: string) =>
  river.rows<Record<string, unknown>>('select * from nunchi.analytics_events where id = $1', [id])

const count = async (table: string): Promise<number> =>
  (await river.rows<{ n: number }>(`select count(*)::int as n from nunchi.${table}`))[0]?.n ?? -1

describe('keys', () => {
  it('security 3: a revoked key is refused by every instance within the two seconds of its cache', async () => {
    let clock = Date.now()
    const key = await river.addKey(river.projectId)
    const instances = [0, 1].map(() => river.another({ now: () => clock, keyCacheMs: 60_000 }))
    const send = () =>
      Promise.all(instances.map((one) => one.fetch(eventsRequest(key, someBatch())).then((r) => r.status)))
    expect(await send()).toEqual([202, 202])
    await river.owner.call('revoke_key', { hash: sha256(key) })
    clock += 2_000
    expect(await send()).toEqual([401, 401])
  })

  it('security 4: a public key on a route that reads data is 403, a server key with the scope is served', async () => {
    const get = (query: string, headers = {}) =>
      river.collector.fetch(new Request(`https://collector.example/v1/data${query}`, { headers }))
    const response = await get(`?key=${river.key}`)
    expect(response.status).toBe(403)
    expect((await problemOf(response)).code).toBe('key_not_allowed')
    for (const [scopes, status] of [
      [['data:read'], 200],
      [['events:write'], 403],
    ] as const) {
      const key = await river.addKey(river.projectId, 'srv', { scopes })
      expect((await get('', { authorization: `Bearer ${key}` })).status).toBe(status)
    }
  })

  it('security 39: keys are compared by their hash alone; no key’s text reaches the database or the log', async () => {
    const asked: string[] = []
    const storage: Storage = {
      ...river.storage,
      call(fn, args, options) {
        asked.push(JSON.stringify([fn, args]))
        return river.storage.call(fn, args, options)
      },
    }
    const collector = river.another({ storage })
    const wrong = createKey('pub')
    expect((await collector.fetch(eventsRequest(river.key, someBatch()))).status).toBe(202)
    expect((await collector.fetch(eventsRequest(wrong, someBatch()))).status).toBe(401)
    const told = `${asked.join()}${river.lines.join()}`
    for (const key of [river.key, wrong]) {
      expect(asked.join()).toContain(sha256(key))
      expect(told).not.toContain(key.slice(7))
    }
  })

  it('security 39: a server key stands in the database as its hash and a hint of it, never as text', async () => {
    const key = await river.addKey(river.projectId, 'srv')
    const rows = await river.rows('select to_jsonb(k)::text as text from nunchi.api_keys k')
    expect(JSON.stringify(rows)).toContain(sha256(key))
    expect(JSON.stringify(rows)).not.toContain(key.slice(0, 20))
    const other = await river.addKey(river.projectId, 'srv', { plain: key })
    const plain = await river.rows('select plain from nunchi.api_keys where hash = $1', [sha256(other)])
    expect(plain).toEqual([{ plain: null }])
    await expect(river.db.query(`update nunchi.api_keys set plain = 'x' where kind = 'srv'`)).rejects.toThrow(
      'api_keys_check',
    )
  })
})

describe('ids', () => {
  it('security 17: the same id in another project is another event', async () => {
    const other = await river.addProject('Other')
    const event = someEvent()
    await post(someBatch([event]))
    const theirs = { ...event, name: 'Theirs' }
    expect(await (await post(someBatch([theirs]), await river.addKey(other))).json()).toMatchObject({
      accepted: 1,
    })
    const rows = await eventRows(event.id)
    expect(rows.map((row) => [row['project_id'], row['name']])).toEqual(
      expect.arrayContaining([
        [river.projectId, 'Product Added'],
        [other, 'Theirs'],
      ]),
    )
    expect(rows).toHaveLength(2)
  })

  it('security 18: whoever guesses an id can overwrite nothing, and hold it back only in the own project', async () => {
    const event = someEvent({ name: 'Paid', properties: { amount: 100 } })
    const forged = { ...event, name: 'Forged', userId: 'thief', properties: {} }
    const other = await river.addKey(await river.addProject('Thief'))
    await post(someBatch([forged]), other)
    expect(await (await post(someBatch([event]))).json()).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await (await post(someBatch([forged]))).json()).toMatchObject({ accepted: 0, duplicates: 1 })
    const [ours] = (await eventRows(event.id)).filter((row) => row['project_id'] === river.projectId)
    expect(ours).toMatchObject({ name: 'Paid', user_id: null, properties: { amount: 100 } })
  })
})

describe('bodies', () => {
  it('security 12: 100,000 levels are a 400, and the next batch is served', async () => {
    const head = '{"id":"0193a5b0-0000-7000-8000-00000000000f","sentAt":1,"events":[{"properties":'
    for (const deep of ['['.repeat(100_000), '{"a":'.repeat(100_000), '[{"a":'.repeat(100_000)]) {
      const response = await post(head + deep)
      expect(response.status).toBe(400)
      expect((await problemOf(response)).code).toBe('body_too_deep')
    }
    expect((await post(someBatch())).status).toBe(202)
  })

  it('security 21: SQL in a name, a key, a property key, an id or a header is text, and the tables stand', async () => {
    const sql = "'; drop table nunchi.analytics_events;--"
    const tables = () =>
      river.rows(`select relname from pg_class where relnamespace = 'nunchi'::regnamespace order by 1`)
    const before = await tables()
    const all = { name: sql, tab: sql, sdk: sql, userId: sql, sessionId: sql, anonymousId: sql }
    const event = someEvent({ ...all, properties: { [sql]: sql }, page: { url: sql, title: sql } })
    const headers = { 'user-agent': sql, origin: sql, 'x-forwarded-for': sql, 'content-type': sql }
    const batch = someBatch([event, someEvent({ id: sql }), someEvent({ type: sql })], {
      context: { locale: sql, device: { [sql]: sql } },
      dropped: { [sql]: 1, store_full: sql },
    })
    const ack = await (await post(batch, river.key, { headers })).json()
    expect(ack).toMatchObject({ accepted: 1, rejected: [{ index: 1 }, { index: 2 }] })
    const [row] = await eventRows(event.id)
    expect(row).toMatchObject({ name: sql, tab: sql, sdk: sql, user_id: sql, session_id: sql, page_url: sql })
    expect(row).toMatchObject({
      properties: { [sql]: sql },
      context: { locale: sql, device: { [sql]: sql } },
    })
    for (const key of [sql, `nk_pub_${sql}`, `${river.key}${sql}`])
      expect((await post(batch, key)).status).toBe(401)
    for (const hash of [sql, `${sql}${sha256(river.key)}`])
      expect(await river.storage.call('find_key', { hash })).toBeNull()
    expect(await tables()).toEqual(before)
  })

  it('security 21: an unknown function name reaches the database as a name, not as SQL', async () => {
    for (const fn of ["health\"('{}'); drop schema nunchi cascade; --", 'health; select 1', 'no_such'])
      await expect(river.storage.call(fn, {})).rejects.toMatchObject({ code: '42883' })
    expect(await river.storage.call('health', {})).toMatchObject({ ok: true })
  })
})

describe('refusals', () => {
  it('security 6: an origin that the key does not list stores nothing, and no page may read the answer', async () => {
    const key = await river.addKey(river.projectId, 'pub', { origins: ['https://good.com'] })
    const before = await count('analytics_events')
    for (const origin of ['https://good.com.evil.com', 'null', 'http://good.com', 'https://good.com:8443']) {
      const response = await post(someBatch(), key, { headers: { origin } })
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(await count('analytics_events')).toBe(before)
    expect((await post(someBatch(), key, { headers: { origin: 'https://good.com' } })).status).toBe(202)
  })

  it('security 55: a database that fails says no SQL, no path and no stack to the sender, and all to the log', async () => {
    await river.db.exec('alter table nunchi.analytics_events rename to gone')
    const response = await post(someBatch())
    await river.db.exec('alter table nunchi.gone rename to analytics_events')
    expect(response.status).toBe(503)
    const problem = await problemOf(response)
    expect(problem.requestId).toBe(response.headers.get('x-request-id'))
    expect(JSON.stringify(problem)).not.toMatch(/analytics_events|relation|42P01|insert|\.ts|stack/i)
    const told = river.lines.filter((line) => line.includes(problem.requestId) && line.includes('42P01'))
    expect(told.length).toBeGreaterThan(0)
  })
})
