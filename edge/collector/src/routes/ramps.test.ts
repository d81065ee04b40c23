/** `/v1/flags/:key/ramp` and `/v1/experiments/:key/ramp`, from starting to `POST /v1/jobs/run`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { priceExperiment } from '../../test/experiment-grounds.ts'
import { type OverviewWorld, overviewWorld } from '../../test/overview-world.ts'
import { checkout } from '../../test/ramp-world.ts'
import { problemOf } from '../../test/rig.ts'
import { ownerGateway } from '../manage/gateway.ts'
import { publishChange } from '../manage/publisher.ts'
import { pglite } from '../storage/pglite.ts'

let world: OverviewWorld
let keys: { write: string; read: string; foreign: string }
const ask = (method: string, path: string, body?: object | string, bearer = keys.write, headers = {}) =>
  world.collector.fetch(
    new Request(`https://collector.example/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
const plan = {
  steps: [{ share: 100_000 }, { share: 1_000_000 }],
  guardrails: [{ metric: 'orders', margin: 0.01 }],
}

beforeAll(async () => {
  world = await overviewWorld()
  keys = {
    write: await world.addKey('srv', ['config:write', 'config:read', 'jobs:run']),
    read: await world.addKey('srv', ['config:read']),
    foreign: await world.addKey('srv', ['config:read', 'config:write'], 'another shop'),
  }
  const owner = pglite(world.db, { role: 'nunchi_owner' })
  const [project] = await owner.call<{ projectId: string }[]>('list_projects', {})
  const { projectId } = project!
  const price = { ...priceExperiment, coverage: 50_000 }
  await publishChange(ownerGateway(owner, { projectId, environment: 'production' }, 'test'), () => ({
    definition: { flags: { checkout }, experiments: { price } },
    ...{ reason: 'test', subject: 'config', before: null, after: null },
  }))
  const source = { event: 'Order Completed' }
  await owner.call('set_metric', {
    projectId,
    key: 'orders',
    definition: { name: 'Orders', kind: 'conversion', source },
  })
  const slow = { name: 'Slow', kind: 'quantile', source: { ...source, property: 'ms' }, quantile: 0.9 }
  await owner.call('set_metric', { projectId, key: 'slow', definition: slow })
}, 60_000)
afterAll(() => world?.close())

describe('a ramp over HTTP', () => {
  it('is for server keys: config:write begins and ends it, config:read looks', async () => {
    expect(await problemOf(await ask('PUT', '/flags/checkout/ramp', plan, keys.read))).toMatchObject({
      code: 'key_not_allowed',
    })
    expect(
      await problemOf(await ask('GET', '/flags/checkout/ramp', undefined, world.keys.pub)),
    ).toMatchObject({
      status: 403,
    })
    expect(await problemOf(await ask('GET', '/flags/checkout/ramp', undefined, keys.read))).toMatchObject({
      code: 'config_not_found',
      detail: expect.stringContaining('no ramp'),
    })
    expect(await problemOf(await ask('PUT', '/flags/checkout/ramp', plan, keys.foreign))).toMatchObject({
      code: 'config_invalid',
      mistakes: [{ path: 'guardrails[0].metric', message: expect.stringContaining('there is none yet') }],
    })
  })

  it('names each mistake, and starts nothing', async () => {
    const odd = { steps: [{ share: 2 }, { share: 1 }], guardrails: [{ metric: 'orders' }], pace: 1 }
    expect(await problemOf(await ask('PUT', '/flags/checkout/ramp', odd))).toMatchObject({
      code: 'config_invalid',
      mistakes: [{ path: 'pace' }, { path: 'steps[1].share' }],
    })
    expect(await problemOf(await ask('PUT', '/flags/checkout/ramp', '{'))).toMatchObject({
      code: 'body_not_json',
    })
    const quantile = { ...plan, guardrails: [{ metric: 'slow' }] }
    expect(await problemOf(await ask('PUT', '/flags/checkout/ramp', quantile))).toMatchObject({
      mistakes: [{ message: expect.stringContaining('quantile') }],
    })
    expect(await problemOf(await ask('PUT', '/flags/none/ramp', plan))).toMatchObject({
      code: 'config_not_found',
    })
    expect(await problemOf(await ask('GET', '/flags/checkout/ramp'))).toMatchObject({ status: 404 })
  })

  it('starts, is looked at by the jobs, pauses, goes on and stops', async () => {
    const started = await ask('PUT', '/experiments/price/ramp', plan)
    expect(started.status).toBe(200)
    expect(await started.json()).toMatchObject({
      kind: 'experiment',
      state: 'running',
      step: 0,
      actor: expect.stringMatching(/^key:/),
      plan: { steps: [{ coverage: 100_000, leastMs: 86_400_000, leastUnits: 1000 }, {}] },
    })
    expect(await problemOf(await ask('PUT', '/experiments/price/ramp', plan))).toMatchObject({
      code: 'config_not_allowed',
    })
    expect((await ask('POST', '/jobs/run')).status).toBe(200)
    expect(await (await ask('GET', '/experiments/price/ramp')).json()).toMatchObject({
      reason: { code: 'no-exposures' },
    })
    const states = []
    for (const [method, end] of [
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['DELETE', ''],
    ] as const)
      states.push(
        ((await (await ask(method, `/experiments/price/ramp${end}`)).json()) as { state: string }).state,
      )
    expect(states).toEqual(['paused', 'running', 'stopped'])
    expect(await problemOf(await ask('DELETE', '/experiments/price/ramp'))).toMatchObject({
      code: 'config_not_allowed',
    })
  })

  it('is one at a time for a flag, whatever experiment it names, also when two start at once', async () => {
    const steps = [{ share: 500_000 }, { share: 1_000_000 }]
    const start = (experiment: string) => ask('PUT', '/flags/checkout/ramp', { ...plan, steps, experiment })
    const both = await Promise.all([start('one'), start('two')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await problemOf(await start('three'))).toMatchObject({
      code: 'config_not_allowed',
      detail: 'The flag "checkout" has a ramp already, which is running.',
    })
  })
})
