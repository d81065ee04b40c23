/** `GET /v1/experiments/:key/results`, from exposures and events that came over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { happened, priceExperiment } from '../../test/experiment-grounds.ts'
import { type OverviewWorld, overviewWorld } from '../../test/overview-world.ts'
import { problemOf } from '../../test/rig.ts'
import { ownerGateway } from '../manage/gateway.ts'
import { publishChange } from '../manage/publisher.ts'
import type { ExperimentResults } from '../results/experiment-results.ts'
import { pglite } from '../storage/pglite.ts'

let world: OverviewWorld
let key: string
/** Experiments in which something is wrong. */
const odd = ['alone', 'weightless', 'stranger', 'single', 'nobody', 'everybody', 'huge']
const at = 'https://collector.example/v1/experiments'
const ask = (path: string, bearer = key, headers = {}) =>
  world.collector.fetch(
    new Request(`${at}${path}`, { headers: { authorization: `Bearer ${bearer}`, ...headers } }),
  )
const results = async (path: string) => (await (await ask(path)).json()) as ExperimentResults

beforeAll(async () => {
  world = await overviewWorld()
  key = await world.addKey('srv', ['results:read'])
  const owner = pglite(world.db, { role: 'nunchi_owner' })
  const [project] = await owner.call<{ projectId: string }[]>('list_projects', {})
  const whose = { projectId: project!.projectId, environment: 'production' }
  const { version } = await publishChange(ownerGateway(owner, whose, 'test'), () => ({
    definition: {
      flags: {},
      experiments: {
        price: priceExperiment,
        empty: priceExperiment,
        later: { ...priceExperiment, status: 'draft' },
        ...Object.fromEntries(odd.map((name) => [name, priceExperiment])),
      },
    },
    reason: 'test',
    subject: 'config',
    before: null,
    after: null,
  }))
  const set = (metric: string, definition: object) =>
    owner.call('set_metric', { projectId: whose.projectId, key: metric, definition })
  const source = { event: 'Order Completed', type: 'track' }
  await set('orders', { name: 'Orders', kind: 'conversion', source })
  await set('revenue', {
    name: 'Revenue',
    kind: 'sum',
    source: { ...source, property: 'revenue' },
    role: 'secondary',
  })
  await set('notes', {
    name: 'Notes',
    kind: 'sum',
    source: { ...source, property: 'note' },
    role: 'secondary',
  })
  const start = Date.now() - 3_600_000
  const events = Array.from({ length: 200 }, (_, i) => {
    const [unit, variant] = [`v${i}`, i % 2 ? 'first' : 'control']
    const buys = variant === 'first' ? i % 10 < 6 : i % 10 < 2
    const properties = {
      experiment: 'price',
      variant,
      revision: 3,
      configVersion: version,
      attribute: 'anonymousId',
      unit,
    }
    const order = { name: 'Order Completed', properties: { revenue: 10 + (i % 7), note: i % 3 ? 5 : 'gift' } }
    return [
      happened(start, { name: 'Experiment Viewed', anonymousId: unit, properties }),
      ...(buys ? [happened(start + 1000, { ...order, anonymousId: unit })] : []),
    ]
  }).flat()
  const seen = (experiment: string, unit: string, variant: string) => {
    const properties = {
      experiment,
      variant,
      revision: 3,
      configVersion: version,
      attribute: 'anonymousId',
      unit,
    }
    return happened(start, { name: 'Experiment Viewed', anonymousId: unit, properties })
  }
  const buys = (unit: string, revenue: number | string) =>
    happened(start + 1000, { name: 'Order Completed', anonymousId: unit, properties: { revenue } })
  const pairs = (experiment: string, units: number) =>
    Array.from({ length: units }, (_, i) => [`${experiment}${i}`, i % 2 ? 'first' : 'control'] as const)
  await world.send([
    ...events,
    ...odd.flatMap((experiment) =>
      pairs(experiment, experiment === 'single' ? 2 : 20).map(([unit, variant]) =>
        seen(experiment, unit, variant),
      ),
    ),
    ...pairs('everybody', 20).map(([unit]) => buys(unit, 5)),
    ...pairs('huge', 20).map(([unit], i) => buys(unit, i === 7 ? 1e300 : 999_999_999_999_999)),
  ])
  // What no config that was published could say, but a database that somebody wrote into can.
  const became = (experiment: string, variants: object[]) =>
    world.db.query(
      `update nunchi.config_versions
       set definition = jsonb_set(definition, array['experiments', $1, 'variants'], $2::text::jsonb)`,
      [experiment, JSON.stringify(variants)],
    )
  const [control, first] = priceExperiment!.variants as [object, object]
  await became('alone', [control])
  await became('weightless', [{ ...control, weight: -1 }, first])
  await became('stranger', [control, { ...first, key: 'second' }])
}, 60_000)
afterAll(() => world?.close())

describe('the results of an experiment', () => {
  it('are for server keys with results:read, and never for a browser', async () => {
    const other = await world.addKey('srv', ['config:read'])
    expect(await problemOf(await ask('/price/results', other))).toMatchObject({
      status: 403,
      code: 'key_not_allowed',
    })
    expect(await problemOf(await ask('/price/results', world.keys.pub))).toMatchObject({ status: 403 })
    expect(await problemOf(await ask('/price/results', key, { origin: 'https://a.example' }))).toMatchObject({
      code: 'key_in_browser',
    })
  })

  it('are of the key’s own project, whatever experiment it names', async () => {
    const foreign = await world.addKey('srv', ['results:read'], 'another shop')
    expect(await problemOf(await ask('/price/results', foreign))).toMatchObject({ status: 404 })
    const app = pglite(world.db)
    for (const fn of ['results_frame_by_key', 'summarize_by_key'])
      expect(await app.call(fn, { keyHash: 'f'.repeat(64), experiment: 'price' })).toEqual({
        error: 'key_unknown',
      })
  })

  it('say health first, then each metric, then what to do, of what was really counted', async () => {
    const found = await results('/price/results')
    expect(found).toMatchObject({
      revision: 3,
      status: 'running',
      health: { sampleRatio: { broken: false, variants: [{ units: 100 }, { units: 100 }] }, multiple: 0 },
      look: { mode: 'always valid' },
      verdicts: [{ variant: 'first', verdict: 'ship' }],
    })
    expect(found.look.note.en).toContain('as often as you like')
    expect(found.verdicts[0]!.reason).toMatchObject({
      en: expect.stringMatching(/"Orders" is clearly better.*\+200\.0 %.*p = /),
      ko: expect.stringContaining('"Orders"'),
    })
    const [notes, orders, revenue] = found.metrics
    expect(orders).toMatchObject({ key: 'orders', variants: [{ control: 0.2, value: 0.6, says: 'better' }] })
    expect(revenue!.variants[0]).toMatchObject({ units: 100, method: 'welch' })
    expect(notes).toMatchObject({ key: 'notes', variants: [{ noResult: { code: 'not-a-number' } }] })
  })

  it('have a reason where there is nothing, and never fail', async () => {
    expect(await results('/empty/results')).toMatchObject({
      noResult: { code: 'no-exposures' },
      verdicts: [],
    })
    expect(await results('/later/results')).toMatchObject({ noResult: { code: 'never-ran' } })
    expect(await results('/price/results?revision=9')).toMatchObject({
      noResult: { code: 'unknown-revision' },
    })
    expect(await results('/price/results?revision=x')).toMatchObject({
      noResult: { code: 'unknown-revision' },
    })
    expect(await problemOf(await ask('/nothing/results'))).toMatchObject({
      status: 404,
      code: 'config_not_found',
    })
  })
})

describe('what is wrong with an experiment is in its results by name, and never a failure', () => {
  const of = async (experiment: string, query = '') => {
    const response = await ask(`/${experiment}/results${query}`)
    expect(response.status).toBe(200)
    const found = (await response.json()) as ExperimentResults
    const metric = (name: string) => found.metrics.find((one) => one.key === name)?.variants[0]
    return { found, metric }
  }

  it('one variant', async () => {
    expect((await of('alone')).found).toMatchObject({ noResult: { code: 'one-variant' }, verdicts: [] })
  })

  it('a negative weight: the shares cannot be tested, the metrics can', async () => {
    const { found, metric } = await of('weightless')
    expect(found.health).toMatchObject({
      sampleRatio: null,
      noResult: { code: 'bad-weights', because: '-1, 500000', reason: { ko: expect.any(String) } },
    })
    expect(metric('orders')).toMatchObject({ noResult: { because: 'no-conversions' } })
  })

  it('a variant in the data that is not in the config', async () => {
    const { found, metric } = await of('stranger')
    expect(found.health.unknownVariants).toMatchObject([{ variant: 'first', units: 10 }])
    expect(metric('orders')).toMatchObject({ variant: 'second', noResult: { because: 'no-units' } })
  })

  it('one unit a variant', async () => {
    const { metric } = await of('single')
    expect(metric('orders')).toMatchObject({ noResult: { because: 'no-conversions' } })
    expect(metric('revenue')).toMatchObject({ noResult: { because: 'too-few-units' } })
  })

  it('nobody converted, everybody converted', async () => {
    expect((await of('nobody')).metric('orders')).toMatchObject({ noResult: { because: 'no-conversions' } })
    const { metric, found } = await of('everybody')
    expect(metric('orders')).toMatchObject({ noResult: { because: 'no-variance' } })
    expect(metric('revenue')).toMatchObject({ noResult: { because: 'no-variance' } })
    expect(found.verdicts[0]).toMatchObject({
      verdict: 'keep running',
      reason: {
        en: expect.stringContaining('"Orders" cannot be read: every unit'),
      },
    })
  })

  it('numbers too large to add up', async () => {
    const { found, metric } = await of('huge')
    expect(metric('revenue')).toMatchObject({
      noResult: { code: 'not-a-number', reason: { en: expect.stringContaining('beyond 10¹⁵') } },
    })
    expect(JSON.stringify(found)).not.toContain('NaN')
  })

  it('a key that nothing can have', async () => {
    expect(await problemOf(await ask('/a%00b/results'))).toMatchObject({
      status: 404,
      code: 'config_not_found',
    })
  })

  it('a question that there is not: what there is', async () => {
    for (const query of ['?dimension=mood', '?series=hour', '?stratify=x', '?correction=none'])
      expect(await problemOf(await ask(`/price/results${query}`))).toMatchObject({
        status: 400,
        code: 'query_invalid',
      })
  })
})

describe('results apart', () => {
  const query = '/price/results?dimension=browser&series=day&stratify=country'
  const orders = async () => (await results(query)).metrics.find(({ key: name }) => name === 'orders')!

  it('say that they are being prepared, until they are', async () => {
    const { byDimension, series, stratifiedBy } = await orders()
    expect(byDimension).toMatchObject({ noResult: { code: 'being-prepared' } })
    expect(series).toMatchObject({ noResult: { code: 'being-prepared' } })
    expect(stratifiedBy).toBeNull()
  })

  it('are by a dimension, by day, and combined over strata', async () => {
    const owner = pglite(world.db, { role: 'nunchi_owner' })
    while ((await owner.call<{ more: boolean }>('prepare_results', {})).more);
    const { byDimension, series, stratifiedBy, variants } = await orders()
    expect(byDimension).toMatchObject({
      dimension: 'browser',
      segments: [{ value: 'Firefox', variants: [{ units: 100, control: 0.2, value: 0.6, says: 'better' }] }],
    })
    expect(series).toMatchObject({ days: [{ variants: [{ units: 100, value: 0.6 }] }] })
    expect(stratifiedBy).toBe('country')
    expect(variants[0]).toMatchObject({ method: 'welch', control: 0.2, value: 0.6 })
  })
})
