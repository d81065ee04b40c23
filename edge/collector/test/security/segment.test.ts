/** What an attacker sends to Segment's routes: the cases of docs/security.md that hold for every way in. */
import { gzipSync } from 'node:zlib'
import { createKey } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { problemOf, type Rig, rig } from '../rig.ts'
import { basic, type Sent, send } from '../segment/send.ts'

const origin = 'https://shop.example'
const message = { event: 'A', userId: 'u', messageId: 'm' }
const batch = { batch: [{ ...message, type: 'track' }] }

/** Every way in: its path and a good body for it. */
const ways: [string, object][] = [
  ['/v1/track', message],
  ['/v1/t', message],
  ['/v1/batch', batch],
  ['/v1/import', batch],
  ['/beacon/v1/batch', batch],
]

const post = ({ collector }: Rig, path: string, body: string | Uint8Array | object, init?: Sent) =>
  send(collector, path, body, init)

describe.each(ways)('%s', (path, body) => {
  it.each<[string, Sent, string]>([
    ['no key', {}, 'key_missing'],
    ['a mistyped key', { key: 'nk_pub_x' }, 'key_malformed'],
    ['SQL', { key: "'; drop table events;--" }, 'key_malformed'],
    ['a key that never was', { key: createKey('pub') }, 'key_unknown'],
    ['base64 that is none', { headers: { authorization: 'Basic %%%' } }, 'key_malformed'],
    ['a token in its place', { headers: { authorization: 'Basic eyJhbGciOi.eyJ.x' } }, 'key_malformed'],
    [
      'two of them',
      { headers: { authorization: `Basic ${btoa('a:')}, Basic ${btoa('b:')}` } },
      'key_malformed',
    ],
    ['another scheme', { headers: { authorization: 'Digest x' } }, 'key_malformed'],
  ])('security 1, 2: with %s is a 401, and stores nothing', async (_, init, code) => {
    const it = await rig()
    const response = await post(it, path, body, init)
    expect(response.status).toBe(401)
    expect((await problemOf(response)).code).toBe(code)
    expect(it.rows.size).toBe(0)
  })

  it('security 3: with a revoked key is refused within two seconds', async () => {
    let clock = Date.now()
    const it = await rig({ now: () => clock })
    expect((await post(it, path, body, { key: it.key })).status).toBe(200)
    await it.revoke(it.key)
    clock += 2_001
    expect((await post(it, path, body, { key: it.key })).status).toBe(401)
  })

  it('security 5: with a server key in a browser is refused, and the log warns without the key', async () => {
    const it = await rig()
    const key = await it.addKey({ kind: 'srv' })
    for (const init of [{ key, headers: { origin } }, { headers: { origin } }]) {
      const response = await post(it, path, { ...body, writeKey: key }, init)
      expect((await problemOf(response)).code).toBe('key_in_browser')
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(it.rows.size).toBe(0)
    expect(it.log().some((line) => line.level === 'warn' && line['keyId'])).toBe(true)
    expect(it.lines.join()).not.toContain(key)
    expect(it.lines.join()).not.toContain(btoa(key).slice(12, 40))
  })

  it('security 6: from an origin that is not listed is refused, unreadably', async () => {
    const it = await rig()
    const key = await it.addKey({ origins: ['https://good.com'] })
    const response = await post(it, path, body, { key, headers: { origin: 'https://good.com.evil.com' } })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(it.rows.size).toBe(0)
    const good = await post(it, path, body, { key, headers: { origin: 'https://good.com' } })
    expect(good.status).toBe(200)
    expect(good.headers.get('access-control-allow-origin')).toBe('https://good.com')
  })

  it('security 8: answers a preflight with its own method and the clients’ headers, without credentials', async () => {
    const { collector } = await rig()
    const asked = 'authorization,content-type,anonymousid,sentat,x-retry-count,rsa-retry-attempt'
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    }
    const response = await collector.fetch(
      new Request(`https://collector.example${path}`, { method: 'OPTIONS', headers }),
    )
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ')
    expect(asked.split(',').filter((name) => !allowed?.includes(name))).toEqual([])
  })

  it.each<[string, string | Uint8Array, number, string, Record<string, string>]>([
    ['one byte too many', 'x'.repeat(1_048_577), 413, 'body_too_large', {}],
    [
      'a gzip bomb',
      gzipSync(new Uint8Array(64_000_000)),
      413,
      'body_too_large',
      { 'content-encoding': 'gzip' },
    ],
    ['gzip within gzip', gzipSync(gzipSync('{}')), 400, 'body_encoding', { 'content-encoding': 'gzip' }],
    [
      'damaged gzip',
      gzipSync('{"a":1}').subarray(0, 12),
      400,
      'body_encoding',
      { 'content-encoding': 'gzip' },
    ],
    ['an unknown encoding', '{}', 415, 'body_encoding', { 'content-encoding': 'br' }],
    ['a hundred thousand levels', '['.repeat(100_000), 400, 'body_too_deep', {}],
    ['what is no JSON', '{', 400, 'body_not_json', {}],
  ])('security 9, 10, 11, 12: %s is refused by name', async (_, raw, status, code, headers) => {
    const it = await rig()
    const response = await post(it, path, raw, { key: it.key, headers: { ...headers, origin } })
    expect(response.status).toBe(status)
    expect((await problemOf(response)).code).toBe(code)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(it.rows.size).toBe(0)
  })

  it('takes gzip', async () => {
    const it = await rig()
    const headers = { 'content-encoding': 'gzip' }
    expect((await post(it, path, gzipSync(JSON.stringify(body)), { key: it.key, headers })).status).toBe(200)
  })

  it('answers another method with 405', async () => {
    const { get } = await rig()
    const response = await get(path)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
  })
})

describe('a rate limit', () => {
  const once = { perSecond: 0.001, burst: 1 }

  it('security 23: of an address holds for pages, though they send an Authorization header', async () => {
    const it = await rig({ rateLimit: { key: { perSecond: 1000, burst: 1000 }, client: once } })
    expect((await post(it, '/v1/t', message, { key: it.key })).status).toBe(200)
    const response = await post(it, '/v1/t', message, { key: it.key })
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await post(it, '/v1/t', message, { key: it.key, from: '198.51.100.1' })).status).toBe(200)
  })

  it('security 23: of an address lets servers pass, and not those that guess keys', async () => {
    const it = await rig({ rateLimit: { key: { perSecond: 1000, burst: 1000 }, client: once } })
    const key = await it.addKey({ kind: 'srv' })
    for (let i = 0; i < 3; i++) expect((await post(it, '/v1/batch', batch, { key })).status).toBe(200)
    const guess = () => post(it, '/v1/batch', batch, { key: createKey('srv') })
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 429])
  })

  it('security 23: of a key holds whichever route it comes by', async () => {
    const it = await rig({ rateLimit: { key: once, client: { perSecond: 1000, burst: 1000 } } })
    expect((await post(it, '/v1/t', message, { key: it.key })).status).toBe(200)
    expect((await post(it, '/v1/batch', batch, { key: it.key })).status).toBe(429)
  })
})

it('a body that does not arrive is a 503 for clients that give up after a 408', async () => {
  const it = await rig({ bodyTimeoutMs: 20 })
  const stalled = new ReadableStream<Uint8Array>({ start: (one) => one.enqueue(new Uint8Array([123])) })
  const request = new Request('https://collector.example/v1/track', {
    method: 'POST',
    headers: { authorization: basic(it.key) },
    body: stalled,
    duplex: 'half',
  } as RequestInit)
  const response = await it.collector.fetch(request)
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('1')
})

it('a server key needs the scope events:write', async () => {
  const it = await rig()
  const status = async (scopes: string[]) =>
    (await post(it, '/v1/batch', batch, { key: await it.addKey({ kind: 'srv', scopes }) })).status
  expect([await status(['events:write']), await status(['config:read']), await status([])]).toEqual([
    200, 403, 200,
  ])
})

it('security 19: a message cannot set what is the collector’s to say', async () => {
  const it = await rig()
  const forged = {
    ...message,
    receivedAt: 1,
    projectId: 'p2',
    project_id: 'p2',
    id: 'x',
    seq: 9,
    tab: 'x',
    internal: true,
    bot: true,
  }
  await post(
    it,
    '/v1/track',
    { ...forged, context: { country: 'US', bot: true, keyHash: 'x' } },
    { key: it.key },
  )
  const [stored] = it.batches
  expect(stored?.receivedAt).toBeGreaterThan(1_700_000_000_000)
  expect(stored?.context).toEqual({ deviceClass: 'server' })
  expect(stored?.events[0]).toMatchObject({ tab: 'segment', seq: 0 })
  expect(Object.keys(stored?.events[0] ?? {})).not.toEqual(expect.arrayContaining(['internal']))
})

describe('what a batch says once for all of its messages', () => {
  const told = async (type: string, messages: number, context: object) => {
    const it = await rig()
    const body = {
      context,
      batch: Array.from({ length: messages }, (_, i) => ({ type, event: 'A', userId: `u${i}` })),
    }
    const response = await post(it, '/v1/batch', body, { key: it.key })
    const { rejected = [] } = (await response.json()) as { rejected?: { code: string; detail: string }[] }
    return { rows: [...it.rows.values()], rejected, codes: new Set(rejected.map(({ code }) => code)) }
  }
  const keys = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, 0]))
  const crowd = keys(60_000)

  it.each([
    ['identify', { traits: crowd }, 'event_too_many_keys'],
    ['identify', { traits: { list: Object.keys(crowd) } }, 'event_too_many_keys'],
    ['page', { campaign: crowd }, 'event_too_many_keys'],
    ['identify', { traits: { about: 'x'.repeat(33_000) } }, 'event_too_large'],
    // Small enough for one event, and 5 MB for all of them.
    ['identify', { traits: { about: 'x'.repeat(2_000) } }, 'event_too_large'],
  ])(
    'security 13: is looked at once, and refused by name where it is too much: %s %#',
    async (type, context, code) => {
      const { rows, rejected, codes } = await told(type, 2_500, context)
      expect([rows.length, rejected.length]).toEqual([0, 2_500])
      expect([...codes]).toEqual([code])
      expect(rejected[7]?.detail).toMatch(
        /^events\[7\] takes over the batch’s context\.(?:traits|campaign), which /,
      )
    },
  )

  it('security 13: costs no message what it does not take over', async () => {
    const page = { ...keys(15_000), url: `https://shop.example/${'x'.repeat(90_000)}` }
    const context = { ...keys(15_000), traits: keys(15_000), page, timezone: 'A'.repeat(90_000) }
    const { rows, rejected } = await told('track', 2_500, context)
    expect([rows.length, rejected]).toEqual([2_500, []])
  })

  it('adds no event beyond the limit of events', async () => {
    const about = 'x'.repeat(20_000)
    const it = await rig()
    const one = { type: 'identify', userId: 'u', traits: { more: 'x'.repeat(20_000) } }
    const body = { context: { traits: { about } }, batch: [one, { ...one, traits: { plan: 'pro' } }] }
    const response = await post(it, '/v1/batch', body, { key: it.key })
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'event_too_large' }],
    })
  })
})
