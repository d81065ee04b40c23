import type { JsonObject } from '@nunchi/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { currentPage } from '../page/context.ts'
import { watchPage } from '../page/lifecycle.ts'
import { openLocal } from '../page/local.ts'
import { waitFor } from '../test/wait-for.ts'
import { createTestClient } from '../testing.ts'
import { type EngagementOptions, engagement } from './engagement.ts'
import { pageViews } from './page-views.ts'

const home = location.href
const open: { close(): unknown }[] = []

/** A client on the real page; clients with the same `name` share what is on the device. */
function openClient(options?: EngagementOptions, { name = `${Math.random()}`, views = false } = {}) {
  const client = createTestClient({
    use: views ? [pageViews(), engagement(options)] : [engagement(options)],
    environment: { page: currentPage, watch: watchPage, local: openLocal(name) },
  })
  open.push(client)
  return client
}

type Client = ReturnType<typeof openClient>
const left = (client: Client) => client.events.filter(({ name }) => name === 'Page Left')
const contextOf = (client: Client, name: string) =>
  client.events.find((event) => event.name === name)!.userContext as {
    sessionDepth: { pages: number; events: number }
    timeOnPage: number
    scrollDepth: number
    interactions: string[]
    device: JsonObject
  }
/** What the visitor would do by leaving, seeing again, or by another tab in front. */
const hide = () => setVisibility('hidden')
const show = () => setVisibility('visible')
function setVisibility(state: string) {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Lets idle work be done. */
const settle = () => wait(120)
const click = (html: string, target = 'body > *') => {
  document.body.innerHTML = html
  const event = new MouseEvent('click', { bubbles: true, composed: true, cancelable: true })
  // The link's way is not taken.
  addEventListener('click', (event) => event.preventDefault(), { once: true })
  document.body.querySelector(target)!.dispatchEvent(event)
}

beforeEach(() => {
  document.body.innerHTML = ''
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
  Reflect.deleteProperty(document, 'visibilityState')
  vi.useRealTimers()
  document.body.innerHTML = ''
  history.pushState(null, '', home)
  scrollTo(0, 0)
  localStorage.clear()
})

describe('the depth of a visit', () => {
  it('counts pages and events, the present one included', () => {
    const client = openClient({ pageLeft: false })
    client.page('/a')
    client.track('one')
    client.identify('person')
    client.page('/b')
    expect(client.events.map(({ userContext }) => userContext!['sessionDepth'])).toEqual([
      { pages: 1, events: 1 },
      { pages: 1, events: 2 },
      { pages: 1, events: 3 },
      { pages: 2, events: 4 },
    ])
  })

  it('goes on over page loads and in other tabs, as soon as the page before has left or two seconds passed', async () => {
    const first = openClient({ pageLeft: false }, { name: 'same' })
    first.page('/a')
    first.track('one')
    dispatchEvent(new PageTransitionEvent('pagehide'))
    const second = openClient({ pageLeft: false }, { name: 'same' })
    second.page('/b')
    expect(contextOf(second, '/b').sessionDepth).toEqual({ pages: 2, events: 3 })
    await wait(2100)
    first.track('again')
    expect(contextOf(first, 'again').sessionDepth).toEqual({ pages: 2, events: 4 })
  })

  it('begins anew with another visit', () => {
    const client = openClient()
    client.page('/a')
    client.reset()
    client.track('one')
    expect(contextOf(client, 'one').sessionDepth).toEqual({ pages: 0, events: 1 })
  })

  it.for([null, 7, 'text', { visit: 1 }, { pages: 'x', events: [], steps: 'no' }])(
    'does not mind what another version has left: %o',
    (kept) => {
      openLocal('odd').set('engagement', kept)
      const client = openClient({}, { name: 'odd' })
      client.track('one')
      expect(contextOf(client, 'one')).toMatchObject({
        sessionDepth: { pages: 0, events: 1 },
        interactions: [],
      })
      expect(client.problems).toEqual([])
    },
  )
})

describe('the time on a page', () => {
  it('runs only while the page is visible', () => {
    vi.useFakeTimers()
    const client = openClient({ pageLeft: false })
    client.page('/a')
    vi.advanceTimersByTime(3000)
    hide()
    vi.advanceTimersByTime(60_000)
    client.track('in the dark')
    show()
    vi.advanceTimersByTime(500)
    client.track('later')
    expect(contextOf(client, '/a').timeOnPage).toBe(0)
    expect(contextOf(client, 'in the dark').timeOnPage).toBe(3000)
    expect(contextOf(client, 'later').timeOnPage).toBe(3500)
  })

  it('begins anew with the next page of a single-page site', () => {
    vi.useFakeTimers()
    const client = openClient()
    client.page('/a')
    vi.advanceTimersByTime(4000)
    client.page('/b')
    vi.advanceTimersByTime(700)
    client.track('there')
    expect(contextOf(client, '/b').timeOnPage).toBe(0)
    expect(contextOf(client, 'there').timeOnPage).toBe(700)
  })
})

describe('Page Left', () => {
  it('tells the visible time and the depth of the page view that ends, and which it was', () => {
    vi.useFakeTimers()
    const client = openClient()
    client.page('/a')
    vi.advanceTimersByTime(2500)
    hide()
    expect(left(client)).toHaveLength(1)
    expect(left(client)[0]!.properties).toEqual({
      visibleTime: 2500,
      scrollDepth: expect.any(Number),
      pageView: client.events[0]!.id,
    })
  })

  it('is told again only for what came on top, a second at least: the sum is the time on the page', () => {
    vi.useFakeTimers()
    const client = openClient()
    client.page('/a')
    for (const seen of [2000, 300, 900, 5000]) {
      vi.advanceTimersByTime(seen)
      hide()
      dispatchEvent(new PageTransitionEvent('pagehide'))
      vi.advanceTimersByTime(10_000)
      show()
    }
    expect(left(client).map(({ properties }) => properties!['visibleTime'])).toEqual([2000, 1200, 5000])
  })

  it('of a single-page site tells of the page before, with its address, before the next view', async () => {
    history.pushState(null, '', '/first')
    const client = openClient({}, { views: true })
    await waitFor(() => expect(client.events).toHaveLength(1))
    await wait(30)
    history.pushState(null, '', '/second')
    await waitFor(() => expect(client.events).toHaveLength(3))
    const [first, ended, second] = client.events.toSorted((a, b) => a.ts - b.ts)
    expect([first!.name, ended!.name, second!.name]).toEqual(['/first', 'Page Left', '/second'])
    expect(ended!.page).toEqual(first!.page)
    expect(ended!.properties!['pageView']).toBe(first!.id)
    expect(second!.page!.referrer).toBe(first!.page!.url)
  })

  it('comes again after a return from the back/forward cache, for the new view', async () => {
    const client = openClient({}, { views: true })
    await waitFor(() => expect(client.events).toHaveLength(1))
    await wait(20)
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    await wait(20)
    dispatchEvent(new PageTransitionEvent('pagehide'))
    const views = client.events.filter(({ type }) => type === 'page').map(({ id }) => id)
    expect(views).toHaveLength(2)
    expect(left(client).map(({ properties }) => properties!['pageView'])).toEqual(views)
  })

  it('says nothing of a page that was never seen, nor after the visitor was reset of the view before', () => {
    vi.useFakeTimers()
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    const client = openClient()
    client.page('/a')
    vi.advanceTimersByTime(5000)
    dispatchEvent(new PageTransitionEvent('pagehide'))
    expect(left(client)).toEqual([])
    show()
    client.reset()
    vi.advanceTimersByTime(1500)
    hide()
    expect(left(client)[0]!.properties).not.toHaveProperty('pageView')
  })

  it('is left out where the site does not want it', () => {
    vi.useFakeTimers()
    const client = openClient({ pageLeft: false })
    client.page('/a')
    vi.advanceTimersByTime(2000)
    hide()
    expect(left(client)).toEqual([])
  })
})

describe('the depth of scrolling', () => {
  it('is the most of the page that was seen, and begins anew with the next page', async () => {
    document.body.innerHTML = '<div style="height:1000vh"></div>'
    const client = openClient({ pageLeft: false })
    client.page('/a')
    await settle()
    scrollTo(0, document.documentElement.scrollHeight / 2)
    await settle()
    scrollTo(0, 0)
    client.track('middle')
    client.page('/b')
    await settle()
    client.track('top')
    expect(contextOf(client, 'middle').scrollDepth).toBeGreaterThanOrEqual(50)
    expect(contextOf(client, 'top').scrollDepth).toBeLessThan(20)
  })

  it('reads no layout while an event is made', async () => {
    const client = openClient({ pageLeft: false })
    await settle()
    const reads = vi.spyOn(Element.prototype, 'scrollHeight', 'get')
    for (let i = 0; i < 10; i++) client.track('made')
    expect(reads).not.toHaveBeenCalled()
    reads.mockRestore()
  })
})

describe('the sequence of steps', () => {
  it('says what was used by its tag, role and given name: never text, values or ids', () => {
    const client = openClient()
    click('<button id="user-8271" data-nunchi="buy">Buy for Kim</button>')
    click('<a href="/orders/1?token=secret" role="tab"><b>Kim Min-ji</b></a>', 'b')
    click('<div class="kim">text</div>')
    document.body.innerHTML =
      '<form data-nunchi="login"><input type="password" value="hunter2" name="kim"></form>'
    document.querySelector('input')!.dispatchEvent(new Event('change', { bubbles: true }))
    document.querySelector('form')!.dispatchEvent(new Event('submit', { bubbles: true }))
    client.track('done')
    expect(contextOf(client, 'done').interactions).toEqual([
      'click:button#buy',
      'click:a[tab]',
      'click:div',
      'change:input',
      'submit:form#login',
    ])
    expect(JSON.stringify(client.events[0]!.userContext)).not.toMatch(/8271|kim|secret|hunter2|Buy for/i)
  })

  it.for(['user-4711', 'sk_live_4eC39HqLyj', 'kim@private.example', 'x'.repeat(41)])(
    'leaves out a name that looks like a secret: %s',
    (name) => {
      const client = openClient()
      click(`<button data-nunchi="${name}">x</button>`)
      client.track('done')
      expect(contextOf(client, 'done').interactions).toEqual(['click:button'])
    },
  )

  it('leaves out what is to be ignored, and hears what the page stops', () => {
    const client = openClient()
    click('<div data-nunchi-ignore><button>x</button></div>', 'button')
    document.body.onclick = (event) => event.stopPropagation()
    click('<button data-nunchi="stopped">x</button>')
    document.body.onclick = null
    client.track('done')
    expect(contextOf(client, 'done').interactions).toEqual(['click:button#stopped'])
  })

  it('holds the last ones, goes on over page loads, and ends with the visitor', () => {
    const first = openClient({ steps: 3, pageLeft: false }, { name: 'steps' })
    first.track('begin')
    for (const name of ['a', 'b', 'c', 'd']) click(`<button data-nunchi="${name}">x</button>`)
    first.track('here')
    expect(contextOf(first, 'here').interactions).toEqual([
      'click:button#b',
      'click:button#c',
      'click:button#d',
    ])
    first.close()
    const second = openClient({ steps: 3, pageLeft: false }, { name: 'steps' })
    click('<button data-nunchi="e">x</button>')
    second.track('there')
    expect(contextOf(second, 'there').interactions).toEqual([
      'click:button#c',
      'click:button#d',
      'click:button#e',
    ])
    second.reset()
    second.track('stranger')
    expect(contextOf(second, 'stranger').interactions).toEqual([])
  })

  it.for([-1, Number.NaN, 'many' as never])('has its usual length where the site asks for %o', (steps) => {
    const client = openClient({ steps })
    for (let i = 0; i < 30; i++) click('<button>x</button>')
    client.track('done')
    expect(contextOf(client, 'done').interactions).toHaveLength(20)
    expect(client.problems).toEqual([['option_invalid', 'engagement.steps']])
  })

  it('of none is not told, and nothing listens after the client is closed', () => {
    const client = openClient({ steps: 0 })
    client.track('one')
    expect(contextOf(client, 'one')).not.toHaveProperty('interactions')
    const closed = openClient()
    closed.close()
    click('<button>x</button>')
    closed.track('after')
    expect(contextOf(closed, 'after').interactions).toEqual([])
  })
})

describe('what the device can do', () => {
  it('is told in coarse words', () => {
    const client = openClient()
    client.track('one')
    const { device } = contextOf(client, 'one')
    expect(device).toMatchObject({
      viewport: expect.stringMatching(/^(small|medium|large)$/),
      pointer: expect.stringMatching(/^(fine|coarse|none)$/),
      touch: expect.any(Boolean),
      reducedMotion: expect.any(Boolean),
      dark: expect.any(Boolean),
    })
    expect(['low', 'medium', 'high', undefined]).toContain(device['memory'])
    expect(Object.keys(device).length).toBeLessThanOrEqual(8)
  })

  it('is not told where the site does not want it; what other plugins said stays', () => {
    const client = createTestClient({
      use: [
        {
          name: 'other',
          setup: ({ on }) => on('event', (event) => Object.assign(event, { userContext: { mine: 1 } })),
        },
        engagement({ device: false }),
      ],
    })
    client.track('one')
    expect(client.events[0]!.userContext).toMatchObject({ mine: 1, timeOnPage: expect.any(Number) })
    expect(client.events[0]!.userContext).not.toHaveProperty('device')
    client.close()
  })
})
