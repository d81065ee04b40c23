import { createKey } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { type Rig, rig, someBatch } from '../../test/rig.ts'

const origin = 'https://shop.example'

function preflight({ collector }: Rig, key: string, from = origin): Promise<Response> {
  const headers = { origin: from, 'access-control-request-method': 'POST' }
  return collector.fetch(
    new Request(`https://collector.example/v1/events?key=${key}`, { method: 'OPTIONS', headers }),
  )
}

describe('a preflight', () => {
  it('security 8: gets this route’s methods and headers, for a day, and no credentials', async () => {
    const it = await rig()
    const { status, headers } = await preflight(it, it.key)
    expect(status).toBe(204)
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type, Content-Encoding',
      'access-control-max-age': '86400',
      vary: 'Origin',
    })
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('from an origin that the key forbids gets no origin back', async () => {
    const it = await rig()
    const key = await it.addKey({ origins: ['https://other.example'] })
    expect((await preflight(it, key)).headers.get('access-control-allow-origin')).toBeNull()
    expect(
      (await preflight(it, key, 'https://other.example')).headers.get('access-control-allow-origin'),
    ).toBe('https://other.example')
  })

  it('with an unknown key is let through, so that the page can read why it is refused', async () => {
    const it = await rig()
    expect((await preflight(it, createKey('pub'))).headers.get('access-control-allow-origin')).toBe(origin)
    expect(it.calls).toEqual(['find_key'])
  })
})

describe('every answer', () => {
  const failing = Object.assign(new Error('no'), { code: '42883' })
  it.each<[number, (it: Rig) => Promise<Response>]>([
    [202, (it) => it.post(someBatch(), { headers: { origin } })],
    [204, (it) => it.post(someBatch(), { query: 'ack=none', headers: { origin } })],
    [400, (it) => it.post('{', { headers: { origin } })],
    [401, (it) => it.post(someBatch(), { key: '', headers: { origin } })],
    [404, (it) => it.get('/v1/nothing', { origin })],
    [405, (it) => it.get('/v1/events', { origin })],
    [413, (it) => it.post('x'.repeat(1_048_577), { headers: { origin } })],
    [415, (it) => it.post('{}', { headers: { origin, 'content-encoding': 'br' } })],
    [
      429,
      async () => {
        const { get } = await rig({
          rateLimit: { key: { perSecond: 1, burst: 1 }, client: { perSecond: 0.001, burst: 1 } },
        })
        await get('/v1/events')
        return get('/v1/events', { origin })
      },
    ],
    [
      503,
      (it) => {
        it.state.fail = failing
        return it.post(someBatch(), { headers: { origin } })
      },
    ],
  ])('%i can be read by the page', async (status, ask) => {
    const response = await ask(await rig())
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Retry-After, ETag',
      vary: 'Origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    expect(response.headers.get('set-cookie')).toBeNull()
  })
})
