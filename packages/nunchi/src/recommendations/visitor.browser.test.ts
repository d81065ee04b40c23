import { describe, expect, it, vi } from 'vitest'
import { answers, json, recommending } from '../test/recommending.ts'
import { someAnswer } from '../test/some-recommendations.ts'
import { waitFor } from '../test/wait-for.ts'

const rig = recommending()
const ids = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id)
const settled = () => new Promise((resolve) => setTimeout(resolve, 50))
const databases = async () => (await indexedDB.databases()).map((one) => one.name)

describe('another person on the same device', () => {
  it('sees nothing of the one before: reset() empties memory and device', async () => {
    const client = rig.open()
    await client.recommendations.get({ type: 'products' })
    client.track('Product Clicked', { productId: 'light-0' })
    await settled()
    expect(await databases()).toContain(`${rig.name}-recommendations`)
    const before = client.anonymousId
    client.reset()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [], loading: true })
    await waitFor(async () => expect(await databases()).not.toContain(`${rig.name}-recommendations`))
    expect(rig.asked).toHaveLength(1)
    await client.recommendations.get({ type: 'products' })
    expect(rig.asked[1]!.search.get('anonymousId')).not.toBe(before)
    expect(ids(client.recommendations.read({ type: 'products' }))).toContain('light-0')
    await client.track('Anything')
    expect(client.events.at(-1)!.personalizationContext).toBeUndefined()
  })

  it('who signs in after the first is asked for by their own token; an answer under way is nobody’s', async () => {
    let token: string | undefined = 'token-a'
    const client = rig.open({ token: async () => token })
    await client.recommendations.get({ type: 'products' })
    client.identify('a')
    await client.recommendations.get({ type: 'products' })
    await waitFor(() => expect(rig.asked).toHaveLength(2))
    const of = (i: number) => [
      rig.asked[i]!.search.get('userId'),
      rig.asked[i]!.search.get('anonymousId'),
      rig.asked[i]!.headers.get('authorization'),
    ]
    expect(of(0)).toEqual([null, client.anonymousId, null])
    expect(of(1)).toEqual(['a', null, 'Bearer token-a'])
    await settled()

    let answer = (_: Response) => {}
    rig.say = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    rig.clock += 400_000
    client.recommendations.get({ type: 'products' })
    await waitFor(() => expect(rig.asked).toHaveLength(3))
    token = 'token-b'
    client.identify('b')
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [] })
    answer(json(someAnswer()))
    await settled()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({ items: [] })
    answers(rig)
    await client.recommendations.get({ type: 'products' })
    expect(of(3)).toEqual(['b', null, 'Bearer token-b'])
  })
})

describe('whatever it is given', () => {
  it('nothing throws into the page, and the lists go on', async () => {
    localStorage.setItem(`${rig.name}.recommended`, '{"lists":7,"clicked":"x"}')
    const client = rig.open({
      interactions: null as never,
      token: () => Promise.reject(new Error('no session')),
    })
    client.identify('a')
    const lists = client.recommendations
    for (const odd of [
      null,
      7,
      { exclude: 7 },
      { context: { cart: 7 } },
      { limit: 'many' },
      { type: {} },
    ] as never[]) {
      expect(Array.isArray(lists.read(odd).items)).toBe(true)
      expect(Array.isArray((await lists.get(odd)).items)).toBe(true)
    }
    const loop: { loop?: object } = {}
    loop.loop = loop
    lists.observe(null as never, 'rec-1', 'x')()
    await lists.click(loop as never, loop as never)
    lists.seed('x' as never)
    client.track('Order Completed', { products: [null, loop, 7] })
    expect((await lists.get({ type: 'products' })).items).toHaveLength(10)
    expect(client.problems.map(([code]) => code)).toContain('input_invalid')
  })

  it('without IndexedDB lists are kept for the page alone', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('blocked', 'SecurityError')
    })
    const client = rig.open()
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
    client.reset()
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
  })
})

describe('without consent', () => {
  it('nobody is asked and nothing kept; a grant opens, a refusal empties', async () => {
    const client = rig.open({}, {})
    expect(await client.recommendations.get({ type: 'products' })).toMatchObject({
      items: [],
      reason: 'no_consent',
      loading: false,
    })
    client.track('Product Clicked', { productId: 'light-0' })
    await settled()
    expect(rig.asked).toEqual([])
    expect(await databases()).not.toContain(`${rig.name}-recommendations`)
    client.recommendations.onChange(() => {})
    client.consent.grant()
    // Whoever listens has it without asking again.
    await waitFor(() => expect(client.recommendations.read({ type: 'products' }).items).toHaveLength(10))
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
    await settled()
    expect(await databases()).toContain(`${rig.name}-recommendations`)
    client.consent.deny()
    expect(client.recommendations.read({ type: 'products' })).toMatchObject({
      items: [],
      reason: 'no_consent',
    })
    await waitFor(async () => expect(await databases()).not.toContain(`${rig.name}-recommendations`))
  })

  it('in the cookieless mode lists are answered, and nothing is kept', async () => {
    const client = rig.open({}, { mode: 'cookieless' })
    expect((await client.recommendations.get({ type: 'products' })).items).toHaveLength(10)
    await settled()
    expect(await databases()).not.toContain(`${rig.name}-recommendations`)
  })
})
