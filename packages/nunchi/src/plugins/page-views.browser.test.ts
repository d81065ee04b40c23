import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { currentPage } from '../page/context.ts'
import { watchPage } from '../page/lifecycle.ts'
import { openLocal } from '../page/local.ts'
import { waitFor } from '../test/wait-for.ts'
import { createTestClient } from '../testing.ts'
import { type PageViewsOptions, pageViews } from './page-views.ts'

const home = location.href
const title = document.title

/** A client whose page is the real one. */
function open(options?: PageViewsOptions, device = `${Math.random()}`) {
  return createTestClient({
    use: [pageViews(options)],
    environment: { page: currentPage, watch: watchPage, local: openLocal(device) },
  })
}

const names = (client: ReturnType<typeof open>) => client.events.map(({ name }) => name)
const seen = (client: ReturnType<typeof open>, expected: string[]) =>
  waitFor(() => expect(names(client)).toEqual(expected))
/** Longer than a router takes to set its title. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 150))

beforeEach(() => history.pushState(null, '', '/shop'))
afterEach(() => {
  Reflect.deleteProperty(history, 'pushState')
  Reflect.deleteProperty(history, 'replaceState')
  Reflect.deleteProperty(document, 'prerendering')
  Reflect.deleteProperty(document, 'referrer')
  localStorage.clear()
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

/** Where the browser says that the visitor came from. */
const comeFrom = (referrer: string) =>
  Object.defineProperty(document, 'referrer', { value: referrer, configurable: true })

describe('the campaign of a page view', () => {
  const propertiesAt = async (address: string, options?: PageViewsOptions) => {
    comeFrom('')
    history.pushState(null, '', address)
    const client = open(options)
    await waitFor(() => expect(client.events).toHaveLength(1))
    return client.events[0]!.properties
  }

  it('is what the address says, under short names', async () => {
    expect(
      await propertiesAt(
        '/shop?utm_source=naver&utm_medium=cpc&utm_campaign=spring&utm_term=lamp&utm_content=b',
      ),
    ).toEqual({ campaign: { source: 'naver', medium: 'cpc', name: 'spring', term: 'lamp', content: 'b' } })
  })

  it('holds the click ids of advertising networks, those that the site names', async () => {
    const address = '/shop?gclid=g1&fbclid=f1&msclkid=m1&ttclid=t1&napm=n1'
    expect(await propertiesAt(address)).toEqual({
      campaign: { gclid: 'g1', fbclid: 'f1', msclkid: 'm1', ttclid: 't1' },
    })
    expect(await propertiesAt(address, { clickIds: ['napm'] })).toEqual({ campaign: { napm: 'n1' } })
  })

  it('is none where the address says nothing, and short where it says too much', async () => {
    expect(await propertiesAt('/shop?utm_source=&q=utm_source#utm_source=x')).toEqual({})
    expect(await propertiesAt(`/shop?utm_source=${'x'.repeat(1000)}`)).toEqual({
      campaign: { source: 'x'.repeat(256) },
    })
    expect(await propertiesAt('/shop?utm_source=%E0%A4%A&utm_medium=%EA%B2%80')).toMatchObject({
      campaign: { medium: '검' },
    })
  })

  it('gives way to what the caller says, and is told of views that the caller records', async () => {
    comeFrom('')
    history.pushState(null, '', '/shop?utm_source=naver')
    const client = open({ name: () => undefined })
    client.page('mine', { campaign: 'own' })
    client.page('mine')
    client.track('no view')
    expect(client.events.map(({ properties }) => properties)).toEqual([
      { campaign: 'own' },
      expect.objectContaining({ campaign: { source: 'naver' } }),
      undefined,
    ])
  })
})

describe('the page before', () => {
  it('is the one that a single-page site has left', async () => {
    comeFrom('')
    const client = open()
    await seen(client, ['/shop'])
    const before = location.href
    history.pushState(null, '', '/cart')
    await seen(client, ['/shop', '/cart'])
    expect(client.events.map(({ properties }) => properties!['previousUrl'])).toEqual([undefined, before])
  })

  it('is what the browser says where that is of this site, else the last page of the visit', async () => {
    const within = `${location.origin}/within`
    comeFrom('')
    const first = open({}, 'shared')
    await seen(first, ['/shop'])
    const shop = location.href
    history.pushState(null, '', '/next')
    comeFrom(within)
    const second = open({}, 'shared')
    await waitFor(() => expect(second.events).toHaveLength(1))
    expect(second.events[0]!.properties).toEqual({ previousUrl: within })
    first.close()
    history.pushState(null, '', '/third')
    comeFrom('')
    const third = open({}, 'shared')
    await waitFor(() => expect(third.events).toHaveLength(1))
    expect(third.events[0]!.properties!['previousUrl']).not.toBe(shop)
    expect(third.events[0]!.properties!['previousUrl']).toMatch(/\/next$/)
  })

  it('of a page that came back is the one that was seen meanwhile', async () => {
    comeFrom(`${location.origin}/long-ago`)
    const client = open({}, 'back')
    await seen(client, ['/shop'])
    const meanwhile = `${location.origin}/meanwhile`
    const local = openLocal('back')
    local.set('trail', { ...local.get<object>('trail'), last: meanwhile })
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    expect(client.events[1]!.properties).toEqual({ previousUrl: meanwhile })
  })

  it('and the way here are of one visit: the next one knows neither', async () => {
    comeFrom('https://search.example/')
    const client = open({}, 'visits')
    await seen(client, ['/shop'])
    comeFrom('')
    client.page('same visit')
    client.reset()
    client.page('other visit')
    expect(client.events.map(({ properties }) => properties!['initialReferrer'])).toEqual([
      'https://search.example/',
      'https://search.example/',
      undefined,
    ])
  })

  it('and the way here are kept on the device without their queries: nothing has redacted them', async () => {
    comeFrom(`https://search.example/?q=${'x'.repeat(2000)}`)
    history.pushState(null, '', '/shop?token=secret#here')
    const client = open({}, 'bare')
    await seen(client, ['/shop'])
    expect(openLocal('bare').get('trail')).toEqual({
      visit: client.sessionId,
      last: `${location.origin}/shop`,
      from: 'https://search.example/',
    })
    expect(client.events[0]!.properties).toEqual({ initialReferrer: 'https://search.example/' })
  })

  it.for([null, 5, 'text', { visit: 1, last: {}, from: [] }])(
    'does not mind what another version has left: %o',
    async (kept) => {
      comeFrom('')
      openLocal('odd').set('trail', kept)
      const client = open({}, 'odd')
      await seen(client, ['/shop'])
      expect(client.problems).toEqual([])
    },
  )
})

describe('what the site got wrong', () => {
  it('is said, and costs no view: a name that throws, click ids that are no list', async () => {
    history.pushState(null, '', '/shop?utm_source=naver')
    const client = open({
      name: () => {
        throw new Error('mine')
      },
      clickIds: 7 as never,
    })
    await seen(client, ['/shop'])
    expect(client.events[0]!.properties).toMatchObject({ campaign: { source: 'naver' } })
    expect(client.problems.map(([code]) => code)).toEqual(['option_invalid', 'plugin_failed'])
  })
})

describe('a closed client', () => {
  it('counts no more pages', async () => {
    const client = open()
    await seen(client, ['/shop'])
    await client.close()
    history.pushState(null, '', '/after')
    await settle()
    expect(names(client)).toEqual(['/shop'])
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
