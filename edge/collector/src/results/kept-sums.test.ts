/** The sums that `nunchi.prepare_results` keeps: whatever happens and in whatever order, they are what the raw events say. */
import type { Event } from '@nunchi/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addShop, happened, type Shop } from '../../test/experiment-grounds.ts'
import { drain, type Ground, recount } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { recountMetric } from '../../test/recount-metric.ts'
import type { MetricDefinition } from './metric.ts'
import { metricPlan } from './metric-plan.ts'
import type { MetricSummary, VariantSummary } from './summary.ts'

const hour = 3_600_000
const day = 24 * hour
const order = { event: 'Order Completed' }
const revenue = { ...order, property: 'revenue' }
const start = Math.floor(Date.now() / hour) * hour - 10 * day

const metrics: { [key: string]: Omit<MetricDefinition, 'name'> } = {
  conversion: { kind: 'conversion', source: order },
  hours: { kind: 'conversion', source: order, windowHours: 30.5, adjust: true },
  count: { kind: 'count', source: { type: 'page' }, cap: 2 },
  sum: { kind: 'sum', source: revenue, cap: 60 },
  mean: { kind: 'mean', source: { ...revenue, where: { paid: true } } },
  ratio: { kind: 'ratio', numerator: revenue, denominator: { event: 'Product Added' } },
  retention: { kind: 'retention', day: 2 },
  funnel: { kind: 'funnel', steps: [{ event: 'Product Added' }, order, order] },
  reported: { kind: 'sum', source: { conversion: 'order', step: 'paid' } },
}
const median: Omit<MetricDefinition, 'name'> = { kind: 'quantile', source: revenue, quantile: 0.5 }

type Kept = MetricSummary & {
  prepared: boolean
  by?: { value: string | null; other?: true; variants: VariantSummary[] }[] | null
  days?: { day: string; variants: VariantSummary[] }[] | null
}

const planOf = (metric: Omit<MetricDefinition, 'name'>) => metricPlan({ name: 'm', ...metric })
const about = ({ projectId }: Shop) => ({
  projectId,
  environment: 'production',
  experiment: 'price',
  revision: 3,
})

async function prepare({ app }: Ground): Promise<void> {
  while ((await app.call<{ more: boolean }>('prepare_results', {})).more);
}

/** A shop that judges its experiment by these metrics. */
async function judgingShop(ground: Ground, of: typeof metrics): Promise<Shop> {
  const shop = await addShop(ground)
  for (const [key, metric] of Object.entries(of))
    await ground.owner.call('set_metric', {
      projectId: shop.projectId,
      key,
      definition: { name: key, ...metric },
    })
  return shop
}

/** Both answers with their floats rounded, as what is compared. */
const rounded = ({ variants, faults }: MetricSummary) => ({
  faults,
  variants: variants.map(({ means, covariance, ...rest }) => ({
    ...rest,
    means: (means ?? []).map((n) => expect.closeTo(n, 6)),
    covariance: (covariance ?? []).map((row) => row.map((n) => expect.closeTo(n ?? 0, 5))),
  })),
})
const plain = ({ variants, faults }: MetricSummary) => ({
  faults,
  variants: variants.map(({ means, covariance, ...rest }) => ({
    ...rest,
    means: means ?? [],
    covariance: (covariance ?? []).map((row) => row.map((n) => n ?? 0)),
  })),
})
const recounted = (...args: Parameters<typeof recountMetric>) =>
  recountMetric(...args).map(({ means, covariance, ...rest }) => ({
    ...rest,
    means: means.map((n) => expect.closeTo(n, 6)),
    covariance: covariance.map((row) => row.map((n) => expect.closeTo(n, 5))),
  }))
const numbers = (variants: VariantSummary[]) =>
  variants.map(({ variant, units, multiple, means = [], covariance = [] }) => ({
    variant,
    units,
    multiple,
    means,
    covariance: covariance.map((row) => row.map((n) => n ?? 0)),
  }))

const anonymous = fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5')
const user = fc.constantFrom('u1', 'u2', 'u3')
const deed = fc.record({
  who: fc.oneof(
    { weight: 5, arbitrary: fc.record({ anonymousId: anonymous }) },
    { weight: 2, arbitrary: fc.record({ anonymousId: anonymous, userId: user }) },
    { weight: 1, arbitrary: fc.record({ userId: user }) },
  ),
  after: fc.integer({ min: -18 * 24, max: 11 * 24 }),
  what: fc.constantFrom('Order Completed', 'Order Completed', 'Product Added', 'page', 'Conversion Tracked'),
  properties: fc.record(
    { revenue: fc.constantFrom(1, 12.5, 40, '7.25', 99.999999, null, 'free'), paid: fc.boolean() },
    { requiredKeys: [] },
  ),
})
const exposure = fc.record({
  unit: fc.oneof(
    { weight: 4, arbitrary: anonymous },
    { weight: 1, arbitrary: user },
    { weight: 1, arbitrary: fc.constantFrom('c1', 'c2') },
  ),
  by: anonymous,
  variant: fc.constantFrom('control', 'control', 'first'),
  after: fc.integer({ min: 0, max: 96 }),
})
const link = fc.record({ anonymousId: anonymous, userId: user, after: fc.integer({ min: -100, max: 100 }) })
const alias = fc.record({
  previousId: fc.oneof(user, anonymous),
  userId: user,
  after: fc.integer({ min: -100, max: 100 }),
})
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ deeds: fc.array(deed, { minLength: 1, maxLength: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ exposures: fc.array(exposure, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ link }) },
  { weight: 2, arbitrary: fc.record({ alias }) },
  { weight: 2, arbitrary: fc.constant({ take: true as const }) },
  { weight: 2, arbitrary: fc.constant({ prepare: true as const }) },
)
type Step = (typeof step extends fc.Arbitrary<infer S> ? S : never) & object

/** The events that a step sends. */
function eventsOf(shop: Shop, one: Step): Event[] {
  if ('deeds' in one)
    return one.deeds.map(({ who, after, what, properties }) =>
      happened(start + after * hour, {
        ...who,
        type: what === 'page' ? 'page' : 'track',
        name: what,
        properties: what === 'Conversion Tracked' ? { metric: 'order', step: 'paid', value: 3 } : properties,
      }),
    )
  if ('exposures' in one)
    return one.exposures.map(({ unit, by, variant, after }) => {
      if (unit.startsWith('c'))
        return shop.seen(unit, variant, start + after * hour, { attribute: 'company', anonymousId: by })
      const attribute = unit.startsWith('u') ? 'userId' : 'anonymousId'
      return shop.seen(unit, variant, start + after * hour, { attribute })
    })
  if ('link' in one)
    return [
      happened(start + one.link.after * hour, {
        ...one.link,
        type: 'identify',
        name: 'identify',
        properties: {},
      }),
    ]
  if ('alias' in one)
    return [
      happened(start + one.alias.after * hour, {
        ...one.alias,
        type: 'alias',
        name: 'alias',
        properties: {},
      }),
    ]
  return []
}

describeGrounds('kept sums', (ground, rows) => {
  const summarize = (shop: Shop, metric: Omit<MetricDefinition, 'name'>, more: object = {}) =>
    ground.owner.call<Kept>('summarize', { ...about(shop), plan: planOf(metric), ...more })
  const raw = (shop: Shop, metric: Omit<MetricDefinition, 'name'>) =>
    ground.owner.call<MetricSummary>('summarize_raw', { ...about(shop), plan: planOf(metric) })

  it('are what a recount from the raw events gives, at the end of every day too, whatever came and when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const shop = await judgingShop(ground, { ...metrics, median })
        const events: Event[] = []
        for (const one of steps) {
          const sent = eventsOf(shop, one)
          if (sent.length > 0) await shop.send(sent)
          events.push(...sent)
          if ('take' in one) await drain(ground, 2)
          if ('prepare' in one) await prepare(ground)
        }
        await drain(ground)
        await prepare(ground)
        for (const [key, metric] of Object.entries({ ...metrics, median })) {
          const found = await summarize(shop, metric, { series: 'day' })
          expect(found.prepared, key).toBe(true)
          expect(plain(found), key).toEqual(rounded(await raw(shop, metric)))
          if (key === 'median' || key === 'reported' || key === 'mean') continue
          expect(numbers(found.variants), key).toEqual(recounted(events, planOf(metric), Date.now()))
          for (const { day: of, variants } of found.days ?? []) {
            // A window that closes at midnight closes on the next day.
            const end = Math.min(Date.parse(of) + day - 1, Date.now())
            const then = recounted(events, planOf(metric), end, end)
            const known = new Set(then.map(({ variant }) => variant))
            expect(
              numbers(variants).filter(({ variant }) => known.has(variant)),
              `${key} ${of}`,
            ).toEqual(then)
          }
        }
      }),
      { numRuns: 4, endOnFailure: true },
    )
  })

  it('take a metric as its definition says, like metricPlan() does', async () => {
    const definition = (of: Omit<MetricDefinition, 'name'>): MetricDefinition => ({ name: 'm', ...of })
    const others: Omit<MetricDefinition, 'name'>[] = [
      { kind: 'count', source: order, adjust: false },
      { kind: 'retention', day: 7 },
      { kind: 'quantile', source: revenue },
      { kind: 'conversion', source: { type: 'page' }, windowHours: 0.1 },
    ]
    for (const metric of [...Object.values(metrics), median, ...others].map(definition)) {
      const [made] = await ground.query(
        `select nunchi.metric_plan('${JSON.stringify(metric)}') = '${JSON.stringify(metricPlan(metric))}' as same`,
      )
      expect(made, JSON.stringify(metric)).toEqual({ same: true })
    }
  })

  it('count for a metric that is made later what every device of a person did', async () => {
    const shop = await judgingShop(ground, { conversion: metrics['conversion']! })
    const did = (anonymousId: string, name: string, more: object = {}) =>
      happened(start + hour, { anonymousId, name, ...more })
    await shop.send(['b1', 'b2', 'b3'].map((unit) => shop.seen(unit, 'first', start)))
    await shop.send([
      ...['b1', 'b2'].map((unit) => did(unit, 'identify', { type: 'identify', userId: 'u7' })),
      ...['b1', 'b2', 'b2', 'b3'].map((unit) => did(unit, order.event)),
    ])
    await drain(ground)
    await prepare(ground)
    const count = { kind: 'count', source: order } as const
    await ground.owner.call('set_metric', {
      projectId: shop.projectId,
      key: 'count',
      definition: { name: 'count', ...count },
    })
    await prepare(ground)
    expect(await summarize(shop, count)).toMatchObject({
      prepared: true,
      variants: [{ units: 3, sums: ['4', '0'] }],
    })
  })

  it('draw no day that is still to come, though a clock is years ahead', async () => {
    const shop = await judgingShop(ground, { conversion: metrics['conversion']! })
    const ahead = Date.now() + 5 * 365 * day
    await shop.send([
      shop.seen('c1', 'control', start),
      shop.seen('c2', 'first', start),
      shop.seen('c3', 'first', ahead),
    ])
    await drain(ground)
    await prepare(ground)
    const { days, variants } = (await summarize(shop, metrics['conversion']!, { series: 'day' })) as Kept
    expect(days!.length).toBeLessThan(14)
    expect(days!.at(-1)!.variants).toMatchObject(variants.map(({ variant, units }) => ({ variant, units })))
  })

  it('follow an erasure, an end of counting and a changed metric, and apart by country add up to the whole', async () => {
    const shop = await judgingShop(ground, { conversion: metrics['conversion']!, sum: metrics['sum']! })
    const buys = (who: object, at: number, amount: number) =>
      happened(start + at, { ...who, name: order.event, properties: { revenue: amount } })
    const units = ['a1', 'a2', 'a3', 'a4']
    await shop.send(
      units.slice(0, 3).map((unit, i) => shop.seen(unit, i % 2 ? 'first' : 'control', start)),
      {
        context: { country: 'KR' },
      },
    )
    await shop.send([shop.seen('a4', 'first', start + hour)], { context: { country: 'US' } })
    await shop.send([
      ...units.map((anonymousId, i) => buys({ anonymousId }, (i + 2) * hour, 10 * (i + 1))),
      buys({ anonymousId: 'a9', userId: 'u1' }, 5 * day, 7),
      happened(start + day, {
        type: 'identify',
        name: 'identify',
        anonymousId: 'a1',
        userId: 'u1',
        properties: { plan: 'pro' },
      }),
    ])
    await drain(ground)
    const sum = metrics['sum']!
    expect((await summarize(shop, sum, { dimension: 'country' })).prepared, 'nothing is kept yet').toBe(false)
    await prepare(ground)
    const found = await summarize(shop, sum, { dimension: 'country' })
    expect(found.by).toMatchObject([
      {
        value: 'KR',
        variants: [
          { variant: 'control', units: 2, sums: ['40', '0'] },
          { variant: 'first', units: 1 },
        ],
      },
      { value: 'US', variants: [{ variant: 'first', units: 1, sums: ['40', '0'] }] },
    ])
    expect((await summarize(shop, sum, { dimension: 'trait', trait: 'plan' })).by).toMatchObject([
      { value: null, variants: [{ units: 1 }, { units: 2 }] },
      { value: 'pro', variants: [{ variant: 'control', units: 1 }] },
    ])
    expect(await summarize(shop, sum, { dimension: 'tags' })).toEqual({ error: 'dimension_unknown' })
    expect(await summarize(shop, sum, { series: 'hour' })).toEqual({ error: 'series_unknown' })

    for (let done = false; !done; )
      done = (
        await ground.owner.call<{ done: boolean }>('erase_person', { projectId: shop.projectId, id: 'a1' })
      ).done
    const without = await summarize(shop, sum)
    expect(without).toMatchObject({
      prepared: true,
      variants: [{ units: 1, sums: ['30', '0'] }, { units: 2 }],
    })
    expect(plain(without)).toEqual(rounded(await raw(shop, sum)))
    for (const table of ['metric_facts', 'result_units', 'result_touches'])
      expect(
        await rows(
          shop.projectId,
          `select 1 from nunchi.${table} t where project_id = $p and t::text ~ '[,(](a1|u1)[,)]'`,
        ),
        table,
      ).toEqual([])

    await ground.query(
      `update nunchi.experiments set ended_at = to_timestamp(${(start + 4.5 * hour) / 1000}) where project_id = '${shop.projectId}'`,
    )
    const until = start + 4.5 * hour
    expect(await summarize(shop, sum, { until })).toMatchObject({
      prepared: true,
      variants: [{ sums: ['30', '0'] }, { sums: ['20', '0'] }],
    })
    await ground.query(`update nunchi.experiments set ended_at = null where project_id = '${shop.projectId}'`)
    expect(await summarize(shop, sum)).toMatchObject({
      prepared: true,
      variants: [{ sums: ['30', '0'] }, { sums: ['60', '0'] }],
    })

    const changed = { ...sum, cap: 25 }
    await ground.owner.call('set_metric', {
      projectId: shop.projectId,
      key: 'sum',
      definition: { name: 'sum', ...changed },
    })
    expect((await summarize(shop, changed)).prepared).toBe(false)
    await prepare(ground)
    expect(await summarize(shop, changed)).toMatchObject({
      prepared: true,
      variants: [{ sums: ['25', '0'] }, { sums: ['45', '0'] }],
    })
    expect((await summarize(shop, sum)).prepared, 'what no metric asks for goes').toBe(false)

    await ground.query(
      `update nunchi.result_sums set y = y + 1 where project_id = '${shop.projectId}' and metric <> 0 and variant = 'first'`,
    )
    const wrong = await recount(ground, { projectId: shop.projectId })
    expect(wrong.rows.map(({ area }) => area)).toContain('result_sums')
    await recount(ground, { projectId: shop.projectId, repair: true })
    await prepare(ground)
    expect((await recount(ground, { projectId: shop.projectId })).rows).toEqual([])
  })

  it('say how far they reach where more changed than a question takes in', async () => {
    const shop = await judgingShop(ground, { conversion: metrics['conversion']! })
    await shop.send([shop.seen('a1', 'control', start)])
    await drain(ground)
    await prepare(ground)
    await ground.query(
      `insert into nunchi.result_touches (project_id, environment, anonymous_id, who)
        select '${shop.projectId}', 'production', 'x' || n, false from generate_series(1, 9000) n`,
    )
    await shop.send([happened(start + hour, { anonymousId: 'a1', name: order.event })])
    await drain(ground)
    const conversion = metrics['conversion']!
    const early = await summarize(shop, conversion)
    expect(early).toMatchObject({
      prepared: true,
      asOf: expect.any(Number),
      variants: [{ sums: ['0', '0'] }],
    })
    await prepare(ground)
    const late = await summarize(shop, conversion)
    expect(late).toMatchObject({ prepared: true, variants: [{ sums: ['1', '0'] }] })
    expect(late).not.toHaveProperty('asOf')
  })
})
