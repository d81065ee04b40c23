import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { currentPage } from '../page/context.ts'
import { watchPage } from '../page/lifecycle.ts'
import { createTestClient } from '../testing.ts'
import { type PageViewsOptions, pageViews } from './page-views.ts'

const home = location.href
const title = document.title

/** A client whose page is the real one. */
function open(options?: PageViewsOptions) {
  return createTestClient({
    use: [pageViews(options)],
    environment: { page: currentPage, watch: watchPage },
  })
}

const names = (client: ReturnType<typeof open>) => client.events.map(({ name }) => name)
const seen = (client: ReturnType<typeof open>, expected: string[]) =>
  vi.waitFor(() => expect(names(client)).toEqual(expected), { timeout: 5000 })
/** Longer than a router takes to set its title. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 150))

beforeEach(() => history.pushState(null, '', '/shop'))
afterEach(() => {
  Reflect.deleteProperty(history, 'pushState')
  Reflect.deleteProperty(history, 'replaceState')
  Reflect.deleteProperty(document, 'prerendering')
  vi.unstubAllGlobals()
  history.pushState(null, '', home)
  document.title = title
})

describe.for([
  ['with the Navigation API', () => {}],
  ['without it, by wrapping the history', () => vi.stubGlobal('navigation', undefined)],
] as const)('page views %s', ([, prepare]) => {
  beforeEach(() => {
    prepare()
  })

  it('count the page that is open, once', async () => {
    const client = open()
    await seen(client, ['/shop'])
    expect(client.events[0]).toMatchObject({ type: 'page', page: { url: location.href } })
    await settle()
    expect(names(client)).toEqual(['/shop'])
  })

  it('count pushState, replaceState, back and forward', async () => {
    const client = open()
    await seen(client, ['/shop'])
    history.pushState(null, '', '/shop/lamp')
    await seen(client, ['/shop', '/shop/lamp'])
    history.replaceState(null, '', '/shop/chair')
    await seen(client, ['/shop', '/shop/lamp', '/shop/chair'])
    history.back()
    await seen(client, ['/shop', '/shop/lamp', '/shop/chair', '/shop'])
    history.forward()
    await seen(client, ['/shop', '/shop/lamp', '/shop/chair', '/shop', '/shop/chair'])
  })

  it('carry the title that the router sets after the address, and the page before as referrer', async () => {
    const client = open()
    await seen(client, ['/shop'])
    const before = location.href
    history.pushState(null, '', '/cart')
    setTimeout(() => {
      document.title = 'Cart'
    }, 10)
    await seen(client, ['/shop', '/cart'])
    expect(client.events[1]!.page).toMatchObject({ url: location.href, title: 'Cart', referrer: before })
    client.track('Clicked')
    expect(client.events[2]!.page).toMatchObject({ referrer: before })
  })

  it('count a redirect within a moment once, and what leads nowhere not at all', async () => {
    const client = open()
    await seen(client, ['/shop'])
    history.pushState(null, '', '/old')
    history.replaceState(null, '', '/new')
    await seen(client, ['/shop', '/new'])
    history.pushState(null, '', '/elsewhere')
    history.pushState(null, '', '/new')
    history.replaceState({ scroll: 7 }, '')
    await settle()
    expect(names(client)).toEqual(['/shop', '/new'])
  })

  it('count a page that is left before its title was due', async () => {
    const client = open()
    await seen(client, ['/shop'])
    history.pushState(null, '', '/brief')
    dispatchEvent(new PageTransitionEvent('pagehide'))
    expect(names(client)).toEqual(['/shop', '/brief'])
    await settle()
    expect(names(client)).toEqual(['/shop', '/brief'])
  })

  it('take the part after # for the same page, or for another where the router uses it', async () => {
    const [plain, hashed] = [open(), open({ hash: true })]
    await seen(plain, ['/shop'])
    location.hash = '#/cart'
    await seen(hashed, ['/shop', '/shop'])
    expect(hashed.events[1]!.page!.url).toMatch(/#\/cart$/)
    await settle()
    expect(names(plain)).toEqual(['/shop'])
  })

  it('see a change of the query as another page', async () => {
    const client = open()
    await seen(client, ['/shop'])
    history.pushState(null, '', '/shop?sort=price')
    await seen(client, ['/shop', '/shop'])
    expect(client.events[1]!.page!.url).toMatch(/\?sort=price$/)
  })

  it('count a return from the back/forward cache as a view, an ordinary show not', async () => {
    const client = open()
    await seen(client, ['/shop'])
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))
    document.dispatchEvent(new Event('visibilitychange'))
    expect(names(client)).toEqual(['/shop'])
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    expect(names(client)).toEqual(['/shop', '/shop'])
  })

  it('do not count a page that is rendered ahead before it is activated', async () => {
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true })
    const client = open()
    await settle()
    expect(names(client)).toEqual([])
    Object.defineProperty(document, 'prerendering', { value: false, configurable: true })
    document.dispatchEvent(new Event('prerenderingchange'))
    expect(names(client)).toEqual(['/shop'])
  })

  it('are named by the site, which may leave pages out', async () => {
    const client = open({
      name: ({ pathname }) => (pathname.startsWith('/admin') ? undefined : pathname.replace(/\d+/, ':id')),
    })
    await seen(client, ['/shop'])
    history.pushState(null, '', '/orders/1234')
    await seen(client, ['/shop', '/orders/:id'])
    history.pushState(null, '', '/admin')
    await settle()
    expect(names(client)).toEqual(['/shop', '/orders/:id'])
  })
})

describe('a wrapped history', () => {
  it('does what it did: arguments, state, and errors of the caller', async () => {
    vi.stubGlobal('navigation', undefined)
    open()
    history.pushState({ step: 1 }, '', '/wrapped')
    expect(history.state).toEqual({ step: 1 })
    expect(location.pathname).toBe('/wrapped')
    expect(() => history.pushState(() => {}, '')).toThrow(DOMException)
  })
})
