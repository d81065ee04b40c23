import { uuidTime } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { problemOf, type Rig, rig } from '../../test/rig.ts'
import { type Sent, send } from '../../test/segment/send.ts'

const now = Date.parse('2026-11-23T10:00:00Z')
const at = '2026-11-23T09:59:58.500Z'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const message = (more: object = {}): object => ({
  messageId: 'm-1',
  timestamp: at,
  anonymousId: 'a1',
  event: 'Product Added',
  properties: { sku: 'lamp' },
  ...more,
})

/** A collector whose clock stands, and requests with its public key. */
async function world() {
  const made: Rig = await rig({ now: () => now })
  const post = (path: string, body: string | Uint8Array | object, init: Sent = {}) =>
    send(made.collector, path, body, { key: made.key, ...init })
  const one = () => [...made.rows.values()][0]
  return { ...made, post, one }
}

describe('one message', () => {
  it('is stored, and answered after its commit', async () => {
    const { post, one, rows } = await world()
    const response = await post('/v1/track', message())
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ success: true, accepted: 1, duplicates: 0, rejected: [] })
    expect(rows.size).toBe(1)
    expect(one()).toMatchObject({
      type: 'track',
      name: 'Product Added',
      ts: Date.parse(at),
      anonymousId: 'a1',
      properties: { sku: 'lamp' },
      sdk: 'segment',
      tab: 'segment',
      seq: 0,
    })
  })

  it.each([
    ['/v1/t', { event: 'Added' }, { type: 'track', name: 'Added' }],
    [
      '/v1/identify',
      { userId: 7, traits: { plan: 'free' } },
      { type: 'identify', name: 'identify', userId: '7', properties: { plan: 'free' } },
    ],
    [
      '/v1/i',
      { userId: 'u', context: { traits: { plan: 'pro' } } },
      { type: 'identify', userId: 'u', properties: { plan: 'pro' } },
    ],
    [
      '/v1/page',
      { name: 'Home', category: 'Shop', properties: { url: 'https://shop.example/a', title: 'A' } },
      {
        type: 'page',
        name: 'Home',
        properties: { category: 'Shop', title: 'A' },
        page: { url: 'https://shop.example/a', title: 'A' },
      },
    ],
    [
      '/v1/p',
      { context: { page: { url: 'https://shop.example/tea?x=1', referrer: '$direct' } } },
      { type: 'page', name: '/tea', page: { url: 'https://shop.example/tea?x=1' } },
    ],
    ['/v1/screen', { name: 'Cart' }, { type: 'page', name: 'Cart' }],
    ['/v1/s', {}, { type: 'page', name: '/' }],
    [
      '/v1/group',
      { groupId: 'g1', traits: { seats: 3 }, context: { traits: { not: 'the group’s' } } },
      { type: 'group', name: 'group', groupId: 'g1', properties: { seats: 3 } },
    ],
    ['/v1/g', { groupId: 4 }, { type: 'group', groupId: '4' }],
    [
      '/v1/alias',
      { userId: 'u2', previousId: 'u1' },
      { type: 'alias', name: 'alias', userId: 'u2', previousId: 'u1' },
    ],
    ['/v1/a', { userId: 'u2', previousId: 1 }, { type: 'alias', previousId: '1' }],
  ])('by %s: %o', async (path, fields, expected) => {
    const { post, one } = await world()
    const { event: _e, properties: _p, ...rest } = message() as { event: string; properties: object }
    expect((await post(path, { ...rest, ...fields })).status).toBe(200)
    expect(one()).toMatchObject(expected)
  })

  it('of a page takes its campaign along', async () => {
    const { post, one } = await world()
    const campaign = { source: 'news', medium: 'email', name: 'autumn' }
    await post('/v1/page', message({ context: { campaign } }))
    expect(one()?.properties).toEqual({ sku: 'lamp', campaign })
    const track = await world()
    await track.post('/v1/track', message({ context: { campaign } }))
    expect(track.one()?.properties).toEqual({ sku: 'lamp' })
  })

  it('is refused with a 400 that names the fault, and recorded', async () => {
    const { post, rows, batches } = await world()
    const response = await post('/v1/track', message({ event: '' }))
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({
      code: 'batch_malformed',
      success: false,
      rejected: [{ index: 0, id: 'm-1', code: 'event_name_invalid' }],
    })
    expect(rows.size).toBe(0)
    expect(batches[0]?.rejects).toMatchObject([{ rejection: { code: 'event_name_invalid' } }])
  })

  it.each([
    ['no visitor', { anonymousId: '' }, 'event_no_visitor'],
    ['a day that is none', { timestamp: '2025-02-30T00:00:00Z' }, 'event_time_invalid'],
    ['"now"', { timestamp: 'now' }, 'event_time_invalid'],
    ['a time that is an object', { timestamp: {} }, 'event_time_invalid'],
    ['a time too old', { timestamp: '2026-10-01T00:00:00Z' }, 'event_too_old'],
    ['properties that are none', { properties: 'x' }, 'event_field_invalid'],
    ['an id too long', { userId: 'u'.repeat(257) }, 'event_field_invalid'],
    ['33 kB', { properties: { x: 'x'.repeat(33_000) } }, 'event_too_large'],
    [
      'seventeen levels',
      { properties: JSON.parse(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`) },
      'event_too_deep',
    ],
    [
      'a thousand and one keys',
      { properties: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, 1])) },
      'event_too_many_keys',
    ],
  ])('with %s is refused', async (_, fields, code) => {
    const { post } = await world()
    const problem = await problemOf(await post('/v1/track', message(fields)))
    expect(problem).toMatchObject({ rejected: [{ code }] })
  })

  it('security 14, 15: keeps __proto__ as data, and mends what Postgres cannot store', async () => {
    const { post, one } = await world()
    const body = `{"anonymousId":"a\\u0000","event":"\\ud800x","properties":{"__proto__":{"polluted":1}},"context":{"__proto__":{"page":{"url":"https://evil.example"}}}}`
    expect((await post('/v1/track', body)).status).toBe(200)
    expect(one()).toMatchObject({ anonymousId: 'a\ufffd', name: '\ufffdx' })
    expect(Object.keys(one()?.properties ?? {})).toEqual(['__proto__'])
    expect(one()).not.toHaveProperty('page')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('a batch', () => {
  it('keeps the good messages beside the bad, each by its place', async () => {
    const { post, rows, batches } = await world()
    const batch = [
      { type: 'track', event: 'A', userId: 'u', messageId: '1' },
      { type: 'nonsense', userId: 'u', messageId: '2' },
      null,
      { type: 'identify', userId: 'u', messageId: '4', traits: { plan: 'free' } },
    ]
    const response = await post('/v1/batch', { batch, sentAt: at })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      success: true,
      accepted: 2,
      rejected: [
        { index: 1, id: '2', code: 'event_type_unknown' },
        { index: 2, code: 'event_malformed' },
      ],
    })
    expect(rows.size).toBe(2)
    expect(batches[0]).toMatchObject({ positions: [0, 3] })
    expect(batches[0]?.rejects).toHaveLength(2)
  })

  it('is stored by the context of each message: one batch of ours for each browser', async () => {
    const { post, batches } = await world()
    const of = (locale: string, messageId: string) => ({
      type: 'track',
      event: 'A',
      userId: 'u',
      messageId,
      context: { locale, timezone: 'GMT+0900' },
    })
    await post('/v1/batch', {
      batch: [of('ko-KR', '1'), of('de-DE', '2'), of('ko-KR', '3')],
      context: { timezone: 'Asia/Seoul' },
    })
    expect(batches.map(({ context, events }) => [context.locale, events.length])).toEqual([
      ['ko-KR', 2],
      ['de-DE', 1],
    ])
  })

  it.each(['/v1/b', '/v1/import', '/beacon/v1/batch'])(
    'comes by %s as well, whatever its content type',
    async (path) => {
      const { collector, key, rows } = await world()
      const batch = [{ type: 'track', event: 'A', userId: 'u' }]
      const query = path.startsWith('/beacon') ? `?writeKey=${key}` : ''
      const body = query ? { batch } : { batch, writeKey: key }
      const headers = { 'content-type': 'text/plain' }
      expect((await send(collector, path + query, body, { headers })).status).toBe(200)
      expect(rows.size).toBe(1)
    },
  )

  it.each([['{}'], ['[]'], ['null'], ['{"batch":{}}'], ['{"batch":'], ['']])(
    'that is none (%s) is a 400',
    async (body) => {
      const { post, rows } = await world()
      expect((await post('/v1/batch', body)).status).toBe(400)
      expect(rows.size).toBe(0)
    },
  )

  it('may hold 2,500 messages, and one more is a 413', async () => {
    const { post, rows } = await world()
    const batch = Array.from({ length: 2_500 }, (_, i) => ({
      type: 'track',
      event: 'A',
      userId: 'u',
      messageId: `${i}`,
    }))
    expect(await (await post('/v1/batch', { batch })).json()).toMatchObject({ accepted: 2_500 })
    expect(rows.size).toBe(2_500)
    expect((await post('/v1/batch', { batch: [...batch, batch[0]] })).status).toBe(413)
  })
})

describe('a message that comes again', () => {
  it('has the id that it had, although sentAt is another: one row', async () => {
    const { post, rows } = await world()
    await post('/v1/track', message({ sentAt: at, _metadata: {} }))
    const again = await post('/v1/batch', {
      sentAt: '2026-11-23T11:00:00Z',
      batch: [{ ...message(), type: 'track' }],
    })
    expect(await again.json()).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(rows.size).toBe(1)
  })

  it('without a messageId is known by all that it says, but for what differs between attempts', async () => {
    const { post, rows, key } = await world()
    const bare = { event: 'A', userId: 'u', properties: { b: 1, a: 2 } }
    await post('/v1/track', { ...bare, sentAt: '2026-11-23T09:00:00Z' })
    await post('/v1/track', {
      writeKey: key,
      properties: { a: 2, b: 1 },
      event: 'A',
      userId: 'u',
      _metadata: { retryCount: 1 },
    })
    expect(rows.size).toBe(1)
    await post('/v1/track', { ...bare, properties: { b: 1, a: 3 } })
    expect(rows.size).toBe(2)
  })

  it('is not taken for its equal beside it in one batch', async () => {
    const { post, rows } = await world()
    const bare = { type: 'track', event: 'A', userId: 'u' }
    const batch = { batch: [bare, bare] }
    expect(await (await post('/v1/batch', batch)).json()).toMatchObject({ accepted: 2 })
    expect(await (await post('/v1/batch', batch)).json()).toMatchObject({ duplicates: 2 })
    expect(rows.size).toBe(2)
  })

  it('without a messageId is not taken for another call that says the same', async () => {
    const { post, rows } = await world()
    await post('/v1/page', { userId: 'u', timestamp: at })
    await post('/v1/screen', { userId: 'u', timestamp: at })
    expect(rows.size).toBe(2)
    await post('/v1/batch', { batch: [{ type: 'page', userId: 'u', timestamp: at }] })
    expect(rows.size).toBe(2)
  })

  it('in another project is another event', async () => {
    const { post, addKey, rows } = await world()
    await post('/v1/track', message())
    await post('/v1/track', message(), { key: await addKey({ projectId: 'p2' }) })
    const [a, b] = [...rows.values()]
    expect(rows.size).toBe(2)
    expect(a?.id).not.toBe(b?.id)
  })
})

describe('the time of a message', () => {
  const stored = async (fields: object) => {
    const { post, one, batches } = await world()
    const { timestamp: _t, ...rest } = message() as { timestamp: string }
    expect((await post('/v1/track', { ...rest, ...fields })).status).toBe(200)
    const { receivedAt, sentAt } = batches[0] as { receivedAt: number; sentAt: number }
    const event = one()
    return {
      idTime: uuidTime(event?.id as string),
      occurred: (event?.ts as number) + receivedAt - sentAt,
      ts: event?.ts,
    }
  }

  it('is moved by the difference of the clocks, as Segment does', async () => {
    // The device's clock is an hour slow; it sent the message two seconds after it happened.
    const times = await stored({ timestamp: '2026-11-23T08:59:58Z', sentAt: '2026-11-23T09:00:00Z' })
    expect(times.occurred).toBe(now - 2_000)
    expect(times.idTime).toBe(Date.parse('2026-11-23T08:59:58Z'))
  })

  it('without sentAt is believed', async () => {
    expect((await stored({ timestamp: at })).occurred).toBe(Date.parse(at))
    expect((await stored({ timestamp: at, sentAt: 'yesterday' })).occurred).toBe(Date.parse(at))
  })

  it('is originalTimestamp where timestamp is absent; where both are there, timestamp is right already', async () => {
    const original = { originalTimestamp: at, sentAt: '2026-11-23T10:00:00Z' }
    expect(await stored(original)).toMatchObject({ idTime: Date.parse(at), occurred: Date.parse(at) })
    const forwarded = { ...original, sentAt: '2026-11-01T00:00:00Z', timestamp: '2026-11-23T09:00:00Z' }
    expect((await stored(forwarded)).occurred).toBe(Date.parse('2026-11-23T09:00:00Z'))
  })

  it('is that of its arrival where it says none, whatever sentAt says, and its id has none', async () => {
    expect(await stored({ sentAt: '2026-11-22T00:00:00Z' })).toEqual({ idTime: 0, occurred: now, ts: now })
  })

  it('may be years ago where a server brings its history in', async () => {
    const { post, addKey, one } = await world()
    const key = await addKey({ kind: 'srv' })
    const old = { ...message({ timestamp: '2019-03-01T12:00:00Z' }), type: 'track' }
    expect((await post('/v1/import', { batch: [old], sentAt: at }, { key })).status).toBe(200)
    expect(one()?.ts).toBe(Date.parse('2019-03-01T12:00:00Z'))
  })
})

describe('whose browser it was', () => {
  const context = { userAgent: firefox, ip: '198.51.100.9', locale: 'ko-KR', location: { country: 'KR' } }
  const cases: [string, Sent & { srv?: boolean }, object][] = [
    [
      'a page: the request says where from',
      { headers: { origin: 'https://shop.example' } },
      { browser: 'Firefox', ip: '203.0.113.0/24' },
    ],
    [
      'a server with a public key: the message alone',
      { headers: { 'user-agent': 'analytics-node-next/latest' } },
      { browser: 'Firefox', ip: '198.51.100.0/24', country: 'KR' },
    ],
    [
      'a server: the message alone',
      { srv: true },
      { browser: 'Firefox', ip: '198.51.100.0/24', country: 'KR' },
    ],
  ]
  it.each(cases)('%s', async (_, { srv, ...init }, expected) => {
    const { post, addKey, batches, key } = await world()
    await post('/v1/track', message({ context }), { ...init, key: srv ? await addKey({ kind: 'srv' }) : key })
    expect(batches[0]?.context).toEqual({ locale: 'ko-KR', deviceClass: 'desktop', os: 'Linux', ...expected })
  })

  it('nobody’s, where a server says nothing of its visitor; a phone’s, where an app does', async () => {
    const { post, batches } = await world()
    await post('/v1/track', message(), { headers: { 'user-agent': 'python-requests/2.32.0' } })
    await post(
      '/v1/screen',
      message({ context: { device: { type: 'ios', id: 'secret', model: 'iPhone15' }, os: { name: 'iOS' } } }),
    )
    expect(batches.map((one) => one.context)).toEqual([
      { deviceClass: 'server' },
      { deviceClass: 'mobile', os: 'iOS', device: { type: 'ios', model: 'iPhone15' } },
    ])
  })
})

describe('a database that is away', () => {
  it('is a 503 with Retry-After, never a 200', async () => {
    const { post, state } = await world()
    state.failIngest = Object.assign(new Error('gone'), { code: '57P01' })
    const response = await post('/v1/track', message())
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    delete state.failIngest
    expect((await post('/v1/track', message())).status).toBe(200)
  })
})
