import { act, createElement as h, type ReactNode, StrictMode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createServerFlags } from '../next/server-flags.ts'
import { recommendations } from '../plugins/recommendations.ts'
import { someAnswer } from '../test/some-recommendations.ts'
import { waitFor } from '../test/wait-for.ts'
import { createTestClient } from '../testing.ts'
import { NunchiProvider, useNunchi, useRecommendations } from './index.development.ts'
import { createFixedClient, NunchiTestProvider } from './testing.ts'

let place: HTMLElement
let said: unknown[][]
const roots: Root[] = []
/** Elements that are watched, and what tells of them. */
let watched: Map<Element, IntersectionObserverCallback>

beforeEach(() => {
  ;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true
  said = []
  for (const level of ['error', 'warn'] as const)
    vi.spyOn(console, level).mockImplementation((...line) => {
      // The simulated page has no IndexedDB.
      if (!`${line[0]}`.includes('IndexedDB')) said.push(line)
    })
  watched = new Map()
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      tell: IntersectionObserverCallback
      constructor(tell: IntersectionObserverCallback) {
        this.tell = tell
      }
      observe = (element: Element) => watched.set(element, this.tell)
      unobserve = (element: Element) => watched.delete(element)
      disconnect() {}
    },
  )
  place = document.body.appendChild(document.createElement('div'))
})
afterEach(async () => {
  await act(async () => {
    for (const root of roots.splice(0)) root.unmount()
  })
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
  localStorage.clear()
})

async function show(what: ReactNode, root = createRoot(place)): Promise<Root> {
  if (!roots.includes(root)) roots.push(root)
  await act(async () => root.render(what))
  return root
}
/** Tells that all that is watched is in sight. */
const see = () => {
  for (const [target, tell] of watched)
    tell(
      [{ target, intersectionRatio: 1 } as unknown as IntersectionObserverEntry],
      {} as IntersectionObserver,
    )
}

const steady = new Set<unknown>()
const Shelf = () => {
  const { items, loading, reason, impression, click } = useRecommendations('products', undefined, {
    limit: 3,
  })
  if (loading) return h('p', null, 'loading')
  if (reason) return h('p', null, reason)
  return h(
    'ul',
    null,
    items.map((item) => {
      steady.add(impression(item))
      return h('li', { key: item.id, ref: impression(item), onClick: () => click(item) }, item.title)
    }),
  )
}
/** The client of the page. */
let client: ReturnType<typeof useNunchi> | undefined
const Client = () => {
  client = useNunchi()
  return null
}
const named = ({ events }: { events: { name: string; properties?: unknown }[] }, name: string) =>
  events.filter((event) => event.name === name).map(({ properties }) => properties)

describe('a list in a component', () => {
  it('is at hand at the first render, follows what the visitor does, and is counted once under StrictMode', async () => {
    vi.useFakeTimers()
    steady.clear()
    const nunchi = createTestClient({ use: [recommendations({ bootstrap: someAnswer(), ask: false })] })
    const tree = h(StrictMode, null, h(NunchiProvider, { client: nunchi }, h(Shelf)))
    const root = await show(tree)
    expect(place.textContent).toBe('light 0table 0cloth 0')
    see()
    await show(tree, root)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(named(nunchi, 'Recommendation Viewed')).toEqual([
      {
        recommendationId: 'rec-1',
        list: 'user',
        type: 'products',
        items: ['light-0', 'table-0', 'cloth-0'],
        positions: [0, 1, 2],
      },
    ])
    expect(steady.size).toBe(3)

    await act(async () => place.querySelectorAll('li')[1]!.click())
    expect(named(nunchi, 'Recommendation Clicked')).toEqual([
      { recommendationId: 'rec-1', itemId: 'table-0', position: 1, list: 'user', type: 'products' },
    ])
    expect(place.textContent).not.toContain('table 0')
    expect(place.textContent).toContain('table 1')
    await show(h('hr'), root)
    expect(watched.size).toBe(0)
    expect(said).toEqual([])
  })

  it('loads, and says why there is none', async () => {
    let answer = (_: Response) => {}
    vi.stubGlobal(
      'fetch',
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const nunchi = createTestClient({ use: [recommendations()] })
    await show(h(NunchiProvider, { client: nunchi }, h(Shelf)))
    expect(place.textContent).toBe('loading')
    await act(async () => {
      answer(new Response('', { status: 500 }))
      await waitFor(() =>
        expect(nunchi.recommendations.read({ type: 'products', limit: 3 }).loading).toBe(false),
      )
    })
    expect(place.textContent).toBe('error')
  })

  it('needs its plugin, and says so; outside a provider it stays empty', async () => {
    await show(h(NunchiProvider, { client: createTestClient() }, h(Shelf)))
    expect(place.textContent).toBe('loading')
    expect(JSON.stringify(said)).toContain('a client without recommendations()')
  })
})

describe('a list that a server has rendered', () => {
  const bootstrap = { attributes: {}, recommendations: someAnswer() }
  const app = (use: object[], options = {}) =>
    h(
      NunchiProvider,
      {
        options: { key: 'nk_pub_ssr', host: 'http://e.invalid', name: 'ssr', use: use as [], ...options },
        bootstrap,
        experiments: { config: false },
      },
      h(Shelf),
    )

  it('is hydrated without a word, and is the same after', async () => {
    vi.stubGlobal('fetch', () => new Promise(() => {}))
    const tree = app([recommendations()])
    place.innerHTML = renderToString(tree)
    expect(place.textContent).toBe('light 0table 0cloth 0')
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    expect(place.textContent).toBe('light 0table 0cloth 0')
    expect(said).toEqual([])
  })

  const id = 'a1'.repeat(16)
  /** What a server hands over to a page: the lists of somebody whose catalog has two things. */
  async function visited(id: string) {
    const now = Date.now()
    const answer = someAnswer(someAnswer().recommendations['products']!.items.slice(0, 2), {
      generated_at: new Date(now).toISOString(),
      expires_at: new Date(now + 300_000).toISOString(),
    })
    const server = createServerFlags({
      key: 'nk_pub_ssr',
      host: 'http://e.invalid',
      fetch: async (url) =>
        Response.json(url.includes('/v1/config') ? { version: 'v', flags: {}, experiments: {} } : answer),
    })
    const cookies = { get: () => ({ value: id }) }
    const visit = await server.visit({ cookies, recommendations: { type: 'products', limit: 3 } })
    return JSON.parse(JSON.stringify(visit.bootstrap)) as typeof visit.bootstrap
  }
  /** Hydrates a page with it, and waits until all that it asks for has been asked for. */
  async function hydrate(bootstrap: Awaited<ReturnType<typeof visited>>, cookie: string) {
    const asked: string[] = []
    vi.spyOn(document, 'cookie', 'get').mockReturnValue(`nunchi_id=${cookie}`)
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(`${url}`)
      return new Promise(() => {})
    })
    const options = { key: 'nk_pub_ssr', host: 'http://e.invalid', name: cookie, use: [recommendations()] }
    const provided = { options, bootstrap, experiments: { config: false as const } }
    const tree = h(NunchiProvider, provided, h(Shelf), h(Client))
    place.innerHTML = renderToString(tree)
    const first = place.textContent
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    const shelf = client?.recommendations?.read({ type: 'products', limit: 3 })
    // The component's own question was asked before this one of a list that nobody has.
    client?.recommendations?.get({ type: 'others' })
    await waitFor(() => expect(asked.join()).toContain('type=others'))
    return { first, shelf, asked: asked.filter((url) => url.includes('type=products')) }
  }

  it('by nunchi/next is not asked for again, however few items there are', async () => {
    const { first, shelf, asked } = await hydrate(await visited(id), id)
    expect(first).toBe('light 0table 0')
    expect([place.textContent, asked, said]).toEqual([first, [], []])
    expect(shelf?.recommendationId).toBe('rec-1')
  })

  it('for somebody else is not taken for this visitor’s', async () => {
    const other = 'b2'.repeat(16)
    const { shelf, asked } = await hydrate(await visited(id), other)
    expect(shelf).toMatchObject({ items: [], recommendationId: '' })
    expect(asked).toHaveLength(1)
    expect(asked[0]).toContain(`anonymousId=${other}`)
  })

  it('stands on broken answers', () => {
    for (const broken of [
      null,
      'x',
      { recommendations: { products: null } },
      { recommendations: { a: { items: [1] } } },
    ])
      expect(
        renderToString(
          h(
            NunchiProvider,
            { client: createTestClient(), bootstrap: { attributes: {}, recommendations: broken as never } },
            h(Shelf),
          ),
        ),
      ).toContain('loading')
  })
})

describe('a test of an app', () => {
  it('fixes what is recommended, and sees the clicks', async () => {
    const lists = { products: ['Lamp', { id: 'bowl', title: 'Bowl' }] }
    expect(renderToString(h(NunchiTestProvider, { recommendations: lists }, h(Shelf)))).toContain('Bowl')
    expect(renderToString(h(NunchiTestProvider, { recommendations: { products: [] } }, h(Shelf)))).toContain(
      'empty_catalog',
    )
    const nunchi = createFixedClient({ recommendations: lists })
    await show(h(NunchiTestProvider, { client: nunchi }, h(Shelf)))
    await act(async () => place.querySelector('li')!.click())
    expect(named(nunchi, 'Recommendation Clicked')).toMatchObject([
      { itemId: 'Lamp', recommendationId: 'test-products' },
    ])
  })
})
