import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OverviewWorld, overviewWorld } from '../../test/overview-world.ts'
import { problemOf } from '../../test/rig.ts'

let world: OverviewWorld
let writer: string
let reader: string
beforeAll(async () => {
  world = await overviewWorld()
  writer = await world.addKey('srv', ['config:write', 'config:read'])
  reader = await world.addKey('srv', ['config:read'])
})
afterAll(() => world.close())

const at = 'https://collector.example'
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  world.collector.fetch(
    new Request(`${at}/v1/manage${path}`, {
      method,
      headers: { authorization: `Bearer ${writer}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
const as = (key: string) => ({ authorization: `Bearer ${key}` })
type Published = { number: number; version: string; before: unknown; after: unknown }
const published = async (response: Response | Promise<Response>): Promise<Published> => {
  const answer = await response
  expect([answer.status, await answer.clone().text()]).toEqual([200, expect.any(String)])
  return (await answer.json()) as Published
}
const served = async () =>
  (await (await world.collector.fetch(new Request(`${at}/v1/config?key=${world.keys.pub}`))).json()) as {
    version: string
    flags: Record<string, { enabled?: boolean; revision: number; value: unknown }>
    experiments: Record<string, { status: string }>
  }
const flag = { type: 'boolean', value: false, description: 'The new checkout.' }
const price = {
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea, because people need not look for it.',
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
}

describe('the manage API: who may', () => {
  it('read and write is what the key says; a public key and a stranger may nothing', async () => {
    expect((await ask('GET', '/flags', undefined, as(reader))).status).toBe(200)
    expect(await problemOf(await ask('PUT', '/flags/a', flag, as(reader)))).toMatchObject({
      status: 403,
      code: 'key_not_allowed',
    })
    const pub = await world.collector.fetch(new Request(`${at}/v1/manage/flags?key=${world.keys.pub}`))
    expect(await problemOf(pub)).toMatchObject({ status: 403, code: 'key_not_allowed' })
    const none = await world.collector.fetch(new Request(`${at}/v1/manage/flags`))
    expect(none.status).toBe(401)
  })

  it('come from a browser: no server key', async () => {
    const response = await ask('GET', '/flags', undefined, { origin: 'https://shop.example' })
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'key_in_browser' })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('see another project’s or environment’s config: nobody', async () => {
    await published(ask('PUT', '/flags/ours', flag))
    const other = await world.addKey('srv', [], 'Another shop')
    expect(await (await ask('GET', '/flags', undefined, as(other))).json()).toEqual({
      number: 0,
      version: 'none',
      flags: {},
    })
    expect(await problemOf(await ask('DELETE', '/flags/ours', undefined, as(other)))).toMatchObject({
      code: 'config_not_found',
    })
  })
})

describe('the manage API: flags', () => {
  it('are served as soon as they are published, and leave one audit row each', async () => {
    const { number, before, after } = await published(ask('PUT', '/flags/checkout', flag))
    expect([before, after]).toEqual([null, { ...flag, revision: 1 }])
    expect((await served()).flags['checkout']).toEqual({ type: 'boolean', value: false, revision: 1 })
    await published(ask('POST', '/flags/checkout/ramp', { coverage: 100_000 }))
    await published(ask('POST', '/flags/disable', { pattern: 'check*' }))
    expect((await served()).flags['checkout']).toMatchObject({ enabled: false })
    await published(ask('DELETE', '/flags/checkout'))
    expect((await served()).flags).not.toHaveProperty('checkout')
    const { rows } = await world.db.query<{ action: string; subject: string; actor: string; after: unknown }>(
      `select action, subject, actor, after from nunchi.audit_log where subject like '%/checkout' order by id`,
    )
    expect(rows).toMatchObject([
      {
        action: 'flag.create',
        subject: 'production/flag/checkout',
        actor: expect.stringMatching(/^key:\d+$/),
      },
      { action: 'flag.ramp' },
      { action: 'flag.disable' },
      { action: 'flag.delete', after: null },
    ])
    expect((await (await ask('GET', '/config')).json()) as object).toMatchObject({ number: number + 3 })
  })

  it.each([
    ['no JSON', '{', 'body_not_json'],
    ['no object', '[1]', 'config_invalid'],
    ['rules that are none', { ...flag, rules: 'all' }, 'config_invalid'],
    ['a rule that is none', { ...flag, rules: [null] }, 'config_invalid'],
    ['an unknown type', { type: 'date', value: 1 }, 'config_invalid'],
    ['a value of another type', { type: 'boolean', value: 'yes' }, 'config_invalid'],
    ['an unknown experiment', { ...flag, rules: [{ id: 'a', experiment: 'nowhere' }] }, 'config_invalid'],
    ['a lone surrogate', '{"type":"string","value":"\\ud800"}', 'config_invalid'],
    ['a NUL', '{"type":"string","value":"\\u0000"}', 'config_invalid'],
  ])('with %s are refused, and what is in force stays', async (_what, body, code) => {
    const before = await (await ask('GET', '/config')).json()
    const problem = await problemOf(await ask('PUT', '/flags/bad', body))
    expect(problem).toMatchObject({ code })
    if (code === 'config_invalid') expect(problem.mistakes?.length).toBeGreaterThan(0)
    expect(await (await ask('GET', '/config')).json()).toEqual(before)
  })

  it('named like something that every object has are flags like others, or refused', async () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const response = await ask('PUT', `/flags/${key}`, flag)
      expect([200, 422]).toContain(response.status)
      expect((await ask('GET', `/flags/${key}`)).status).toBe(response.status === 200 ? 200 : 404)
    }
    expect(({} as { type?: string }).type).toBeUndefined()
  })
})

describe('the manage API: two people at once', () => {
  it('do not overwrite each other: who names the number that was read is told that it is old', async () => {
    const read = await ask('GET', '/config')
    const tag = read.headers.get('etag') ?? ''
    await published(ask('PUT', '/flags/theirs', flag))
    const late = await ask('PUT', '/flags/mine', flag, { 'if-match': tag })
    expect(await problemOf(late)).toMatchObject({ status: 409, code: 'config_conflict' })
    expect((await served()).flags).not.toHaveProperty('mine')
    expect(await problemOf(await ask('PUT', '/flags/mine', flag, { 'if-match': 'x' }))).toMatchObject({
      code: 'config_conflict',
    })
  })

  it('that name no number both succeed, one after the other', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => ask('PUT', `/flags/many-${i}`, flag)))
    const fine = all.filter(({ status }) => status === 200).length
    expect(Object.keys((await served()).flags).filter((key) => key.startsWith('many-'))).toHaveLength(fine)
    expect(fine).toBeGreaterThan(0)
    for (const response of all.filter(({ status }) => status !== 200))
      expect(await problemOf(response)).toMatchObject({ code: 'config_conflict' })
  })
})

describe('the manage API: experiments', () => {
  it('live from draft to completed; pages see them once they run', async () => {
    await published(ask('PUT', '/experiments/price', price))
    expect((await served()).experiments).not.toHaveProperty('price')
    await published(ask('POST', '/experiments/price/start'))
    expect((await served()).experiments['price']).toMatchObject({ status: 'running' })
    expect(JSON.stringify(await served())).not.toContain('sells more tea')
    await published(ask('POST', '/experiments/price/pause'))
    await published(ask('POST', '/experiments/price/start'))
    await published(ask('POST', '/experiments/price/complete', { winner: 'first' }))
    expect((await served()).experiments['price']).toMatchObject({ status: 'completed', winner: 'first' })
    const { rows } = await world.db.query(
      `select e.status, e.started_at is not null as started, e.ended_at is not null as ended,
        array_agg(v.key order by v.position) as variants
      from nunchi.experiments e join nunchi.experiment_variants v on v.experiment = e.key and v.project_id = e.project_id
      where e.key = 'price' group by 1, 2, 3`,
    )
    expect(rows).toEqual([
      { status: 'completed', started: true, ended: true, variants: ['control', 'first'] },
    ])
  })

  it('keep their plan and their people once they run', async () => {
    await published(ask('PUT', '/experiments/tea', price))
    await published(ask('POST', '/experiments/tea/start'))
    expect(
      await problemOf(await ask('PUT', '/experiments/tea', { ...price, hypothesis: 'Now we know.' })),
    ).toMatchObject({
      status: 409,
      code: 'config_not_allowed',
    })
    const moved = { ...price, seed: 'other' }
    expect(await problemOf(await ask('PUT', '/experiments/tea', moved))).toMatchObject({
      code: 'config_not_allowed',
    })
    const { after } = await published(ask('PUT', '/experiments/tea?restart=1', moved))
    expect(after).toMatchObject({ revision: 2, status: 'running' })
  })

  it.each([
    [
      'weights that do not sum',
      { ...price, variants: [{ ...price.variants[0], weight: 1 }, price.variants[1]] },
    ],
    ['no hypothesis', { ...price, hypothesis: '' }],
    ['no control', { ...price, variants: price.variants.map(({ key, weight }) => ({ key, weight })) }],
    ['no variants', { ...price, variants: undefined }],
    ['an unknown prerequisite', { ...price, prerequisites: [{ flag: 'nowhere' }] }],
  ])('with %s are refused by path', async (_what, body) => {
    const problem = await problemOf(await ask('PUT', '/experiments/bad', body))
    expect(problem).toMatchObject({ status: 422, code: 'config_invalid' })
    expect(problem.mistakes?.[0]?.path).not.toBe('')
  })
})

describe('the manage API: history', () => {
  it('tells what was published, and goes back without mixing the results of two revisions', async () => {
    await published(ask('PUT', '/experiments/again', price))
    const { number } = await published(ask('POST', '/experiments/again/start'))
    await published(ask('PUT', '/experiments/again?restart=1', { ...price, seed: 'two' }))
    await published(ask('POST', '/revert', { number }))
    const back = (await (await ask('GET', '/experiments/again')).json()) as {
      seed?: string
      revision: number
    }
    expect(back).toMatchObject({ revision: 3 })
    expect(back.seed).toBeUndefined()
    const { versions } = (await (await ask('GET', '/versions')).json()) as { versions: { reason: string }[] }
    expect(versions[0]).toMatchObject({ reason: `config.revert ${number}` })
    expect(await problemOf(await ask('POST', '/revert', { number: 99_999 }))).toMatchObject({ status: 404 })
  })

  it('validates without changing anything', async () => {
    const before = await (await ask('GET', '/config')).json()
    const answer = await ask('POST', '/validate', {
      flags: { a: { type: 'boolean', value: 'no' } },
      experiments: {},
    })
    expect(((await answer.json()) as { mistakes: object[] }).mistakes.length).toBeGreaterThan(0)
    expect(await (await ask('GET', '/config')).json()).toEqual(before)
  })
})

describe('the manage API: metrics', () => {
  const orders = { name: 'Orders', kind: 'conversion', source: { event: 'Order Completed' } }

  it('makes, lists, gets, replaces and deletes them, each change with a row of the audit log', async () => {
    expect(await (await ask('PUT', '/metrics/orders', orders)).json()).toEqual({
      key: 'orders',
      before: null,
      definition: orders,
    })
    const guarded = { ...orders, role: 'guardrail', margin: 0.02, minimumLift: 0.05 }
    expect(await (await ask('PUT', '/metrics/orders', guarded)).json()).toMatchObject({ before: orders })
    expect(await (await ask('GET', '/metrics', undefined, as(reader))).json()).toEqual({
      metrics: [{ key: 'orders', definition: guarded }],
    })
    expect(await (await ask('GET', '/metrics/orders')).json()).toEqual({ key: 'orders', definition: guarded })
    expect(await (await ask('DELETE', '/metrics/orders')).json()).toMatchObject({ definition: null })
    const { rows } = await world.db.query<{ action: string; actor: string }>(
      "select action, actor from nunchi.audit_log where action like 'metric.%' order by id",
    )
    expect(rows.map(({ action }) => action)).toEqual(['metric.set', 'metric.set', 'metric.delete'])
    expect(rows.every(({ actor }) => /^key:/.test(actor))).toBe(true)
  })

  it('names each mistake by its path and stores nothing; one that is not there is a 404', async () => {
    const bad = await ask('PUT', '/metrics/a%20b', { ...orders, margin: 2, source: {} })
    expect(await problemOf(bad)).toMatchObject({
      status: 422,
      code: 'config_invalid',
      mistakes: [{ path: 'key' }, { path: 'source' }, { path: 'margin' }, { path: 'margin' }],
    })
    expect(await problemOf(await ask('PUT', '/metrics/a', orders, as(reader)))).toMatchObject({ status: 403 })
    for (const method of ['GET', 'DELETE'])
      expect(await problemOf(await ask(method, '/metrics/nowhere'))).toMatchObject({
        status: 404,
        code: 'config_not_found',
      })
    expect(await (await ask('GET', '/metrics')).json()).toEqual({ metrics: [] })
  })
})
