/** `docs/reference/openapi.json` is what the code makes it, is OpenAPI 3.1, and tells the truth about the answers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCollector, everything } from '../../src/index.ts'
import { type OverviewWorld, overviewWorld } from '../overview-world.ts'
import { someBatch } from '../rig.ts'
import { openApi, openApiText } from './document.ts'

const path = join(import.meta.dirname, '../../../../docs/reference/openapi.json')
const parts =
  /^\/(v1\/(events|config|(experiments|flags)\/:key\/(results|ramp)|manage|insights|cache|items|matches|recommendations)|ofrep|health)(\/|$)/
const document = openApi()
const described = Object.entries(document.paths).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ at, method, operationId })),
)

describe('docs/reference/openapi.json', () => {
  it('is what the operations and the schemas make of it', () => {
    expect(
      readFileSync(path, 'utf8'),
      'What openapi.json is made of changed, the file did not. Run: node edge/collector/test/generate.ts',
    ).toBe(openApiText())
  })

  it('is valid OpenAPI 3.1, each reference of which leads somewhere', async () => {
    const validator = new Validator()
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    const refs = [...openApiText().matchAll(/"\$ref": "#\/components\/(\w+)\/(\w+)"/g)]
    const there = document.components as { [kind: string]: { [name: string]: object } }
    expect(refs.filter(([, kind, name]) => !there[kind!]?.[name!])).toEqual([])
    expect(refs.length).toBeGreaterThan(100)
  })

  it('is found wanting when it is not', async () => {
    const broken = structuredClone(document) as { paths: object }
    broken.paths = { 'no-slash': { get: { responses: [] } } }
    expect((await new Validator().validate(broken as never)).valid).toBe(false)
  })

  it('gives each operation a name of its own', () => {
    const ids = described.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('what the collector answers', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'openapi')
  const seen = new Set<unknown>()
  let world: OverviewWorld
  let server: string
  beforeAll(async () => {
    world = await overviewWorld()
    server = await world.addKey('srv', ['config:read', 'config:write', 'results:read'])
    await world.db.query(
      `insert into nunchi.insight_recommendations select id, 'production', 'r1', '', false, 'tea',
        '[{"title": "Pot", "reason": {"code": "new"}}]', now() + interval '1 hour' from nunchi.projects`,
    )
  })
  afterAll(() => world.close())

  /** The schema of an answer in the document, as a pointer into it. */
  function schemaOf(at: string, method: string, response: Response): string {
    const responses = document.paths[at]![method]!['responses'] as { [status: string]: { $ref?: string } }
    const told = responses[response.status]
    expect(told, `${method} ${at} answered ${response.status}, which is not described`).toBeDefined()
    const type = response.headers.get('content-type')?.split(';')[0] ?? ''
    const token = (text: string | number) => String(text).replaceAll('~', '~0').replaceAll('/', '~1')
    const base = told!.$ref?.slice(1) ?? `/paths/${token(at)}/${method}/responses/${response.status}`
    return `openapi#${base}/content/${token(type)}/schema`
  }

  interface Sent {
    body?: unknown
    /** The key in the path, the query, and the API key. */
    of?: string
    query?: string
    as?: string
  }

  /** Asks, and holds the answer to the document. */
  async function ask(method: string, at: string, { body, of = '', query = '', as = server }: Sent = {}) {
    const response = await world.collector.fetch(
      new Request(`https://collector.example${at.replace(/\{\w+\}/, encodeURIComponent(of))}${query}`, {
        method: method.toUpperCase(),
        headers: as ? { authorization: `Bearer ${as}` } : {},
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    if (response.ok) seen.add(document.paths[at]![method]!['operationId'])
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel()
      return response.status
    }
    const pointer = schemaOf(at, method, response)
    const told: unknown = await response.json()
    const fits = ajv.getSchema(pointer)
    if (!fits) throw new Error(`The document has no ${pointer}`)
    expect(fits(told), `${method} ${at}: ${JSON.stringify([told, fits.errors])}`).toBe(true)
    return response.status
  }
  const manage = (method: string, rest: string, sent?: Sent) => ask(method, `/v1/manage${rest}`, sent)

  const flag = {
    type: 'boolean',
    value: false,
    description: 'The new checkout.',
    rules: [{ id: 'some', value: true, roles: ['admin'], rollout: { coverage: 1 } }],
  }
  const price = {
    name: 'Price first',
    hypothesis: 'Showing the price first sells more tea.',
    targetSampleSize: 1_000,
    variants: [
      { key: 'control', weight: 500_000, isControl: true },
      { key: 'first', weight: 500_000, configuration: { order: ['price', 'name'] } },
    ],
  }
  const orders = { name: 'Orders', kind: 'conversion', source: { event: 'Order Completed' } }
  const ramp = { steps: [{ share: 600_000 }], guardrails: [{ metric: 'orders' }] }
  const good: [method: string, path: string, sent?: Sent][] = [
    ['get', '/v1/config'],
    ['get', '/v1/manage/config'],
    ['put', '/v1/manage/flags/{key}', { of: 'checkout', body: flag }],
    ['put', '/v1/manage/flags/{key}', { of: 'checkout', body: { ...flag, enabled: true } }],
    ['post', '/v1/manage/flags/{key}/ramp', { of: 'checkout', body: { coverage: 500_000 } }],
    ['post', '/v1/manage/flags/disable', { body: { pattern: 'check*' } }],
    ['post', '/v1/manage/flags/enable', { body: { pattern: 'check*' } }],
    ['put', '/v1/manage/experiments/{key}', { of: 'price', body: price }],
    ['post', '/v1/manage/experiments/{key}/start', { of: 'price' }],
    ['post', '/v1/manage/experiments/{key}/pause', { of: 'price' }],
    ['put', '/v1/manage/metrics/{key}', { of: 'orders', body: orders }],
    ['get', '/v1/manage/metrics'],
    ['get', '/v1/manage/metrics/{key}', { of: 'orders' }],
    ['get', '/v1/experiments/{key}/results', { of: 'price' }],
    ['put', '/v1/flags/{key}/ramp', { of: 'checkout', body: ramp }],
    ['get', '/v1/flags/{key}/ramp', { of: 'checkout' }],
    ['post', '/v1/flags/{key}/ramp/pause', { of: 'checkout' }],
    ['post', '/v1/flags/{key}/ramp/resume', { of: 'checkout' }],
    ['delete', '/v1/flags/{key}/ramp', { of: 'checkout' }],
    ['put', '/v1/manage/experiments/{key}', { of: 'tea', body: price }],
    ['put', '/v1/experiments/{key}/ramp', { of: 'tea', body: ramp }],
    ['get', '/v1/experiments/{key}/ramp', { of: 'tea' }],
    ['post', '/v1/experiments/{key}/ramp/pause', { of: 'tea' }],
    ['post', '/v1/experiments/{key}/ramp/resume', { of: 'tea' }],
    ['delete', '/v1/experiments/{key}/ramp', { of: 'tea' }],
    ['delete', '/v1/manage/metrics/{key}', { of: 'orders' }],
    ['get', '/v1/manage/flags'],
    ['get', '/v1/manage/flags/{key}', { of: 'checkout' }],
    ['get', '/v1/manage/experiments'],
    ['get', '/v1/manage/experiments/{key}', { of: 'price' }],
    ['post', '/v1/manage/experiments/{key}/complete', { of: 'price', body: { winner: 'first' } }],
    ['get', '/v1/manage/config'],
    ['get', '/v1/manage/config', { query: '?number=1' }],
    ['post', '/v1/manage/validate', { body: { flags: { a: {} }, experiments: {} } }],
    ['get', '/v1/manage/versions'],
    ['get', '/v1/config'],
    ['get', '/v1/config/stream'],
    ['post', '/ofrep/v1/evaluate/flags', { body: { context: { targetingKey: 'a1' } } }],
    ['post', '/ofrep/v1/evaluate/flags/{key}', { of: 'checkout', body: {} }],
    ['post', '/v1/events', { body: someBatch() }],
    ['post', '/v1/events', { body: someBatch([{ id: 'x' }]) }],
    ['put', '/v1/manage/recommendations', { body: { diversity: 0.5, rules: [{ pin: ['pot'] }] } }],
    ['get', '/v1/manage/recommendations'],
    ['delete', '/v1/manage/recommendations'],
    ['put', '/v1/items', { body: { items: [{ id: 'pot', type: 'tea', title: 'Pot', tags: ['clay'] }, 7] } }],
    ['get', '/v1/items', { query: '?limit=1' }],
    ['get', '/v1/recommendations', { query: '?anonymousId=a1&type=tea' }],
    ['delete', '/v1/items', { body: { ids: ['pot'] } }],
    [
      'put',
      '/v1/items',
      { body: { items: ['ann', 'bob'].map((id) => ({ id, type: 'person', title: id, tags: ['tea'] })) } },
    ],
    ['put', '/v1/matches/me', { query: '?userId=ann', body: { consent: true } }],
    ['put', '/v1/matches/me', { query: '?userId=bob', body: { consent: true } }],
    ['get', '/v1/matches', { query: '?userId=ann&insights=1&limit=1' }],
    ['get', '/v1/insights/match/{id}', { of: 'bob', query: '?userId=ann' }],
    ['put', '/v1/matches/decisions/{id}', { of: 'bob', query: '?userId=ann', body: { yes: true } }],
    ['put', '/v1/matches/blocks/{id}', { of: 'bob', query: '?userId=ann' }],
    ['delete', '/v1/matches/blocks/{id}', { of: 'bob', query: '?userId=ann' }],
    ['get', '/v1/matches/me', { query: '?userId=ann' }],
    ['get', '/v1/insights/recommendation/{id}', { of: 'r1', query: '?language=ko' }],
    ['get', '/v1/cache/test'],
    ['get', '/health/live', { as: '' }],
    ['get', '/health/ready', { as: '' }],
    ['post', '/v1/manage/revert', { body: { number: 1 } }],
    ['post', '/v1/manage/revert', { body: { number: 2, flag: 'checkout' } }],
    ['put', '/v1/manage/holdouts/{key}', { of: 'control-group', body: { coverage: 50_000 } }],
    ['delete', '/v1/manage/holdouts/{key}', { of: 'control-group' }],
    ['put', '/v1/manage/groups/{key}', { of: 'staff', body: ['kim', 7] }],
    ['delete', '/v1/manage/groups/{key}', { of: 'staff' }],
    ['delete', '/v1/manage/flags/{key}', { of: 'checkout' }],
    ['post', '/v1/manage/revert', { body: { number: 8 } }],
    ['post', '/v1/manage/experiments/{key}/complete', { of: 'price' }],
    ['delete', '/v1/manage/experiments/{key}', { of: 'price' }],
  ]

  it('fits the document: every operation, when all is well', async () => {
    for (const [method, at, sent] of good) {
      const wide = /^\/v1\/(events|cache|insights|items|matches|recommendations)\b/.test(at)
      const as = at === '/v1/config/stream' ? world.keys.pub : wide ? world.keys.all : server
      const status = await ask(method, at, { as, ...sent })
      expect([method, at, status >= 200 && status < 300]).toEqual([method, at, true])
    }
    const unseen = described.filter(({ operationId }) => !seen.has(operationId))
    expect(unseen.map(({ operationId }) => operationId)).toEqual([])
  })

  it('fits the document: what is refused', async () => {
    const refused: [status: number, answer: Promise<number>][] = [
      [401, manage('get', '/flags', { as: '' })],
      [403, manage('get', '/flags', { as: world.keys.overview })],
      [404, manage('get', '/flags/{key}', { of: 'nowhere' })],
      [404, manage('get', '/config', { query: '?number=9999' })],
      [422, manage('get', '/config', { query: '?number=x' })],
      [422, manage('put', '/flags/{key}', { of: 'a', body: { type: 'date' } })],
      [422, manage('put', '/metrics/{key}', { of: 'orders', body: { kind: 'sum' } })],
      [404, manage('delete', '/metrics/{key}', { of: 'orders' })],
      [404, ask('get', '/v1/experiments/{key}/results', { of: 'nowhere' })],
      [400, ask('get', '/v1/experiments/{key}/results', { of: 'price', query: '?dimension=mood' })],
      [400, ask('post', '/v1/events', { body: {}, as: world.keys.all })],
      [400, ask('post', '/ofrep/v1/evaluate/flags', { body: { context: 1 } })],
      [404, ask('post', '/ofrep/v1/evaluate/flags/{key}', { of: 'nowhere', body: {} })],
      [401, ask('get', '/v1/config', { as: '' })],
      [422, manage('put', '/recommendations', { body: { diversity: 2 } })],
      [400, ask('get', '/v1/recommendations', { query: '?type=wands', as: world.keys.all })],
      [404, ask('get', '/v1/insights/match/{id}', { of: 'nobody', as: world.keys.all })],
      [400, ask('get', '/v1/matches', { query: '?userId=ann&after=x', as: world.keys.all })],
      [
        404,
        ask('put', '/v1/matches/decisions/{id}', {
          of: 'nobody',
          query: '?userId=ann',
          body: { yes: true },
          as: world.keys.all,
        }),
      ],
      [403, ask('get', '/v1/insights/match/{id}', { of: 'nobody' })],
    ]
    for (const [status, answer] of refused) expect(await answer).toBe(status)
  })
})

describe('the routes', () => {
  it('of events, configs, management, OFREP, the cache and health are all described, and no other', async () => {
    const world = createCollector({ use: everything(), groupCommitMs: 0, insights: {} })
    const served = world.app.routes
      .filter(({ method, path: at }) => method !== 'ALL' && method !== 'OPTIONS' && parts.test(at))
      .map(({ method, path: at }) => `${method.toLowerCase()} ${at.replace(/:(\w+)/g, '{$1}')}`)
    const told = described.map(({ at, method }) => `${method} ${at}`)
    expect(told.toSorted()).toEqual([...new Set(served)].toSorted())
    await world.close()
  })
})
