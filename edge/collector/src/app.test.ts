import type { PGlite } from '@electric-sql/pglite'
import { createKey } from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedPglite } from '../test/migrated-pglite.ts'
import { someBatch, someEvent } from '../test/rig.ts'
import { type Collector, createCollector, everything, pglite, type Storage } from './index.ts'

let db: PGlite
let storage: Storage
let owner: Storage
let collector: Collector
let projectId: string
const key = createKey('pub')

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function addKey(text: string, project: string, more: object = {}): Promise<void> {
  const kind = text.slice(3, 6)
  const args = {
    projectId: project,
    environment: 'production',
    kind,
    hash: await sha256(text),
    hint: text.slice(-4),
  }
  await owner.call('create_key', { ...args, ...more })
}

beforeAll(async () => {
  db = await migratedPglite()
  storage = pglite(db)
  owner = pglite(db, { role: 'nunchi_owner' })
  const project = await owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
  projectId = project.projectId
  await addKey(key, projectId)
  collector = createCollector({ storage, use: everything(), logLevel: 'warn', rateLimit: false })
}, 60_000)

afterAll(async () => {
  await collector.close()
  await storage.close()
})

const post = (body: string | object, as = key): Promise<Response> =>
  collector.fetch(
    new Request(`https://collector.example/v1/events?key=${as}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
    }),
  )

async function rowOf(id: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await db.query<Record<string, unknown>>(
    'select * from nunchi.analytics_events where id = $1',
    [id],
  )
  return rows[0]
}

const count = async (): Promise<number> =>
  (await db.query<{ n: number }>('select count(*)::int as n from nunchi.analytics_events')).rows[0]?.n ?? -1

describe('an event, from the request to its row', () => {
  it('arrives with all that it says', async () => {
    const event = someEvent({
      userId: 'u1',
      properties: { price: 12.5, name: '차 🍵', list: [1, [2]], '': null },
      experimentContext: { tea: 'green' },
    })
    const response = await post(someBatch([event]))
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
    expect(await rowOf(event.id)).toMatchObject({
      project_id: projectId,
      type: 'track',
      name: 'Product Added',
      anonymous_id: 'a1',
      user_id: 'u1',
      environment: 'production',
      properties: event.properties,
      experiment_context: { tea: 'green' },
      context: { locale: 'ko-KR' },
      ts: new Date(event.ts),
    })
  })

  it('security 16: arrives once: from one batch, from two at once, and from the batch again', async () => {
    const before = await count()
    const event = someEvent()
    const batch = someBatch([event, event, someEvent()])
    const answers = await Promise.all([post(batch), post(batch), post(someBatch([event]))])
    const acks = (await Promise.all(answers.map((one) => one.json()))) as {
      accepted: number
      duplicates: number
    }[]
    expect(acks.reduce((sum, ack) => sum + ack.accepted, 0)).toBe(2)
    expect(acks.reduce((sum, ack) => sum + ack.accepted + ack.duplicates, 0)).toBe(7)
    expect(await (await post(batch)).json()).toMatchObject({ accepted: 0, duplicates: 3 })
    expect(await count()).toBe(before + 2)
  })

  it('security 18: cannot be overwritten by whoever sends its id again', async () => {
    const event = someEvent({ name: 'first' })
    await post(someBatch([event]))
    await post(someBatch([{ ...event, name: 'second' }]))
    expect(await rowOf(event.id)).toMatchObject({ name: 'first' })
  })

  it('security 17: of another project may have the same id', async () => {
    const other = await owner.call<{ projectId: string }>('create_project', { name: 'Other' })
    const otherKey = createKey('pub')
    await addKey(otherKey, other.projectId)
    const before = await count()
    const batch = someBatch()
    await post(batch)
    expect(await (await post(batch, otherKey)).json()).toMatchObject({ accepted: 1 })
    expect(await count()).toBe(before + 2)
  })

  it.each<[string, string]>([
    ['SQL', '"\'; drop table nunchi.analytics_events;--"'],
    ['NUL', '"a\\u0000b"'],
    ['a lone surrogate', '"a\\ud800b"'],
    ['a number beyond all', '1e200000'],
    ['a number near the end', '1.7976931348623157e308'],
    ['the smallest number', '5e-324'],
    ['__proto__', '{"__proto__":{"polluted":1}}'],
    ['16 levels', `${'['.repeat(15)}1${']'.repeat(15)}`],
    ['a long text', JSON.stringify('가'.repeat(10_000))],
    ['control characters', '"\\u0001\\u001f\\u007f\\u0085\\ufffe\\uffff"'],
  ])(
    'security 14, 15, 21: with %s among its properties is stored, and so are its 99 neighbours',
    async (_, value) => {
      const before = await count()
      const events = Array.from({ length: 100 }, () => someEvent({ properties: { v: 0 } }))
      const body = JSON.stringify(someBatch(events)).replace('"v":0', `"v":${value}`)
      expect(await (await post(body)).json()).toMatchObject({ accepted: 100, rejected: [] })
      expect(await count()).toBe(before + 100)
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )

  it('security 20: of a sender whose clock is ten years off is stored by ours, and marked', async () => {
    for (const years of [10, -10]) {
      const then = Date.now() + years * 365.25 * 86_400_000
      const event = someEvent({ ts: then })
      expect(await (await post(someBatch([event], { sentAt: then }))).json()).toMatchObject({ accepted: 1 })
      const row = await rowOf(event.id)
      expect(row?.['clock_suspect']).toBe(true)
      expect(Math.abs(Number(row?.['occurred_at']) - Date.now())).toBeLessThan(60_000)
    }
  })

  it('at the ends of all times breaks nothing', async () => {
    const before = await count()
    const last = 253_402_300_799_999
    const ends = [
      [someEvent({ ts: last }), 0],
      [someEvent({ ts: last }), last],
      [someEvent({ ts: 0 }), 0],
    ] as const
    for (const [event, sentAt] of ends)
      expect(await (await post(someBatch([event], { sentAt }))).json()).toMatchObject({ accepted: 1 })
    expect(await count()).toBe(before + 3)
  })
})

describe('what is refused', () => {
  it('by the database alone is one event of a hundred; the other 99 are stored, and so is their neighbour', async () => {
    await db.exec(`
      create function public.poison() returns trigger language plpgsql as $$
      begin
        if new.name = 'poison' then raise exception 'no' using errcode = '22023'; end if;
        return new;
      end $$;
      create trigger poison before insert on nunchi.analytics_events for each row execute function public.poison();
    `)
    const before = await count()
    const events = Array.from({ length: 100 }, (_, i) => someEvent(i === 57 ? { name: 'poison' } : {}))
    const [ack, neighbour] = await Promise.all(
      [post(someBatch(events)), post(someBatch())].map(async (one) => (await one).json()),
    )
    expect(ack).toMatchObject({
      accepted: 99,
      rejected: [{ index: 57, id: events[57]?.id, code: 'event_unstorable' }],
    })
    expect(neighbour).toMatchObject({ accepted: 1 })
    expect(await count()).toBe(before + 100)
    const { rows } = await db.query<{ code: string }>('select code from nunchi.event_rejects')
    expect(rows).toEqual([{ code: 'event_unstorable' }])
    const mixed = [
      someEvent({ name: '' }),
      someEvent(),
      someEvent({ name: 'poison' }),
      someEvent({ name: 'poison' }),
    ]
    const batch = someBatch(mixed)
    const found = await (await post(batch)).json()
    expect(found).toMatchObject({ accepted: 1, rejected: [{ index: 0 }, { index: 2 }, { index: 3 }] })
    const places = await db.query<{ index: number }>(
      'select index from nunchi.event_rejects where batch = $1 order by 1',
      [batch.id],
    )
    expect(places.rows.map(({ index }) => index)).toEqual([0, 2, 3])
    await db.exec('drop function public.poison() cascade')
  })

  it('is recorded beside the good ones, and reported by name', async () => {
    const bad = someEvent({ ts: '2025-02-30' })
    const good = someEvent()
    const ack = await (await post(someBatch([bad, good], { dropped: { store_full: 4 } }))).json()
    expect(ack).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, id: bad.id, code: 'event_time_invalid' }],
    })
    const { rows } = await db.query<{ code: string }>('select code from nunchi.event_rejects')
    expect(rows).toContainEqual({ code: 'event_time_invalid' })
    expect(await rowOf(good.id)).toBeDefined()
  })

  it('security 2: by an unknown and by a revoked key reads the same, and stores nothing', async () => {
    const revoked = createKey('pub')
    await addKey(revoked, projectId)
    await owner.call('revoke_key', { hash: await sha256(revoked) })
    const before = await count()
    const answers = await Promise.all([revoked, createKey('pub')].map((one) => post(someBatch(), one)))
    const [a, b] = (await Promise.all(answers.map((one) => one.json()))) as { requestId?: string }[]
    expect({ ...a, requestId: '' }).toEqual({ ...b, requestId: '' })
    expect(answers.map((one) => one.status)).toEqual([401, 401])
    expect(await count()).toBe(before)
  })
})

it('is ready over a real database, and says how far it is migrated', async () => {
  const ask = () => collector.fetch(new Request('https://collector.example/health/ready'))
  // For some seconds after a machine stood still it rightly says no.
  await expect.poll(async () => (await ask()).status).toBe(200)
  expect(await (await ask()).json()).toMatchObject({ ready: true, storage: { ok: true } })
})
