import { describe, expect, it, vi } from 'vitest'
import { answers, json, kept, recommending } from '../test/recommending.ts'
import { someAnswer, someItems } from '../test/some-recommendations.ts'
import { waitFor } from '../test/wait-for.ts'

const rig = recommending()
const ids = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id)
const light = (shelf: { items: readonly { id: string }[] }) =>
  ids(shelf).filter((id) => id.startsWith('light')).length
const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

describe('a list', () => {
  it('is asked for once by the visitor’s id, and the same object until something changes', async () => {
    const client = rig.open()
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
    expect(rig.asked.map(({ search }) => Object.fromEntries(search))).toEqual([
      { key: 'nk_pub_test', type: 'products', list: 'user', anonymousId: client.anonymousId, limit: '50' },
    ])
  })

  it('of several types goes out in one request; one of another context in its own', async () => {
    rig.say = (search) =>
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
    const { get } = rig.open().recommendations
    const lists = await Promise.all([
      get({ type: 'prompts' }),
      get({ type: 'tools' }),
      get({ type: 'tools', context: { cart: ['a', 'b'] }, exclude: ['c'] }),
      get({ type: 'tools', context: { page: 'https://x.example/p?secret=1' } }),
    ])
    expect(lists.map(({ recommendationId, reason }) => [recommendationId, reason])).toEqual(
      ['prompts', 'tools', 'tools', 'tools'].map((type) => [type, 'empty_catalog']),
    )
    const of = (key: string) => rig.asked.map(({ search }) => search.get(key))
    expect(of('type')).toEqual(['prompts,tools', 'tools', 'tools'])
    expect(of('context')).toEqual([null, 'cart:a,b', 'page:https://x.example/p'])
    expect(of('list')).toEqual(['user', 'contextual', 'contextual'])
  })

  it('is there at once on the next page, is refreshed behind once it has expired, and stays as the last good one', async () => {
    await rig.open().recommendations.get({ type: 'products' })
    await kept(rig, 'rec-1')
    rig.clock += 60_000
    const fresh = rig.open()
    fresh.recommendations.get({ type: 'products' })
    await waitFor(() => expect(fresh.recommendations.read({ type: 'products' }).items).toHaveLength(10))
    expect(rig.asked).toHaveLength(1)

    rig.clock += 300_000
    const stale = rig.open()
    let answer = (_: Response) => {}
    rig.say = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    expect((await stale.recommendations.get({ type: 'products' })).recommendationId).toBe('rec-1')
    await waitFor(() => expect(rig.asked).toHaveLength(2))
    const changed = vi.fn()
    stale.recommendations.onChange(changed)
    const next = someAnswer()
    next.recommendations['products']!.recommendationId = 'rec-2'
    answer(json(next))
    await waitFor(() => expect(changed).toHaveBeenCalled())
    expect(stale.recommendations.read({ type: 'products' }).recommendationId).toBe('rec-2')
    await kept(rig, 'rec-2')

    rig.clock += 600_000
    rig.say = () => Promise.reject(new TypeError('offline'))
    const offline = rig.open()
    expect((await offline.recommendations.get({ type: 'products' })).recommendationId).toBe('rec-2')
    // Another list of the type, for want of the one rig.asked for.
    const beside = await offline.recommendations.get({ type: 'products', context: { item: 'light-0' } })
    expect(beside).toMatchObject({ recommendationId: 'rec-2', list: 'user' })
    expect(
      ids(beside)
        .slice(0, 3)
        .every((id) => id.startsWith('light') && id !== 'light-0'),
    ).toBe(true)
  })

  it('without an answer is empty and says so; the collector is left in peace, as long as it says', async () => {
    rig.say = () => json({ code: 'unavailable' }, { status: 503, headers: { 'retry-after': '120' } })
    const client = rig.open()
    const { get } = client.recommendations
    expect(await get({ type: 'products' })).toMatchObject({ items: [], loading: false, reason: 'error' })
    answers(rig)
    rig.clock += 100_000
    expect((await get({ type: 'products' })).reason).toBe('error')
    expect(rig.asked).toHaveLength(1)
    rig.clock += 21_000
    expect((await get({ type: 'products' })).items).toHaveLength(10)
    expect(client.problems).toEqual([])
  })

  it('that the collector refuses is told to whoever builds the site; the other types of the request are there', async () => {
    const problem = { code: 'type_unknown', detail: 'There is no type "prodcts".' }
    rig.say = (search) =>
      search.get('type')!.includes('prodcts') ? json(problem, { status: 400 }) : json(someAnswer())
    const client = rig.open()
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
      rig.asked = []
      rig.say = said
      rig.name = `${rig.name}b`
      const { onChange, get } = rig.open().recommendations
      onChange(() => void get())
      await get()
      await settled()
      expect(rig.asked).toHaveLength(1)
    }
  })

  it('is not taken from what is no answer', async () => {
    const { get } = rig.open().recommendations
    for (const said of [
      '<html>',
      'null',
      '{"recommendations":{"products":{}},"generated_at":"2026-01-01"}',
    ]) {
      rig.say = () => new Response(said)
      rig.clock += 400_000
      expect(await get({ type: 'products' })).toMatchObject({ items: [], reason: 'error' })
    }
  })
})

describe('what the visitor does', () => {
  it('changes the order at once, drops what was seen, says why; offline on the next page, too', async () => {
    answers(rig, someAnswer(someItems(12)))
    const client = rig.open()
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
    await kept(rig, '"item":"light-4"')

    rig.say = () => Promise.reject(new TypeError('offline'))
    rig.clock += 3_600_000
    const next = await rig.open().recommendations.get({ type: 'products' })
    expect(ids(next)).toEqual(ids(after))
  })

  it('leaves the order as it came where the site wants that, and may keep what was seen', async () => {
    const plain = rig.open({ rerank: false })
    await plain.recommendations.get({ type: 'products' })
    plain.track('Product Clicked', { productId: 'light-0' })
    expect(ids(plain.recommendations.read({ type: 'products' }))[0]).toBe('light-0')

    const query = { type: 'products', seen: true }
    const seen = rig.open()
    await seen.recommendations.get(query)
    seen.track('Product Clicked', { productId: 'light-0' })
    seen.track('Product Dismissed', { productId: 'table-0' })
    const shown = ids(seen.recommendations.read(query))
    expect([shown.includes('light-0'), shown.includes('table-0')]).toEqual([true, false])
  })

  it('is known to the collector once it is acknowledged: then its next list is better than ours', async () => {
    const client = rig.open()
    const whole = { type: 'products', limit: 50 }
    const place = () => ids(client.recommendations.read(whole)).indexOf('light-5')
    await client.recommendations.get({ type: 'products' })
    rig.clock += 40_000
    client.track('Product Clicked', { productId: 'light-0' })
    await client.flush()
    await client.recommendations.get({ type: 'products' })
    expect(rig.asked).toHaveLength(1)
    const before = place()
    rig.clock += 10_000
    await client.recommendations.get({ type: 'products' })
    await waitFor(() => expect(rig.asked).toHaveLength(2))
    await settled()
    const after = place()
    // The list was made with it in mind: what is left of ours is half.
    expect(after).toBeGreaterThan(before)
    expect(ids(client.recommendations.read(whole))).not.toContain('light-0')
  })

  it('stands on later events: what was shown, clicked, and which tags are liked', async () => {
    const client = rig.open()
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
