import type { Recommendations } from '@nunchi/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLocal } from '../page/local.ts'
import { someAnswer, someItems } from '../test/some-recommendations.ts'
import { createTestClient } from '../testing.ts'
import { consent } from './consent.ts'
import { type RecommendationsOptions, recommendations } from './recommendations.ts'

/** What the collector was asked, and what it says. */
let asked: { search: URLSearchParams; headers: Headers }[]
let say: (search: URLSearchParams) => Response | Promise<Response>
const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init)
const answered = (answer: Recommendations = someAnswer()) => {
  say = () => json(answer)
}
const clients: { close(): unknown }[] = []
let number = 0
let name: string
let clock: number

function open(options: RecommendationsOptions = {}, more: Parameters<typeof consent>[] = []) {
  const use = [...more.map(([given]) => consent(given)), recommendations(options)] as const
  const client = createTestClient({
    use,
    name,
    now: () => clock,
    environment: { local: openLocal(name) },
  }) as unknown as ReturnType<
    typeof createTestClient<readonly [ReturnType<typeof consent>, ReturnType<typeof recommendations>]>
  >
  clients.push(client)
  return client
}
const ids = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id)
const light = (shelf: { items: readonly { id: string }[] }) =>
  ids(shelf).filter((id) => id.startsWith('light')).length
const databases = async () => (await indexedDB.databases()).map((one) => one.name)
const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

beforeEach(() => {
  name = `shop${++number}`
  clock = 1_800_000_000_000
  asked = []
  answered()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (address, init) => {
    asked.push({ search: new URL(`${address}`).searchParams, headers: new Headers(init?.headers) })
    return say(asked.at(-1)!.search)
  })
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  vi.restoreAllMocks()
  localStorage.clear()
})

describe('a list', () => {
  it('is asked for once by the visitor’s id, and the same object until something changes', async () => {
    const client = open()
    const query = { type: 'products', limit: 4 }
    expect(client.recommendations.read(query)).toMatchObject({
      items: [],
      loading: true,
      recommendationId: '',
    })
    const [one, two] = await Promise.all([
      client.recommendations.get(query),
      client.recommendations.get(query),
    ])
    expect(one).toBe(two)
    expect(one).toMatchObject({ loading: false, recommendationId: 'rec-1', type: 'products', list: 'user' })
    expect(ids(one)).toEqual(['light-0', 'table-0', 'cloth-0', 'room-0'])
    expect(asked.map(({ search }) => Object.fromEntries(search))).toEqual([
      { key: 'nk_pub_test', type: 'products', list: 'user', anonymousId: client.anonymousId, limit: '50' },
    ])
  })

  it('of several types goes out in one request; one of another context in its own', async () => {
    say = (search) =>
      json(
        someAnswer([], {
          recommendations: Object.fromEntries(
            search
              .get('type')!
              .split(',')
              .map((type) => [
                type,
                { recommendationId: type, list: 'user', items: [], reason: 'empty_catalog' },
              ]),
          ),
        }),
      )
    const { get } = open().recommendations
    const lists = await Promise.all([
      get({ type: 'prompts' }),
      get({ type: 'tools' }),
      get({ type: 'tools', context: { cart: ['a', 'b'] }, exclude: ['c'] }),
      get({ type: 'tools', context: { page: 'https://x.example/p?secret=1' } }),
    ])
    expect(lists.map(({ recommendationId, reason }) => [recommendationId, reason])).toEqual(
      ['prompts', 'tools', 'tools', 'tools'].map((type) => [type, 'empty_catalog']),
    )
    const of = (key: string) => asked.map(({ search }) => search.get(key))
    expect(of('type')).toEqual(['prompts,tools', 'tools', 'tools'])
    expect(of('context')).toEqual([null, 'cart:a,b', 'page:https://x.example/p'])
    expect(of('list')).toEqual(['user', 'contextual', 'contextual'])
  })

  it('is there at once on the next page, is refreshed behind once it has expired, and stays as the last good one', async () => {
    await open().recommendations.get({ type: 'products' })
    await settled()
    clock += 60_000
    const fresh = open()
    fresh.recommendations.get({ type: 'products' })
    await vi.waitFor(() => expect(fresh.recommendations.read({ type: 'products' }).items).toHaveLength(10))
    expect(asked).toHaveLength(1)

    clock += 300_000
    const stale = open()
    let answer = (_: Response) => {}
    say = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    expect((await stale.recommendations.get({ type: 'products' })).recommendationId).toBe('rec-1')
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    const changed = vi.fn()
    stale.recommendations.onChange(changed)
    const next = someAnswer()
    next.recommendations['products']!.recommendationId = 'rec-2'
    answer(json(next))
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    expect(stale.recommendations.read({ type: 'products' }).recommendationId).toBe('rec-2')

    clock += 600_000
    say = () => Promise.reject(new TypeError('offline'))
    const offline = open()
    expect((await offline.recommendations.get({ type: 'products' })).recommendationId).toBe('rec-2')
    // Another list of the type, for want of the one asked for.
    const beside = await offline.recommendations.get({ type: 'products', context: { item: 'light-0' } })
    expect(beside).toMatchObject({ recommendationId: 'rec-2', list: 'user' })
    expect(
      ids(beside)
        .slice(0, 3)
        .every((id) => id.startsWith('light') && id !== 'light-0'),
    ).toBe(true)
  })

  it('without an answer is empty and says so; the collector is left in peace, as long as it says', async () => {
    say = () => json({ code: 'unavailable' }, { status: 503, headers: { 'retry-after': '120' } })
    const client = open()
    const { get } = client.recommendations
    expect(await get({ type: 'products' })).toMatchObject({ items: [], loading: false, reason: 'error' })
    answered()
    clock += 100_000
    expect((await get({ type: 'products' })).reason).toBe('error')
    expect(asked).toHaveLength(1)
    clock += 21_000
    expect((await get({ type: 'products' })).items).toHaveLength(10)
    expect(client.problems).toEqual([])
  })

  it('that the collector refuses is told to whoever builds the site; the other types of the request are there', async () => {
    const problem = { code: 'type_unknown', detail: 'There is no type "prodcts".' }
    say = (search) =>
      search.get('type')!.includes('prodcts') ? json(problem, { status: 400 }) : json(someAnswer())
    const client = open()
    const lists = await Promise.all([
      client.recommendations.get({ type: 'products' }),
      client.recommendations.get({ type: 'prodcts' }),
    ])
    expect(lists.map(({ items, reason }) => [items.length, reason])).toEqual([
      [10, undefined],
      [0, 'error'],
    ])
    expect(client.problems).toEqual([['recommendations_refused', problem]])
  })

  it('that is asked for at each change goes out once, refused, empty or answered', async () => {
    for (const said of [
      () => json({ code: 'type_unknown' }, { status: 400 }),
      () => json({ code: 'unavailable' }, { status: 503 }),
      () => json(someAnswer([], { recommendations: {} })),
      () => json(someAnswer()),
    ]) {
      asked = []
      say = said
      name = `shop${++number}`
      const { onChange, get } = open().recommendations
      onChange(() => void get())
      await get()
      await settled()
      expect(asked).toHaveLength(1)
    }
  })

  it('is not taken from what is no answer', async () => {
    const { get } = open().recommendations
    for (const said of [
      '<html>',
      'null',
      '{"recommendations":{"products":{}},"generated_at":"2026-01-01"}',
    ]) {
      say = () => new Response(said)
      clock += 400_000
      expect(await get({ type: 'products' })).toMatchObject({ items: [], reason: 'error' })
    }
  })
})

describe('what the visitor does', () => {
  it('changes the order at once, drops what was seen, says why; offline on the next page, too', async () => {
    answered(someAnswer(someItems(12)))
    const client = open()
    const before = await client.recommendations.get({ type: 'products' })
    expect(light(before)).toBeLessThan(4)
    for (let i = 0; i < 5; i++) client.track('Product Clicked', { productId: `light-${i}` })
    const after = client.recommendations.read({ type: 'products' })
    expect(light(after)).toBeGreaterThanOrEqual(5)
    expect(ids(after)).not.toContain('light-0')
    expect(after.items[0]!.reason).toMatchObject({
      code: 'alike',
      tags: ['light'],
      because: { title: 'light 4' },
    })
    await settled()

    say = () => Promise.reject(new TypeError('offline'))
    clock += 3_600_000
    const next = await open().recommendations.get({ type: 'products' })
    expect(ids(next)).toEqual(ids(after))
  })

  it('leaves the order as it came where the site wants that, and may keep what was seen', async () => {
    const plain = open({ rerank: false })
    await plain.recommendations.get({ type: 'products' })
    plain.track('Product Clicked', { productId: 'light-0' })
    expect(ids(plain.recommendations.read({ type: 'products' }))[0]).toBe('light-0')

    const query = { type: 'products', seen: true }
    const seen = open()
    await seen.recommendations.get(query)
    seen.track('Product Clicked', { productId: 'light-0' })
    seen.track('Product Dismissed', { productId: 'table-0' })
    const shown = ids(seen.recommendations.read(query))
    expect([shown.includes('light-0'), shown.includes('table-0')]).toEqual([true, false])
  })

  it('is known to the collector once it is acknowledged: then its next list is better than ours', async () => {
    const client = open()
    const whole = { type: 'products', limit: 50 }
    const place = () => ids(client.recommendations.read(whole)).indexOf('light-5')
    await client.recommendations.get({ type: 'products' })
    clock += 40_000
    client.track('Product Clicked', { productId: 'light-0' })
    await client.flush()
    await client.recommendations.get({ type: 'products' })
    expect(asked).toHaveLength(1)
    const before = place()
    clock += 10_000
    await client.recommendations.get({ type: 'products' })
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    await settled()
    const after = place()
    // The list was made with it in mind: what is left of ours is half.
    expect(after).toBeGreaterThan(before)
    expect(ids(client.recommendations.read(whole))).not.toContain('light-0')
  })

  it('stands on later events: what was shown, clicked, and which tags are liked', async () => {
    const client = open()
    await client.recommendations.get({ type: 'products' })
    await client.recommendations.click('rec-1', 'light-0', 0)
    client.track('Product Added', { productId: 'light-0' })
    await client.track('Anything')
    expect(client.events[0]).toMatchObject({
      name: 'Recommendation Clicked',
      properties: {
        recommendationId: 'rec-1',
        itemId: 'light-0',
        position: 0,
        list: 'user',
        type: 'products',
      },
    })
    expect(client.events.at(-1)!.personalizationContext).toEqual({
      clicked: ['light-0'],
      preferences: { light: 0.5, home: 0.5 },
    })
  })
})

describe('another person on the same device', () => {
  it('sees nothing of the one before: reset() empties memory and device', async () => {
    const client = open()
    await client.recommendations.get({ type: 'products' })
    client.track('Product Clicked', { productId: 'light-0' })
    await settled()
    expect(await databases()).toContain(`${name}-recommendations`)
    const before = client.anonymousId
    client.reset()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [], loading: true })
    await vi.waitFor(async () => expect(await databases()).not.toContain(`${name}-recommendations`))
    expect(asked).toHaveLength(1)
    await client.recommendations.get({ type: 'products' })
    expect(asked[1]!.search.get('anonymousId')).not.toBe(before)
    expect(ids(client.recommendations.read({ type: 'products' }))).toContain('light-0')
    await client.track('Anything')
    expect(client.events.at(-1)!.personalizationContext).toBeUndefined()
  })

  it('who signs in after the first is asked for by their own token; an answer under way is nobody’s', async () => {
    let token: string | undefined = 'token-a'
    const client = open({ token: async () => token })
    await client.recommendations.get({ type: 'products' })
    client.identify('a')
    await client.recommendations.get({ type: 'products' })
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    const of = (i: number) => [
      asked[i]!.search.get('userId'),
      asked[i]!.search.get('anonymousId'),
      asked[i]!.headers.get('authorization'),
    ]
    expect(of(0)).toEqual([null, client.anonymousId, null])
    expect(of(1)).toEqual(['a', null, 'Bearer token-a'])
    await settled()

    let answer = (_: Response) => {}
    say = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    clock += 400_000
    client.recommendations.get({ type: 'products' })
    await vi.waitFor(() => expect(asked).toHaveLength(3))
    token = 'token-b'
    client.identify('b')
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [] })
    answer(json(someAnswer()))
    await settled()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [] })
    answered()
    await client.recommendations.get({ type: 'products' })
    expect(of(3)).toEqual(['b', null, 'Bearer token-b'])
  })
})

describe('without consent', () => {
  it('nobody is asked and nothing kept; a grant opens, a refusal empties', async () => {
    const client = open({}, [[{}]])
    expect(await client.recommendations.get({ type: 'products' })).toMatchObject({
      items: [],
      reason: 'no_consent',
      loading: false,
    })
    client.track('Product Clicked', { productId: 'light-0' })
    await settled()
    expect(asked).toEqual([])
    expect(await databases()).not.toContain(`${name}-recommendations`)
    client.recommendations.onChange(() => {})
    client.consent.grant()
    // Whoever listens has it without asking again.
    await vi.waitFor(() => expect(client.recommendations.read({ type: 'products' }).items).toHaveLength(10))
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
    await settled()
    expect(await databases()).toContain(`${name}-recommendations`)
    client.consent.deny()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({
      items: [],
      reason: 'no_consent',
    })
    await vi.waitFor(async () => expect(await databases()).not.toContain(`${name}-recommendations`))
  })

  it('in the cookieless mode lists are answered, and nothing is kept', async () => {
    const client = open({}, [[{ mode: 'cookieless' }]])
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
    await settled()
    expect(await databases()).not.toContain(`${name}-recommendations`)
  })
})
