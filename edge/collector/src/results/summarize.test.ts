/** `nunchi.summarize` on PGlite and on every Postgres: what it counts, and that a recount from raw events agrees. */

import type { Event } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addShop, happened } from '../../test/experiment-grounds.ts'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { createDatabase, describePostgres } from '../../test/postgres.ts'
import { drain, type Ground } from '../../test/processing.ts'
import { recountMetric } from '../../test/recount-metric.ts'
import { pglite } from '../storage/pglite.ts'
import type { MetricDefinition } from './metric.ts'
import { metricPlan } from './metric-plan.ts'

const hour = 3_600_000
const day = 24 * hour
const order = { event: 'Order Completed' }
const revenue = { ...order, property: 'revenue' }

const metrics: { [name: string]: Omit<MetricDefinition, 'name'> } = {
  conversion: { kind: 'conversion', source: order },
  'conversion within a day': { kind: 'conversion', source: order, windowHours: 24 },
  count: { kind: 'count', source: { type: 'page' }, cap: 2 },
  sum: { kind: 'sum', source: revenue, cap: 60 },
  mean: { kind: 'mean', source: revenue },
  ratio: { kind: 'ratio', numerator: revenue, denominator: { event: 'Product Added' } },
  retention: { kind: 'retention', day: 2 },
  funnel: { kind: 'funnel', steps: [{ event: 'Product Added' }, order, order] },
}

interface Summary {
  variants: {
    variant: string
    units: number
    multiple: number
    sums?: string[]
    means?: number[]
    covariance?: number[][]
    order?: { low: number | null; high: number | null; value: number }
  }[]
  faults: { events: number; example: string | null }
}

type Opened = Ground & { close(): Promise<unknown> }

function suite(open: () => Promise<Opened>, runs: number): void {
  let ground: Opened
  beforeAll(async () => {
    ground = await open()
  }, 60_000)
  afterAll(() => ground?.close())

  const summarize = (projectId: string, metric: Omit<MetricDefinition, 'name'>, more: object = {}) =>
    ground.owner.call<Summary>('summarize', {
      projectId,
      environment: 'production',
      experiment: 'price',
      revision: 3,
      plan: metricPlan({ name: 'm', ...metric }),
      ...more,
    })
  const start = Math.floor(Date.now() / hour) * hour - 10 * day

  it('of an experiment that nobody saw, there is nothing', async () => {
    const { projectId } = await addShop(ground)
    expect(await summarize(projectId, metrics['sum']!)).toEqual({
      prepared: false,
      variants: [],
      faults: { events: 0, example: null },
    })
  })

  it('counts what came after the exposure, and apart from it what came in the fourteen days before', async () => {
    const { projectId, send, seen } = await addShop(ground)
    const buys = (unit: string, at: number, amount: unknown) =>
      happened(start + at, {
        ...order,
        name: order.event,
        anonymousId: unit,
        properties: { revenue: amount },
      })
    await send([
      seen('a', 'control', start),
      seen('b', 'control', start),
      seen('c', 'first', start),
      seen('d', 'first', start),
      seen('d', 'control', start + hour),
      buys('a', 1, 10),
      buys('a', hour, '2.5'),
      buys('a', -day, 4),
      buys('a', -15 * day, 1000),
      buys('b', -1, 7),
      buys('d', hour, 1000),
      buys('e', hour, 1000),
    ])
    await send([buys('c', hour, 1000)], { context: { bot: true } })
    await drain(ground)
    const { variants } = await summarize(projectId, metrics['mean']!)
    expect(variants).toMatchObject([
      { variant: 'control', units: 2, multiple: 0, sums: ['12.5', '2'], means: [6.25, 1, 5.5, 1] },
      { variant: 'first', units: 1, multiple: 1, means: [0, 0, 0, 0] },
    ])
    expect(variants[0]!.covariance![0]![0]).toBeCloseTo(78.125, 10)
    expect(variants[0]!.covariance![0]![2]).toBeCloseTo(-18.75, 10)
  })

  it('takes the value of a reported conversion, and only that of its step', async () => {
    const { projectId, send, seen } = await addShop(ground)
    const reports = (at: number, properties: object) =>
      happened(start + at, { name: 'Conversion Tracked', anonymousId: 'a', properties })
    await send([
      seen('a', 'control', start),
      reports(1, { metric: 'order', step: 'paid', value: 9 }),
      reports(2, { metric: 'order', step: 'paid' }),
      reports(3, { metric: 'order', step: 'seen', value: 5 }),
      reports(4, { metric: 'other', step: 'paid', value: 7 }),
    ])
    await drain(ground)
    const source = { conversion: 'order', step: 'paid' }
    const of = async (metric: Omit<MetricDefinition, 'name'>) =>
      (await summarize(projectId, metric)).variants[0]
    expect(await of({ kind: 'sum', source })).toMatchObject({ means: [9, 0, 0, 0] })
    expect(await of({ kind: 'count', source })).toMatchObject({ means: [2, 0, 0, 0] })
    expect(await of({ kind: 'mean', source })).toMatchObject({ means: [9, 1, 0, 0] })
  })

  it('names a text where the number should be', async () => {
    const { projectId, send, seen } = await addShop(ground)
    const buys = (amount: unknown) =>
      happened(start + 1, { name: order.event, anonymousId: 'a', properties: { revenue: amount } })
    await send([seen('a', 'control', start), buys(3), buys('free'), buys(null), buys({ a: 1 })])
    await drain(ground)
    const { faults, variants } = await summarize(projectId, metrics['sum']!)
    expect(faults).toEqual({ events: 2, example: expect.stringMatching(/free|a/), byVariant: { control: 2 } })
    expect(variants).toMatchObject([{ means: [3, 0, 0, 0] }])
    // Once, though a mean asks each event for its number and whether it has one.
    expect(await summarize(projectId, { ...metrics['sum']!, kind: 'mean' })).toMatchObject({
      faults: { events: 2 },
    })
  })

  it('gives a quantile with its neighbours by rank', async () => {
    const { projectId, send, seen } = await addShop(ground)
    const visitors = Array.from({ length: 100 }, (_, i) => `v${i}`)
    await send(visitors.map((unit) => seen(unit, 'control', start)))
    await send(
      visitors.map((unit, i) =>
        happened(start + 1, { name: order.event, anonymousId: unit, properties: { revenue: i + 1 } }),
      ),
    )
    await drain(ground)
    const { variants } = await summarize(projectId, { kind: 'quantile', source: revenue, quantile: 0.5 })
    // 50 ± 1.96·5: ranks 40 and 60.
    expect(variants).toMatchObject([{ units: 100, order: { low: 40, high: 60, value: 50.5 } }])
  })

  const someone = fc.record({
    anonymousId: fc.option(fc.constantFrom('a1', 'a2', 'a3', 'a4'), { nil: undefined, freq: 6 }),
    userId: fc.option(fc.constantFrom('u1', 'u2'), { nil: undefined, freq: 1 }),
  })
  const deed = fc.record({
    who: someone.filter(({ anonymousId, userId }) => (anonymousId ?? userId) !== undefined),
    after: fc.integer({ min: -20 * 24, max: 9 * 24 }),
    what: fc.constantFrom('Order Completed', 'Product Added', 'page', 'Order Completed'),
    revenue: fc.constantFrom(1, 12.5, 40, '7.25', 99.999999, null, undefined),
  })
  const exposure = fc.record({
    unit: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'u1'),
    variant: fc.constantFrom('control', 'first'),
    after: fc.integer({ min: 0, max: 96 }),
    clock: fc.boolean(),
  })

  it('agrees with a recount from the raw events, whatever they are and whoever did it', async () => {
    const world = fc.tuple(
      fc.array(exposure, { minLength: 1, maxLength: 8 }),
      fc.array(deed, { maxLength: 30 }),
    )
    await fc.assert(
      fc.asyncProperty(world, async ([exposures, deeds]) => {
        const { projectId, send, seen } = await addShop(ground)
        const attribute = (unit: string) => (unit.startsWith('u') ? 'userId' : 'anonymousId')
        const events: Event[] = [
          ...exposures.map(({ unit, variant, after }) =>
            seen(unit, variant, start + after * hour, { attribute: attribute(unit) }),
          ),
          ...deeds.map(({ who, after, what, revenue }) =>
            happened(start + after * hour, {
              ...who,
              type: what === 'page' ? 'page' : 'track',
              name: what,
              ...(revenue === undefined ? {} : { properties: { revenue } }),
            }),
          ),
        ]
        await send(events)
        await drain(ground)
        const until = start + 8 * day
        for (const [name, metric] of Object.entries(metrics)) {
          const { variants } = await summarize(projectId, metric, { until })
          const expected = recountMetric(events, metricPlan({ name, ...metric }), until)
          const close = (n: number | null) => expect.closeTo(n ?? 0, 6)
          expect(
            variants.map(({ sums, order, means, covariance, ...rest }) => ({
              ...rest,
              means: means ?? [],
              covariance: (covariance ?? []).map((row) => row.map((n) => n ?? 0)),
            })),
            name,
          ).toEqual(
            expected.map(({ means, covariance, ...rest }) => ({
              ...rest,
              means: means.map(close),
              covariance: covariance.map((row) => row.map(close)),
            })),
          )
        }
      }),
      { numRuns: runs },
    )
  })
}

describe('summarize, on PGlite', () => {
  suite(async () => {
    const db = await migratedPglite()
    return {
      app: pglite(db),
      owner: pglite(db, { role: 'nunchi_owner' }),
      query: async (text) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[],
      close: () => db.close(),
    }
  }, 12)
})

describePostgres('summarize', (server) => {
  suite(async () => {
    const { app, owner, sql, drop } = await createDatabase(server)
    return { app, owner, query: async (text) => [...(await sql.unsafe(text))], close: drop }
  }, 5)

  it('opens the months in question by their index, and no other', async () => {
    const db = await createDatabase(server)
    try {
      const ground = {
        app: db.app,
        owner: db.owner,
        query: async (text: string) => [...(await db.sql.unsafe(text))],
      }
      await db.app.call('make_partitions', { months: 6 })
      const { projectId, send, seen } = await addShop(ground)
      const now = Date.now()
      await send([seen('a', 'control', now - hour)])
      await send(
        Array.from({ length: 400 }, (_, i) =>
          happened(now - 1000 - i, { name: i % 4 ? 'Product Added' : order.event, anonymousId: 'a' }),
        ),
      )
      await drain(ground)
      await db.sql.unsafe('analyze nunchi.analytics_events')
      const scans = async () => {
        await db.sql.unsafe('select pg_stat_force_next_flush()')
        await db.sql.unsafe('select pg_stat_clear_snapshot()')
        return new Map(
          (
            await db.sql.unsafe(`select t.relname, t.seq_scan::int as seq, sum(coalesce(i.idx_scan, 0))::int as idx
              from pg_stat_all_tables t left join pg_stat_all_indexes i on i.relid = t.relid and i.indexrelname ~ 'pkey'
              where t.schemaname = 'nunchi' and t.relname like 'analytics_events%' group by 1, 2`)
          ).map((row) => [row['relname'] as string, row as unknown as { seq: number; idx: number }]),
        )
      }
      const one = db.connect(db.url, { max: 1 })
      const before = await scans()
      const args = { projectId, environment: 'production', experiment: 'price', revision: 3 }
      const plan = metricPlan({ name: 'm', kind: 'conversion', source: order })
      const [row] = await one.unsafe('select nunchi.summarize($1::text::jsonb) as told', [
        JSON.stringify({ ...args, plan }),
      ])
      expect((row!['told'] as Summary).variants).toMatchObject([{ units: 1, means: [1, 0, 0, 0] }])
      await one.unsafe('select pg_stat_force_next_flush()')
      await one.end()
      const after = await scans()
      const grown = (key: 'seq' | 'idx') =>
        [...after].filter(([name, now]) => now[key] > (before.get(name)?.[key] ?? 0)).map(([name]) => name)
      expect(grown('seq')).toEqual([])
      const month = (ms: number) =>
        `analytics_events_${new Date(ms).toISOString().slice(0, 7).replace('-', '_')}`
      expect(grown('idx')).toContain(month(now))
      expect(grown('idx')).not.toContain(month(now + 60 * day))
      expect(after.has(month(now + 60 * day))).toBe(true)
    } finally {
      await db.drop()
    }
  })
})
