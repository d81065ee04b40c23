import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { someAnswer } from '../test/some-recommendations.ts'
import { createServerFlags, type ServerFlagsOptions } from './server-flags.ts'

const id = 'a1'.repeat(16)
const cookies = { get: () => ({ value: id }) }
const query = { type: 'products', limit: 6 }

let answers: (() => Response | Promise<Response>)[]
let asked: { url: string; headers: Headers }[]
let time: number
const server = (options: Partial<ServerFlagsOptions> = {}) =>
  createServerFlags({
    key: 'nk_pub_test',
    host: 'https://e.example/',
    now: () => time,
    async fetch(url, { headers }) {
      if (url.includes('/v1/config')) return Response.json({ version: 'v1', flags: {}, experiments: {} })
      asked.push({ url, headers: new Headers(headers) })
      return (answers.shift() ?? (() => Response.json(someAnswer())))()
    },
    ...options,
  })
const listed = async (flags = server(), more = {}) =>
  (await flags.visit({ cookies, recommendations: query, ...more })).bootstrap.recommendations

beforeEach(() => {
  answers = []
  asked = []
  time = 1_000_000
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => vi.restoreAllMocks())

describe('the lists of a visit', () => {
  it('are asked for where that is said, for the cookie’s visitor, and handed to the page with what was asked', async () => {
    expect(await server().visit({ cookies })).not.toHaveProperty('bootstrap.recommendations')
    expect(asked).toEqual([])
    const headers = new Headers({ 'user-agent': 'Mozilla/5.0 (iPhone)' })
    const { bootstrap } = await server().visit({ cookies, headers, recommendations: query })
    expect(asked[0]?.url).toBe(
      `https://e.example/v1/recommendations?key=nk_pub_test&type=products&list=user&anonymousId=${id}&limit=6`,
    )
    expect(asked[0]?.headers.get('user-agent')).toBe('Mozilla/5.0 (iPhone)')
    expect(bootstrap).toMatchObject({ recommendations: someAnswer(), recommendationsQuery: query })
  })

  it('are what is popular for who has no id, and may go with an item', async () => {
    await listed(server(), { cookies: { get: () => undefined }, recommendations: {} })
    await listed(server(), { recommendations: { type: 'products', context: { item: 'a lamp' } } })
    expect(asked.map(({ url }) => url.split('key=nk_pub_test')[1])).toEqual([
      '&list=user&limit=10',
      `&type=products&list=contextual&anonymousId=${id}&context=item%3Aa%20lamp&limit=10`,
    ])
  })

  it('are asked for by the server’s own key where there is one, which the page never sees', async () => {
    const { bootstrap } = await server({ serverKey: 'nk_srv_secret' }).visit({
      cookies,
      recommendations: query,
    })
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer nk_srv_secret')
    expect(asked[0]?.url).toMatch(/\/v1\/recommendations\?type=products&/)
    expect(JSON.stringify(bootstrap)).not.toContain('nk_srv_')
  })

  it.each([
    ['is down', () => Promise.reject(new Error('down'))],
    ['fails', () => new Response('no', { status: 503 })],
    ['is asked too much', () => new Response('no', { status: 429 })],
  ])('are left to the page when the collector %s, which nobody waits for then', async (_, fail) => {
    const flags = server()
    answers = [fail]
    expect(await listed(flags)).toBeUndefined()
    time += 4_999
    expect(await listed(flags)).toBeUndefined()
    expect(asked).toHaveLength(1)
    time += 1
    expect(await listed(flags)).toEqual(someAnswer())
    expect(console.warn).not.toHaveBeenCalled()
  })

  it('are waited for no longer than the timeout, and what comes later is dropped', async () => {
    answers = [() => new Promise(() => {})]
    expect(await listed(server({ timeout: 10 }))).toBeUndefined()
  })

  it.each([
    ['half an answer', () => new Response('{"recommendations":')],
    ['something else', () => Response.json({ hello: 1 })],
    ['lists of nothing', () => Response.json(someAnswer([null as never]))],
  ])('are none where %s comes, and are asked for again by the next visit', async (_, broken) => {
    const flags = server()
    answers = [broken]
    expect(await listed(flags)).toBeUndefined()
    expect(await listed(flags)).toEqual(someAnswer())
  })

  it('are refused in words that the log says once', async () => {
    const problem = { code: 'recommendations_type_unknown', types: ['tea'] }
    const refuse = () => Response.json(problem, { status: 400 })
    answers = [refuse, refuse]
    const flags = server()
    expect([await listed(flags), await listed(flags)]).toEqual([undefined, undefined])
    expect(vi.mocked(console.warn).mock.calls).toEqual([
      [expect.stringContaining('#recommendations_refused'), problem],
    ])
  })
})
