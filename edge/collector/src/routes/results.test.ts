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
  await world.send(events)
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
