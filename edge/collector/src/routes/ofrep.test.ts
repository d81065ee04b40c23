/** OFREP's shapes: what each failure answers, and what a config of a newer version gives. */
import type { Config, Flag } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { type Rig, rig } from '../../test/rig.ts'
import { ofrep } from './ofrep.ts'

const flag = (more: object = {}): Flag => ({ type: 'boolean', value: false, revision: 1, ...more }) as Flag

/** A collector whose config has these flags, and a provider that asks it. */
async function asking(flags: Config['flags'] = {}, options: Parameters<typeof rig>[0] = {}) {
  const made = await rig(options)
  const publish = (version: string, next: Config['flags']) => {
    made.state.config = { number: 1, version, config: { version, flags: next, experiments: {} } }
  }
  publish('v1', flags)
  return { ...made, publish, ask: (path = '', init: Asking = {}) => ask(made, path, init) }
}

interface Asking {
  body?: string | object
  headers?: Record<string, string>
  method?: string
  from?: string
}

/** What the tests read of an answer. */
interface Answered {
  metadata?: { configVersion: string }
  eventStreams?: object[]
}

async function ask(
  { collector, key }: Rig,
  path: string,
  init: Asking,
): Promise<{ status: number; body: Answered; headers: Headers }> {
  const {
    body = { context: { targetingKey: 'a1' } },
    headers = { authorization: `Bearer ${key}` },
    method = 'POST',
    from = '203.0.113.7',
  } = init
  const request = new Request(`https://collector.example/ofrep/v1/evaluate/flags${path}`, {
    method,
    headers,
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const response = await collector.fetch(request, { remoteAddress: from })
  const text = await response.text()
  return { status: response.status, body: text && JSON.parse(text), headers: response.headers }
}

describe('OFREP refuses', () => {
  it('who has no key, a wrong one, or one of another kind of right: 401 and 403, in its own words too', async () => {
    const { ask, addKey } = await asking()
    const none = await ask('', { headers: {} })
    expect(none).toMatchObject({
      status: 401,
      body: { code: 'key_missing', errorCode: 'GENERAL', errorDetails: expect.any(String) },
    })
    expect(none.headers.get('www-authenticate')).toBe('Bearer')
    for (const text of ['Bearer nk_pub_x', 'Basic abc', 'Bearer'])
      expect(await ask('/a', { headers: { authorization: text } })).toMatchObject({
        status: 401,
        body: { key: 'a', errorCode: 'GENERAL' },
      })
    const narrow = await addKey({ kind: 'srv', scopes: ['events:write'] })
    expect(await ask('', { headers: { authorization: `Bearer ${narrow}` } })).toMatchObject({
      status: 403,
      body: { code: 'key_not_allowed' },
    })
    const bound = await addKey({ origins: ['https://shop.example'] })
    const headers = { authorization: `Bearer ${bound}`, origin: 'https://other.example' }
    expect(await ask('', { headers })).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } })
  })

  it('a key in the address, where a page would leave it in logs for nothing', async () => {
    const { ask, key } = await asking()
    expect(await ask(`?key=${key}`, { headers: {} })).toMatchObject({ status: 401 })
  })

  it('a body that is no JSON, and a context that is none: 400', async () => {
    const { ask } = await asking()
    expect(await ask('/a', { body: '{' })).toMatchObject({
      status: 400,
      body: { key: 'a', errorCode: 'PARSE_ERROR' },
    })
    for (const body of ['{', '5', '[]', 'null'])
      expect(await ask('', { body })).toMatchObject({ status: 400, body: { errorCode: 'PARSE_ERROR' } })
    for (const context of [7, [], 'a', null, { targetingKey: 7 }])
      expect(await ask('/a', { body: { context } }), JSON.stringify(context)).toMatchObject({
        status: 400,
        body: { key: 'a', errorCode: 'INVALID_CONTEXT' },
      })
  })

  it('a flag that there is not: 404, and an inherited name is none', async () => {
    const { ask } = await asking({ a: flag() })
    for (const key of ['b', 'constructor', '__proto__'])
      expect(await ask(`/${key}`)).toMatchObject({ status: 404, body: { key, errorCode: 'FLAG_NOT_FOUND' } })
  })

  it('more requests than a limit allows: 429 with the seconds to wait, for pages by address though they bring a key', async () => {
    const { ask, addKey } = await asking(
      {},
      { rateLimit: { key: { perSecond: 100, burst: 100 }, client: { perSecond: 0.01, burst: 2 } } },
    )
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
    const limited = await ask()
    expect(limited).toMatchObject({ status: 429, body: { code: 'rate_limited', errorCode: 'GENERAL' } })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    const server = await addKey({ kind: 'srv' })
    const headers = { authorization: `Bearer ${server}` }
    for (let i = 0; i < 5; i++)
      expect(await ask('', { headers, from: '203.0.113.8' })).toMatchObject({ status: 200 })
  })

  it('another method: 405; and whoever comes first while the database is away: 503, where others hear the last known', async () => {
    let clock = 1_000_000
    const { ask, state } = await asking({}, { storageTimeoutMs: 20, now: () => clock })
    const pass = (ms: number) => {
      clock += ms
    }
    const wrong = await ask('', { method: 'GET' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('POST, OPTIONS')
    state.fail = new Error('down')
    expect(await ask()).toMatchObject({ status: 503, body: { errorCode: 'GENERAL' } })
    delete state.fail
    expect(await ask()).toMatchObject({ status: 200 })
    state.fail = new Error('down')
    pass(60_000)
    expect(await ask()).toMatchObject({ status: 200, body: { metadata: { configVersion: 'v1' } } })
  })
})

describe('OFREP answers', () => {
  it('a preflight with all headers that providers send, for pages of any origin', async () => {
    const { collector } = await asking()
    const response = await collector.fetch(
      new Request('https://collector.example/ofrep/v1/evaluate/flags', {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,if-none-match,x-api-key',
        },
      }),
    )
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ').sort()).toEqual([
      'authorization',
      'content-type',
      'if-none-match',
      'x-api-key',
    ])
  })

  it('by either header, with value, reason, variant and plain metadata', async () => {
    const { ask, key } = await asking({
      a: flag({ rules: [{ id: 'kr', value: true, condition: { country: 'KR' } }] }),
    })
    const body = { context: { targetingKey: 'a1', country: 'KR' } }
    for (const headers of [{ authorization: `bearer ${key}` }, { 'x-api-key': key }] as Record<
      string,
      string
    >[])
      expect(await ask('/a', { headers, body })).toMatchObject({
        status: 200,
        body: {
          key: 'a',
          value: true,
          reason: 'TARGETING_MATCH',
          variant: 'kr',
          metadata: { configVersion: 'v1', revision: 1, rule: 'kr' },
        },
      })
  })

  it('all flags with a tag, and 304 while nothing changed for this context', async () => {
    const { ask, key, publish } = await asking({ a: flag() }, { keyCacheMs: 0.001 })
    const first = await ask()
    const tag = first.headers.get('etag')!
    const authorization = `Bearer ${key}`
    const again = (path = '') => ask(path, { headers: { authorization, 'if-none-match': tag } })
    expect(await again()).toMatchObject({ status: 304, body: '' })
    expect(
      await ask('', {
        headers: { authorization, 'if-none-match': tag },
        body: { context: { targetingKey: 'a2' } },
      }),
    ).toMatchObject({ status: 304 })
    publish('v2', { a: flag({ value: true }) })
    await expect.poll(async () => (await again()).status).toBe(200)
  })

  it('pages where to hear of changes; servers, and collectors without streams, not', async () => {
    const { ask, key, addKey } = await asking()
    expect((await ask()).body.eventStreams).toEqual([
      { type: 'sse', endpoint: { requestUri: `/v1/config/stream?format=ofrep&key=${key}` } },
    ])
    const server = await addKey({ kind: 'srv' })
    expect((await ask('', { headers: { authorization: `Bearer ${server}` } })).body).not.toHaveProperty(
      'eventStreams',
    )
    const without = await asking({}, { use: [ofrep({ stream: false })] })
    expect((await without.ask()).body).not.toHaveProperty('eventStreams')
  })

  it('from the database again for who has heard of another version, but not each time', async () => {
    const { ask, publish, calls } = await asking({ a: flag() }, { keyCacheMs: 2_000 })
    expect((await ask()).body.metadata).toEqual({ configVersion: 'v1' })
    publish('v2', { a: flag() })
    await expect.poll(async () => (await ask('?flagConfigEtag=v2')).body.metadata?.configVersion).toBe('v2')
    const before = calls.filter((fn) => fn === 'config').length
    for (let i = 0; i < 20; i++) await ask(`?flagConfigEtag=made-up-${i}`)
    expect(calls.filter((fn) => fn === 'config').length - before).toBeLessThan(5)
  })
})
