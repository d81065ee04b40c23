import type { Config } from '@nunchi/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../test/wait-for.ts'
import { keepVisitor } from './keep-visitor.ts'
import { createServerFlags, type ServerFlagsOptions } from './server-flags.ts'

const config: Config = {
  version: 'v1',
  flags: {
    colour: {
      type: 'string',
      value: 'blue',
      revision: 1,
      rules: [{ id: 'phones', condition: { deviceClass: 'mobile' }, value: 'red' }],
    },
  },
  experiments: {
    hero: {
      status: 'running',
      revision: 1,
      variants: [
        { key: 'plain', weight: 0, isControl: true },
        { key: 'bold', weight: 1_000_000 },
      ],
    },
  },
}
const id = 'a1'.repeat(16)
const cookies = { get: (name: string) => (name === 'nunchi_id' ? { value: id } : undefined) }

let answers: (() => Response | Promise<Response>)[]
let asked: string[]
let time: number
const server = (options: Partial<ServerFlagsOptions> = {}) =>
  createServerFlags({
    key: 'nk_pub_test',
    host: 'https://e.example/',
    now: () => time,
    async fetch(url) {
      asked.push(url)
      return (answers.shift() ?? (() => Response.json(config)))()
    },
    ...options,
  })

beforeEach(() => {
  answers = []
  asked = []
  time = 1_000_000
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => vi.restoreAllMocks())

describe('a visit', () => {
  it('is decided by the collector’s config, for the cookie’s visitor, and hands both to the page', async () => {
    const visit = await server().visit({ cookies, attributes: { plan: 'pro' } })
    expect(asked).toEqual(['https://e.example/v1/config?key=nk_pub_test'])
    expect(visit.flag('colour', 'none')).toBe('blue')
    expect(visit.experiment('hero')).toMatchObject({ variant: 'bold', isInExperiment: true, reason: 'split' })
    expect(JSON.parse(JSON.stringify(visit.bootstrap))).toEqual({
      config,
      attributes: { anonymousId: id, plan: 'pro' },
      at: time,
      cookie: 'nunchi_id',
    })
  })

  it('knows the device and the language from the headers', async () => {
    const headers = new Headers({
      'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148',
      'accept-language': 'ko-KR,ko;q=0.9',
    })
    const visit = await server().visit({ cookies, headers })
    expect(visit.bootstrap.attributes).toMatchObject({ deviceClass: 'mobile', locale: 'ko-KR' })
    expect(visit.flag('colour', 'none')).toBe('red')
  })

  it('of nobody, or of an id that is none, is in no experiment', async () => {
    for (const value of ['', 'short', `${id}; path=/`, '<script>']) {
      const visit = await server().visit({ cookies: { get: () => ({ value }) } })
      expect(visit.experiment('hero')).toMatchObject({ variant: 'plain', isInExperiment: false })
      expect(visit.bootstrap.attributes).toEqual({})
    }
  })

  it('gets fallbacks for what is unknown or of another type, and one warning', async () => {
    const flags = server()
    for (const _ of [1, 2]) {
      const visit = await flags.visit({ cookies })
      expect([visit.flag('nope', 3), visit.flag('colour', 3)]).toEqual([3, 3])
      expect(visit.experiment('nope', 'plain')).toMatchObject({ variant: 'plain', isInExperiment: false })
    }
    expect(vi.mocked(console.warn).mock.calls.map(([text]) => /"nope": .*#(\w+)/.exec(text)?.[1])).toEqual([
      'flag_unknown',
      'experiment_unknown',
    ])
  })
})

describe('the config of a server', () => {
  it('is asked for once by many visits at once, and again only when it is old: behind', async () => {
    const flags = server({ maxAge: 5000 })
    await Promise.all([1, 2, 3].map(() => flags.visit({ cookies })))
    expect(asked.length).toBe(1)
    time += 5000
    let answer: (response: Response) => void = () => {}
    answers = [() => new Promise((resolve) => (answer = resolve))]
    expect((await flags.visit({ cookies })).bootstrap.config?.version).toBe('v1')
    expect(asked.length).toBe(2)
    answer(Response.json({ ...config, version: 'v2' }))
    await waitFor(async () => expect((await flags.visit({ cookies })).bootstrap.config?.version).toBe('v2'))
  })

  it.each([
    ['is down', () => Promise.reject(new Error('down'))],
    ['fails', () => new Response('no', { status: 503 })],
    ['answers half', () => new Response('{"version":"v')],
    ['answers something else', () => Response.json({ hello: 1 })],
  ])(
    'is not there when the collector %s: fallbacks hold, and it is asked for again later',
    async (_, fail) => {
      const flags = server()
      answers = [fail]
      const visit = await flags.visit({ cookies })
      expect([visit.flag('colour', 'none'), visit.bootstrap.config]).toEqual(['none', undefined])
      time += 5000
      expect((await flags.visit({ cookies })).flag('colour', 'none')).toBe('blue')
      expect(console.warn).not.toHaveBeenCalled()
    },
  )

  it('is waited for no longer than the timeout', async () => {
    answers = [() => new Promise(() => {})]
    const visit = await server({ timeout: 10 }).visit({ cookies })
    expect(visit.flag('colour', 'none')).toBe('none')
  })

  it('that is corrupt gives fallbacks, and throws nothing into the page', async () => {
    const hero = { ...config.experiments['hero'], ranges: [null, null] }
    answers = [() => Response.json({ ...config, experiments: { hero } })]
    const visit = await server().visit({ cookies })
    expect(visit.experiment('hero', 'plain')).toMatchObject({ variant: 'plain', isInExperiment: false })
    expect(visit.flag('colour', 'none')).toBe('blue')
    expect(vi.mocked(console.warn).mock.calls[0]?.[0]).toContain('#plugin_failed')
  })

  it('stays in force while the collector is down', async () => {
    const flags = server()
    await flags.visit({ cookies })
    time += 60_000
    answers = [() => Promise.reject(new Error('down'))]
    await flags.visit({ cookies })
    expect((await flags.visit({ cookies })).flag('colour', 'none')).toBe('blue')
  })
})

/** A request and its response, as Next gives them. */
function exchange(cookie: string, header: { [name: string]: string } = {}, protocol = 'https:') {
  const jar = new Map(cookie ? [['nunchi_id', cookie]] : [])
  const set: { value: string; maxAge: number; secure: boolean; httpOnly?: boolean }[] = []
  let seen: string | undefined
  const request = {
    cookies: {
      get: (name: string) => (jar.has(name) ? { value: jar.get(name)! } : undefined),
      set: (name: string, value: string) => jar.set(name, value),
    },
    headers: new Headers(header),
    nextUrl: { protocol },
  }
  const answer = () => {
    seen = jar.get('nunchi_id')
    return { cookies: { set: (one: (typeof set)[number]) => set.push(one) } }
  }
  return { request, answer, set, seen: () => seen }
}

describe('keepVisitor()', () => {
  it('gives a new visitor an id that this very request sees, in a cookie that the page can read', () => {
    const { request, answer, set, seen } = exchange('')
    keepVisitor(request, answer)
    expect(set).toEqual([
      { name: 'nunchi_id', value: seen(), path: '/', maxAge: 34_128_000, sameSite: 'lax', secure: true },
    ])
    expect(seen()).toMatch(/^[\da-f]{32}$/)
  })

  it('keeps the id of a visitor who has one, and renews the cookie with whole pages only', () => {
    const page = exchange(id, { 'sec-fetch-dest': 'document' }, 'http:')
    keepVisitor(page.request, page.answer)
    expect(page.set).toMatchObject([{ value: id, secure: false }])
    const data = exchange(id, { 'sec-fetch-dest': 'empty' })
    keepVisitor(data.request, data.answer)
    expect([data.set, data.seen()]).toEqual([[], id])
  })

  it('replaces what is no id', () => {
    const { request, answer, set, seen } = exchange('<b>')
    keepVisitor(request, answer)
    expect(seen()).toMatch(/^[\da-f]{32}$/)
    expect(set.length).toBe(1)
  })

  it('gives none to who asks not to be tracked, or has not agreed, and takes the one of before away', () => {
    const gpc = exchange('', { 'sec-gpc': '1' })
    keepVisitor(gpc.request, gpc.answer)
    expect([gpc.set, gpc.seen()]).toEqual([[], undefined])
    const refused = exchange(id)
    keepVisitor(refused.request, refused.answer, { allow: () => false })
    expect(refused.set).toMatchObject([{ value: '', maxAge: 0 }])
    expect(refused.seen()).toBe('')
  })
})
