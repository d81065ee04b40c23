/** `GET /v1/recommendations`: who is answered what, and what the metrics say of it, over a database in memory. */
import { describe, expect, it } from 'vitest'
import { memoryDatabase, problemOf } from '../../test/rig.ts'
import { createCollector, everything, type Storage } from '../index.ts'

type Args = { [name: string]: unknown }
const empty = { recommendationId: 'r2', list: 'user', items: [], reason: 'all_seen' }
const lamp = { id: 'lamp', type: 'products', title: 'Lamp', score: 1, reason: { code: 'popular' } }
const answered = {
  generated_at: '2026-11-23T00:00:00Z',
  expires_at: '2026-11-23T00:01:00Z',
  recommendations: { products: { recommendationId: 'r1', list: 'user', items: [lamp] }, tools: empty },
  neighbors: {},
}

/** A collector whose database answers `recommend` with `say`. */
async function grounds(say: (args: Args) => unknown = () => answered) {
  const database = memoryDatabase()
  const asked: Args[] = []
  const storage: Storage = {
    ...database.storage,
    async call<Result>(fn: string, args: unknown): Promise<Result> {
      if (fn === 'token_verifiers') return [] as Result
      if (fn === 'set_recommendation_settings_by_key') return { before: null } as Result
      if (fn !== 'recommend') return database.storage.call(fn, args)
      asked.push(args as Args)
      return say(args as Args) as Result
    },
  }
  const collector = createCollector({ storage, use: everything(), country: 'cloudflare', log: () => {} })
  const key = await database.addKey({ origins: ['https://shop.example'] })
  const get = (query: string, headers: Record<string, string> = {}, method = 'GET') =>
    collector.fetch(new Request(`https://c.example/v1/recommendations?${query}`, { method, headers }))
  const metrics = async () => (await collector.fetch(new Request('https://c.example/metrics'))).text()
  return { database, collector, key, asked, get, metrics }
}

describe('GET /v1/recommendations', () => {
  it('refuses without a key, with one that may not, and by another method', async () => {
    const { get, key, database } = await grounds()
    expect(await problemOf(await get(''))).toMatchObject({ status: 401, code: 'key_missing' })
    const writer = await database.addKey({ kind: 'srv', scopes: ['items:write'] })
    expect(await problemOf(await get('', { authorization: `Bearer ${writer}` }))).toMatchObject({
      status: 403,
    })
    const origin = { origin: 'https://evil.example' }
    const refused = await get(`key=${key}&anonymousId=a`, origin)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    expect(await problemOf(refused)).toMatchObject({ code: 'origin_not_allowed' })
    expect(await problemOf(await get(`key=${key}`, {}, 'POST'))).toMatchObject({ code: 'method_not_allowed' })
  })

  it('asks with what the page says and the request tells, and lets no cache keep the answer', async () => {
    const { get, key, asked } = await grounds()
    const response = await get(`key=${key}&anonymousId=v1&type=products,tools&limit=3`, {
      origin: 'https://shop.example',
      'cf-ipcountry': 'KR',
      'user-agent':
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
    })
    expect(await response.json()).toEqual(answered)
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('vary')).toBe('Origin, Authorization')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(asked).toMatchObject([
      {
        list: 'user',
        limit: 3,
        includeSeen: false,
        types: ['products', 'tools'],
        anonymousId: 'v1',
        country: 'KR',
        deviceClass: 'mobile',
      },
    ])
  })

  it('asks for a server’s visitor without guessing from the server’s own request', async () => {
    const { get, database, asked } = await grounds()
    const server = await database.addKey({ kind: 'srv', scopes: ['recommendations:read'] })
    const headers = { authorization: `Bearer ${server}`, 'cf-ipcountry': 'US' }
    expect((await get('userId=kim&anonymousId=v1', headers)).status).toBe(200)
    expect(asked[0]).toMatchObject({ userId: 'kim' })
    expect(Object.keys(asked[0] as Args)).not.toEqual(expect.arrayContaining(['country']))
    expect(asked[0]).not.toHaveProperty('anonymousId')
  })

  it('lets a page send the token, and nothing else: its preflight says so', async () => {
    const { get, key } = await grounds()
    const response = await get(`key=${key}`, { origin: 'https://shop.example' }, 'OPTIONS')
    expect(response.headers.get('access-control-allow-headers')).toBe('Authorization')
    expect(response.headers.get('access-control-allow-methods')).toBe('GET')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('names the types that there are where one is asked for that is not', async () => {
    const { get, key } = await grounds(() => ({ error: 'unknown_type', types: ['products', 'tools'] }))
    expect(await problemOf(await get(`key=${key}&type=products,wands`))).toMatchObject({
      status: 400,
      code: 'recommendations_type_unknown',
      detail: 'There are no items of the type wands in production; known are products, tools.',
      types: ['products', 'tools'],
    })
  })

  it('asks the database again once its settings are changed', async () => {
    const { get, key, asked, database, collector } = await grounds()
    for (const _ of [1, 2]) await get(`key=${key}&anonymousId=v1`)
    expect(asked).toHaveLength(1)
    const settings = new Request('https://c.example/v1/manage/recommendations', {
      method: 'PUT',
      body: '{"rules":[{"pin":["lamp"]}]}',
      headers: {
        authorization: `Bearer ${await database.addKey({ kind: 'srv', scopes: ['config:write'] })}`,
      },
    })
    expect((await collector.fetch(settings)).status).toBe(200)
    await get(`key=${key}&anonymousId=v1`)
    expect(asked).toHaveLength(2)
  })

  it('says 503 and when to come again while the database is away, and counts it', async () => {
    const { get, key, metrics } = await grounds(() => {
      throw Object.assign(new Error('connection lost'), { code: '57P01' })
    })
    const response = await get(`key=${key}&anonymousId=a`)
    expect(response.headers.get('retry-after')).toBe('5')
    const problem = await problemOf(response)
    expect(problem).toMatchObject({ status: 503, code: 'storage_unavailable' })
    expect(problem.detail).not.toContain('connection')
    await get(`key=${key}&limit=0`)
    const text = await metrics()
    expect(text).toContain('nunchi_recommendations_errors_total{code="storage_unavailable"} 1')
    expect(text).toContain('nunchi_recommendations_errors_total{code="recommendations_invalid"} 1')
    expect(text).toContain('nunchi_recommendations_seconds_count 0')
  })

  it('counts the answers, and the empty lists by their reason', async () => {
    const { get, key, metrics } = await grounds()
    await get(`key=${key}&anonymousId=a`)
    const text = await metrics()
    expect(text).toContain('nunchi_recommendations_empty_total{reason="all_seen"} 1')
    expect(text).toContain('nunchi_recommendations_seconds_count 1')
  })

  it('is not there where it is switched off', async () => {
    const database = memoryDatabase()
    const use = everything({ recommendations: false })
    const collector = createCollector({ storage: database.storage, use, log: () => {} })
    const asked = new Request(`https://c.example/v1/recommendations?key=${await database.addKey()}`)
    expect((await collector.fetch(asked)).status).toBe(404)
  })
})
