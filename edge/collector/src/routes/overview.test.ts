import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OverviewWorld, overviewWorld } from '../../test/overview-world.ts'

let world: OverviewWorld
beforeAll(async () => {
  world = await overviewWorld()
  await world.send([
    { type: 'page', name: '/tea', anonymousId: 'a', sessionId: 's1' },
    { type: 'page', name: '/tea', anonymousId: 'a', sessionId: 's1' },
    {
      type: 'track',
      name: 'Order Completed',
      anonymousId: 'a',
      sessionId: 's1',
      properties: { revenue: 12.5, currency: 'USD' },
    },
    { type: 'page', name: '/tea', anonymousId: 'b', sessionId: 's2' },
    { type: 'identify', name: 'identify', anonymousId: 'a', userId: 'u' },
    { type: 'identify', name: 'identify', anonymousId: 'b', userId: 'u' },
    ...[1200, 1400, 1600, 9000].map((value, i) => ({
      type: 'track' as const,
      name: 'Web Vital',
      properties: { metric: 'LCP', value, id: `v${i}`, rating: 'good' },
      anonymousId: 'a',
      sessionId: 's1',
    })),
  ])
  await world.send([{ type: 'page', name: '/tea', anonymousId: 'crawler' }], 'Googlebot/2.1')
})
afterAll(() => world.close())

const at = 'https://collector.example'
const ask = (path: string, init: RequestInit = {}) =>
  world.collector.fetch(new Request(at + path, { redirect: 'manual', ...init }), {
    remoteAddress: '203.0.113.7',
  })
const signIn = (key: string, headers: Record<string, string> = {}) =>
  ask('/overview/sign-in', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: at,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: new URLSearchParams({ key }),
  })
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''
/** The page's words, without its style. */
const wordsOf = async (response: Response) =>
  (await response.text())
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the overview, before the key', () => {
  it('is where the collector’s bare address leads, and asks for the key', async () => {
    const root = await ask('/')
    expect([root.status, root.headers.get('location')]).toEqual([303, '/overview'])
    const response = await ask('/overview')
    expect(response.status).toBe(401)
    expect(await wordsOf(response)).toContain('Sign in to the overview')
  })

  it('security 52: answers every spelling of every address within as it answers a stranger, files too', async () => {
    const page = await (await ask('/overview')).text()
    const spellings = [
      '//overview',
      '/overview%2f',
      '/%6fverview',
      '/%256fverview',
      '/x/..%2foverview',
      '/OVERVIEW',
      '/overview/',
      '/overview//live.js',
      '/overview/live.js',
      '/overview/%6cive.js',
      '/overview/nothing',
      '/%2e/overview',
      '/overview%5c',
    ]
    for (const spelling of spellings) {
      const response = await world.collector.fetch({
        ...new Request(at),
        url: at + spelling,
        method: 'GET',
        headers: new Headers(),
      } as unknown as Request)
      expect([spelling, response.status]).toEqual([spelling, 401])
      expect(await response.text()).toBe(page)
    }
  })

  it.each([
    ['nothing', () => '', 'carries no API key'],
    ['a mistyped key', () => 'nk_srv_nonsense', 'shape or its checksum'],
    ['a public key', () => world.keys.pub, 'one scope is overview:read'],
    ['a key that may do everything', () => world.keys.all, 'one scope is overview:read'],
  ])('refuses %s, in words, and sets no cookie', async (_what, key, words) => {
    const response = await signIn(key())
    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(await wordsOf(response)).toContain(words)
  })

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('security 37: refuses a form of another site: %o', async (headers) => {
    const response = await signIn(world.keys.overview, headers as Record<string, string>)
    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  it('says what a proxy must hand on, where the form and the collector disagree about the address', async () => {
    const response = await ask('/overview/sign-in', {
      method: 'POST',
      headers: { origin: 'https://shop.example' },
      body: new URLSearchParams({ key: world.keys.overview }),
    })
    expect(response.status).toBe(401)
    const words = await wordsOf(response)
    expect(words).toContain('The form came from https://shop.example, and was asked of collector.example.')
    expect(words).toContain('Host header')
    expect(words).not.toContain('to the key')
  })

  it.each([
    ['http://192.168.0.7:8787', {}, true],
    ['http://events.shop.example', {}, true],
    // TLS ended before: browsers say where the request comes from.
    ['http://events.shop.example', { 'sec-fetch-site': 'none' }, false],
    ['http://localhost:4701', {}, false],
    ['http://127.0.0.1:4701', {}, false],
    [at, {}, false],
  ])('says beforehand whether the browser would keep the sign-in: %s %o', async (address, headers, told) => {
    const request = new Request(`${address}/overview`, { headers: headers as Record<string, string> })
    const words = await wordsOf(await world.collector.fetch(request, { remoteAddress: '203.0.113.7' }))
    expect(words.includes('browsers do not keep a sign-in')).toBe(told)
  })

  it('never says the key again', async () => {
    const response = await signIn(`${world.keys.all}x`)
    expect(await response.text()).not.toContain(world.keys.all)
    expect(world.lines.join('\n')).not.toContain('nk_srv_')
  })
})

describe('the overview, with its key', () => {
  it('gives for the key a cookie that no script and no other site can use', async () => {
    const response = await signIn(world.keys.overview)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/overview'])
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^__Host-nunchi_overview=[\da-f]{64}; /)
    for (const part of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age=43200'])
      expect(cookie).toContain(part)
    const { rows } = await world.db.query('select token_hash from nunchi.overview_sessions')
    expect(JSON.stringify(rows)).not.toContain(cookie.slice(24, 88))
  })

  it('security 54: leads nowhere else, whatever it is asked', async () => {
    for (const query of [
      '?next=//evil.example',
      '?redirect=\\evil.example',
      '?return_to=https://evil.example',
    ]) {
      const response = await ask(`/overview/sign-in${query}`, {
        method: 'POST',
        headers: { origin: at },
        body: new URLSearchParams({ key: world.keys.overview, next: '//evil.example' }),
      })
      expect(response.headers.get('location')).toBe('/overview')
    }
  })

  it('shows people once for all their devices, and leaves programs out', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    const words = await wordsOf(await ask('/overview?days=1', { headers: { cookie } }))
    expect(words).toContain('찻집')
    expect(words).toContain('Visitors now 1 ')
    expect(words).toContain('People 1 ')
    expect(words).toContain('Sessions 2 ')
    expect(words).toContain('Page views 3 ')
    expect(words).toContain('Conversions 1 ')
    expect(words).toContain('US$12.50')
    expect(words).toContain('From programs, not counted 1')
    expect(words).toMatch(/LCP 1\.[56]\d? s good 4/)
    expect(words).toContain('South Korea')
  })

  it('speaks Korean to whoever reads it', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    const headers = { cookie, 'accept-language': 'ko-KR,ko;q=0.9,en;q=0.8' }
    const text = await (await ask('/overview', { headers })).text()
    expect(text).toContain('<html lang="ko">')
    expect(text).toContain('지금 방문자')
  })

  it('security 50, 53: lets nothing run, frame or keep it', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    for (const headers of [{ cookie }, { cookie: '' }]) {
      const response = await ask('/overview', { headers })
      const given = Object.fromEntries(response.headers)
      expect(given).toMatchObject({
        'cache-control': 'private, no-store',
        'referrer-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
      })
      expect(given['vary']).toContain('Cookie')
      const policy = given['content-security-policy'] ?? ''
      expect(policy).not.toContain('unsafe')
      for (const rule of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ])
        expect(policy).toContain(rule)
    }
  })

  it('ends when it is signed out, and when its key is revoked', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    const headers = { cookie, origin: at }
    const out = await ask('/overview/sign-out', { method: 'POST', headers })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await ask('/overview', { headers })).status).toBe(401)

    const key = await world.addKey('srv', ['overview:read'])
    const other = { cookie: cookieOf(await signIn(key)) }
    expect((await ask('/overview', { headers: other })).status).toBe(200)
    await world.revoke(key)
    expect((await ask('/overview', { headers: other })).status).toBe(401)
  })

  it('is signed out only by a form of its own', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    await ask('/overview/sign-out', { method: 'POST', headers: { cookie, origin: 'https://evil.example' } })
    expect((await ask('/overview', { headers: { cookie } })).status).toBe(200)
  })

  it('shows one project nothing of another', async () => {
    const key = await world.addKey('srv', ['overview:read'], 'Another shop')
    const words = await wordsOf(await ask('/overview', { headers: { cookie: cookieOf(await signIn(key)) } }))
    expect(words).toContain('Another shop')
    expect(words).toContain('Waiting for the first event')
    expect(words).not.toContain('/tea')
  })

  it('security 22: reads a period that it does not offer as the usual one', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    for (const days of ["7' || pg_sleep(5) || '", '-1', '1e9', 'NaN'])
      expect((await ask(`/overview?days=${encodeURIComponent(days)}`, { headers: { cookie } })).status).toBe(
        200,
      )
  })

  it('says in words that the database does not answer', async () => {
    const cookie = cookieOf(await signIn(world.keys.overview))
    const broken = await overviewWorld()
    await broken.db.exec('drop function nunchi.overview(jsonb)')
    const response = await broken.collector.fetch(new Request(`${at}/overview`, { headers: { cookie } }))
    expect(response.status).toBe(503)
    const words = await wordsOf(response)
    expect(words).toContain('The database does not answer just now')
    expect(words).not.toMatch(/function|nunchi\.overview/)
    await broken.close()
  })
})
