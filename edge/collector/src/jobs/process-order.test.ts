/** Processing does not care about order: any permutation, any split into queue rows, any number of workers. */

import type { Event } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { addSender, derived, drain, type Ground, recount } from '../../test/processing.ts'
import { someEvent } from '../../test/rig.ts'
import { pglite } from '../storage/pglite.ts'

const few = (...names: string[]) => fc.constantFrom(...names)
const now = Date.now()

/** Events that get into each other's way: few visitors, users, visits and moments. */
const event: fc.Arbitrary<Event> = fc
  .record(
    {
      type: few('track', 'page', 'identify', 'group', 'alias'),
      name: few('Order Completed', 'prompt_usage', 'Web Vital', 'Viewed'),
      // Two days, and two events of one moment.
      ts: fc.integer({ min: 0, max: 12 }).map((step) => now - step * 4 * 3_600_000),
      anonymousId: few('a1', 'a2', 'a3'),
      userId: few('u1', 'u2', 'u3'),
      previousId: few('u1', 'u2', 'a1'),
      groupId: few('g1'),
      sessionId: few('s1', 's2'),
      page: fc.record({
        url: few('https://x.example/a', 'https://x.example/b?c'),
        referrer: few('https://y.example/'),
      }),
      properties: fc.record(
        {
          revenue: fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), few('1.10', 'much')),
          currency: few('EUR', 'eur', 'nonsense', ''),
          conversion: fc.oneof(fc.boolean(), few('Trial', '')),
          feature: few('chat', ''),
          metric: few('LCP', 'CLS'),
          value: fc.double({ noNaN: true, min: 0, max: 5_000 }),
          campaign: fc.record({ source: few('news'), name: few('spring', 'autumn') }),
          previousUrl: few('https://x.example/a'),
          plan: few('free', 'pro'),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['type', 'name', 'ts'] },
  )
  .map((fields) => someEvent({ anonymousId: undefined, sessionId: undefined, ...fields }))

/** The events, and a second way to tell of them: shuffled, and cut into queue rows. */
const told = fc.array(event, { minLength: 1, maxLength: 25 }).chain((events) =>
  fc.record({
    events: fc.constant(events),
    shuffled: fc.shuffledSubarray(events, { minLength: events.length }),
    cuts: fc.array(fc.integer({ min: 0, max: events.length }), { maxLength: 6 }),
    rows: fc.integer({ min: 1, max: 4 }),
  }),
)

/** Whoever may be told apart by it: which project it is in does not matter, which event does. */
async function property(
  ground: Ground,
  runs: number,
  process: (rows: number) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(told, async ({ events, shuffled, cuts, rows }) => {
      const [one, two] = [await addSender(ground), await addSender(ground)]
      await one.send(events)
      await drain(ground)
      const edges = [0, ...cuts.toSorted((a, b) => a - b), shuffled.length]
      for (let i = 1; i < edges.length; i++) {
        const part = shuffled.slice(edges[i - 1], edges[i])
        if (part.length > 0) await two.send(part)
      }
      await process(rows)
      const expected = await derived(ground, one.projectId)
      expect(await derived(ground, two.projectId)).toEqual(expected)
      for (const { projectId } of [one, two])
        expect(await recount(ground, { projectId })).toMatchObject({
          waiting: 0,
          events: events.length,
          differences: 0,
          rows: [],
        })
    }),
    { numRuns: runs },
  )
}

describe('processing on PGlite', () => {
  it('comes to the same, in whatever order and pieces events are told, and to what the raw events say', async () => {
    const db = await migratedPglite()
    const ground: Ground = {
      app: pglite(db),
      owner: pglite(db, { role: 'nunchi_owner' }),
      query: async (text) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[],
    }
    await property(ground, 8, (rows) => drain(ground, rows))
    await db.close()
  }, 60_000)
})

describePostgres('processing', (server) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createDatabase(server)
  })
  afterAll(() => db?.drop())

  it('comes to the same by four workers at once', async () => {
    const ground: Ground = {
      app: db.app,
      owner: db.owner,
      query: async (text) => [...(await db.sql.unsafe(text))],
    }
    await property(ground, 20, async (rows) => {
      await Promise.all([1, 2, 3, 4].map(() => drain(ground, rows)))
    })
  }, 60_000)

  it('looks events up by key, in the partitions of their ids alone', async () => {
    const ground: Ground = {
      app: db.app,
      owner: db.owner,
      query: async (text) => [...(await db.sql.unsafe(text))],
    }
    const sender = await addSender(ground)
    await sender.send(Array.from({ length: 500 }, () => someEvent()))
    await sender.send([someEvent({ id: '00000000-0000-7000-8000-000000000001' })])
    const client = db.connect(db.url, { max: 1 })
    const looks = async (): Promise<Map<string, { seq: number; idx: number }>> => {
      await client.unsafe('select pg_stat_force_next_flush()')
      const rows =
        await client.unsafe(`select relname::text as name, seq_scan::int as seq, idx_scan::int as idx
        from pg_stat_user_tables where relname like 'analytics_events_%'`)
      return new Map(rows.map(({ name, seq, idx }) => [name as string, { seq, idx }]))
    }
    const before = await looks()
    await client.unsafe(`select nunchi.process('{}')`)
    const after = await looks()
    const touched = [...after].filter(([name, row]) => row.idx !== before.get(name)?.idx)
    const month = new Date().toISOString().slice(0, 7).replace('-', '_')
    expect(touched.map(([name]) => name).toSorted()).toEqual([
      `analytics_events_${month}`,
      'analytics_events_default',
    ])
    for (const [name, row] of after) expect(row.seq, name).toBe(before.get(name)?.seq)
  })
})
