import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNunchi } from '../nunchi.ts'
import { waitFor } from '../test/wait-for.ts'
import { type ConsentOptions, consent } from './consent.ts'
import { pageViews } from './page-views.ts'

let names = 0
let name = ''
/** Bodies of requests, as far as they came. */
let sent: { events: { name: string; anonymousId: string }[] }[] = []
const clients: { close(): unknown }[] = []
/** Holds answers back until it is called. */
let answer: (() => void) | undefined

const sentNames = () => sent.flatMap(({ events }) => events.map((event) => event.name))

/** What this site's storage shows of us. */
const trace = async () => ({
  values: Object.keys(localStorage).filter((key) => key.startsWith(`${name}.`)),
  databases: (await indexedDB.databases()).map((database) => database.name).filter((one) => one === name),
})
const none = { values: [], databases: [] }

beforeEach(() => {
  localStorage.clear()
  name = `consent-test-${Date.now()}-${++names}`
  sent = []
  answer = undefined
  // So that bodies can be read here.
  vi.stubGlobal('CompressionStream', undefined)
  const receive = (body: BodyInit | null | undefined) => {
    const batch = JSON.parse(`${body}`)
    sent.push(batch)
    return new Response(JSON.stringify({ batch: batch.id }), { status: 202 })
  }
  vi.spyOn(window, 'fetch').mockImplementation(async (_url, init) => {
    const response = receive(init!.body)
    if (answer) await new Promise<void>((resolve) => (answer = resolve))
    return response
  })
  vi.spyOn(navigator, 'sendBeacon').mockImplementation((_url, body) => !!receive(body as string))
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  Reflect.deleteProperty(navigator, 'globalPrivacyControl')
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function open(options?: ConsentOptions) {
  const client = createNunchi({
    key: 'nk_pub_test',
    host: 'http://test.invalid',
    name,
    flushInterval: 10,
    use: [consent(options)],
  })
  clients.push(client)
  return client
}

/** Everything that a page does by itself: it is hidden, shown, left, restored. */
function comeAndGo() {
  for (const persisted of [false, true]) {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted }))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted }))
  }
  dispatchEvent(new Event('online'))
}
/** Makes this a browser that signals Global Privacy Control. */
const signal = () =>
  Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true })
const settle = () => new Promise((resolve) => setTimeout(resolve, 1300))
const expectNothing = async () => {
  await settle()
  expect([await trace(), sent]).toEqual([none, []])
}

describe('security 66: while consent is pending', () => {
  it('nothing is stored and nothing is sent, whatever the page does', async () => {
    const client = open()
    client.track('held')
    client.identify('person')
    expect(client.anonymousId).toMatch(/^[\da-f]{32}$/)
    comeAndGo()
    await client.flush()
    await expectNothing()
    expect(client.consent.status).toBe('pending')
  })

  it('what an earlier page left is not sent either', async () => {
    const earlier = open({ initial: 'granted' })
    vi.mocked(window.fetch).mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await earlier.track('earlier')).toEqual({ durable: true })
    await earlier.close()
    sent = []
    const client = open()
    comeAndGo()
    await client.flush()
    await settle()
    expect(sent).toEqual([])
  })

  it('a grant stores and sends what was held, with one visitor', async () => {
    const client = open()
    const held = [client.track('first'), client.track('second')]
    client.consent.grant()
    expect(await Promise.all(held)).toEqual([{ durable: true }, { durable: true }])
    await client.track('third')
    await waitFor(() => expect(sentNames()).toEqual(['first', 'second', 'third']))
    expect(new Set(sent.flatMap(({ events }) => events.map(({ anonymousId }) => anonymousId))).size).toBe(1)
    expect((await trace()).values).toContain(`${name}.consent`)
  })

  it('a grant names the visitor and the visit on the device before the word that other tabs go by', () => {
    const written: string[] = []
    const write = vi.spyOn(Storage.prototype, 'setItem').mockImplementation((key) => {
      written.push(key)
    })
    open().consent.grant()
    write.mockRestore()
    expect(written).toEqual([`${name}.id`, `${name}.session`, `${name}.consent`])
  })

  it('a refusal lets go of what was held and of what an earlier page stored', async () => {
    localStorage.setItem(`${name}.id`, '{"anonymousId":"earlier"}')
    const client = open()
    const held = client.track('held')
    client.consent.deny()
    expect(await held).toEqual({ durable: false })
    await expectNothing()
  })

  it('holds a thousand events at most', async () => {
    const client = open()
    const held = Array.from({ length: 1005 }, (_, i) => client.track(`held-${i}`))
    const late = await Promise.all(held.slice(1000))
    expect(late).toEqual(late.map(() => ({ durable: false })))
    client.consent.grant()
    await waitFor(() => expect(sentNames()).toHaveLength(1000))
  })

  it('wherever the plugin stands in the list, the others come after it', async () => {
    const client = createNunchi({
      key: 'nk_pub_test',
      host: 'http://test.invalid',
      name,
      use: [
        pageViews(),
        { name: 'eager', setup: ({ client }) => void client.track('during setup') },
        consent(),
      ],
    })
    clients.push(client)
    await expectNothing()
  })
})

describe('security 66: after a refusal', () => {
  it('nothing is stored and nothing is sent, from the first moment', async () => {
    const client = open({ initial: 'denied' })
    expect(await client.track('denied')).toEqual({ durable: false })
    comeAndGo()
    await expectNothing()
  })

  it('everything is gone: events, ids, visit, the choice, and the database', async () => {
    vi.mocked(window.fetch).mockRejectedValue(new TypeError('Failed to fetch'))
    const client = open()
    client.consent.grant()
    await client.track('stored')
    client.identify('person')
    dispatchEvent(new PageTransitionEvent('pagehide'))
    const before = await trace()
    expect(before.databases).toEqual([name])
    expect(before.values.length).toBeGreaterThan(2)
    client.consent.deny()
    await waitFor(async () => expect(await trace()).toEqual(none))
    await client.track('later')
    comeAndGo()
    await settle()
    expect(await trace()).toEqual(none)
  })

  it('in the middle of a delivery, its answer brings nothing back', async () => {
    answer = () => {}
    const client = open()
    client.consent.grant()
    await client.track('flying')
    await waitFor(() => expect(sentNames()).toEqual(['flying']))
    const unsaved = client.track('unsaved')
    client.consent.deny()
    answer()
    await unsaved
    await settle()
    expect(await trace()).toEqual(none)
    expect(sentNames()).toEqual(['flying'])
  })

  it('a change of mind keeps what comes after it', async () => {
    const client = open()
    client.consent.grant()
    const before = client.track('before')
    client.consent.deny()
    client.consent.grant()
    expect(await client.track('after')).toEqual({ durable: true })
    await before
    await client.flush()
    // The round that was given up may still hold the turn for a moment.
    await expect.poll(sentNames).toEqual(['after'])
  })

  it('in another tab, this tab follows', async () => {
    const client = open()
    client.consent.grant()
    await client.track('stored')
    localStorage.removeItem(`${name}.consent`)
    dispatchEvent(new StorageEvent('storage', { key: `${name}.consent` }))
    expect(client.consent.status).toBe('denied')
    await waitFor(async () => expect(await trace()).toEqual(none))
    expect(await client.track('later')).toEqual({ durable: false })
  })
})

describe('opting out', () => {
  const optOut: ConsentOptions = { mode: 'opt-out' }

  it('records from the first moment', async () => {
    expect(await open(optOut).track('recorded')).toEqual({ durable: true })
  })

  it('is remembered as one word, and nothing else stays', async () => {
    const client = open(optOut)
    await client.track('stored')
    client.consent.deny()
    const mark = { values: [`${name}.consent`], databases: [] }
    await waitFor(async () => expect(await trace()).toEqual(mark))
    expect(localStorage.getItem(`${name}.consent`)).toBe('"denied"')
    const next = open(optOut)
    expect(next.consent.status).toBe('denied')
    expect(await next.track('refused')).toEqual({ durable: false })
    next.identify('person')
    next.reset()
    comeAndGo()
    await settle()
    expect(await trace()).toEqual(mark)
  })

  it('is remembered by a browser that signals Global Privacy Control on one day only', async () => {
    open(optOut).consent.deny()
    signal()
    expect(open(optOut).consent.status).toBe('denied')
    Reflect.deleteProperty(navigator, 'globalPrivacyControl')
    expect(open(optOut).consent.status).toBe('denied')
  })

  it('in another tab, this tab follows; and follows a change of mind', async () => {
    const client = open(optOut)
    localStorage.setItem(`${name}.consent`, '"denied"')
    dispatchEvent(new StorageEvent('storage', { key: `${name}.consent` }))
    expect(client.consent.status).toBe('denied')
    expect(localStorage.getItem(`${name}.consent`)).toBe('"denied"')
    localStorage.setItem(`${name}.consent`, '"granted"')
    dispatchEvent(new StorageEvent('storage', { key: `${name}.consent` }))
    expect(client.consent.status).toBe('granted')
    expect(await client.track('again')).toEqual({ durable: true })
  })
})

describe('security 66: without cookies', () => {
  const cookieless: ConsentOptions = { mode: 'cookieless' }

  it('events are sent, and nothing is on the device, whatever the page does', async () => {
    localStorage.setItem(`${name}.id`, '{"anonymousId":"earlier"}')
    const client = open(cookieless)
    expect(client.consent.status).toBe('cookieless')
    expect(await client.track('counted')).toEqual({ durable: false })
    client.identify('person')
    await waitFor(() => expect(sentNames()).toEqual(['counted', 'identify']))
    client.track('at leaving')
    comeAndGo()
    await client.flush()
    await settle()
    expect(new Set(sentNames())).toEqual(new Set(['counted', 'identify', 'at leaving']))
    expect(await trace()).toEqual(none)
    expect(new Set(sent.flatMap(({ events }) => events.map(({ anonymousId }) => anonymousId))).size).toBe(1)
  })

  it('each page load is another visitor', () => {
    expect(open(cookieless).anonymousId).not.toBe(open(cookieless).anonymousId)
  })

  it('what could not be sent is tried again from memory', async () => {
    vi.mocked(window.fetch).mockRejectedValueOnce(new TypeError('Failed to fetch'))
    open(cookieless).track('twice')
    await waitFor(() => expect(sentNames()).toEqual(['twice']))
    expect(await trace()).toEqual(none)
  })

  it('a grant begins to store, with the visitor of this page', async () => {
    const client = open(cookieless)
    const { anonymousId } = client
    client.consent.grant()
    expect(await client.track('kept')).toEqual({ durable: true })
    expect(open(cookieless).anonymousId).toBe(anonymousId)
  })

  it('a refusal is remembered, and ends what was sent', async () => {
    const client = open(cookieless)
    client.consent.deny()
    expect(await client.track('refused')).toEqual({ durable: false })
    expect(open(cookieless).consent.status).toBe('denied')
    await settle()
    expect(sent).toEqual([])
  })

  it('is nothing against Global Privacy Control: that is a refusal', async () => {
    signal()
    const client = open(cookieless)
    expect(client.consent.status).toBe('denied')
    client.track('refused')
    await settle()
    expect(sent).toEqual([])
    expect(await trace()).toEqual(none)
  })
})

describe('a grant', () => {
  it('in another tab opens this one: what it held belongs to the visitor that the other has', async () => {
    const client = open()
    const held = client.track('held')
    client.identify('person')
    expect(await trace()).toEqual(none)
    const visit = { id: 'visit-of-the-other', last: Date.now() }
    localStorage.setItem(`${name}.id`, '{"anonymousId":"visitor-of-the-other"}')
    localStorage.setItem(`${name}.session`, JSON.stringify(visit))
    localStorage.setItem(`${name}.consent`, '"granted"')
    dispatchEvent(new StorageEvent('storage', { key: `${name}.consent` }))
    expect(client.consent.status).toBe('granted')
    expect(await held).toEqual({ durable: true })
    await client.track('after')
    await waitFor(() => expect(sentNames()).toEqual(['held', 'identify', 'after']))
    const events = sent.flatMap((batch) => batch.events)
    expect(new Set(events.map(({ anonymousId }) => anonymousId))).toEqual(new Set(['visitor-of-the-other']))
    expect(client).toMatchObject({ userId: 'person', sessionId: 'visit-of-the-other' })
  })

  it('is remembered by the next page', async () => {
    open().consent.grant()
    const next = open()
    expect(next.consent.status).toBe('granted')
    expect(await next.track('next')).toEqual({ durable: true })
  })

  it('outlasts the Global Privacy Control signal: the visitor has said so to this site', async () => {
    const earlier = open()
    earlier.consent.grant()
    await earlier.close()
    signal()
    expect(await open().track('next')).toEqual({ durable: true })
  })
})

describe('security 66: Global Privacy Control', () => {
  const plain = (options: object) => {
    signal()
    const client = createNunchi({ key: 'nk_pub_test', host: 'http://test.invalid', name, ...options })
    clients.push(client)
    return client
  }

  it('is a refusal, and removes what was there', async () => {
    localStorage.setItem(`${name}.id`, '{"anonymousId":"earlier"}')
    const client = plain({})
    expect(await client.track('refused')).toEqual({ durable: false })
    comeAndGo()
    await expectNothing()
  })

  it('holds against a site that presumes consent', async () => {
    signal()
    const client = open({ initial: 'granted' })
    expect(await client.track('presumed')).toEqual({ durable: false })
    await expectNothing()
  })

  it('leaves the visitor the choice where the site asks: nothing is stored or sent until then', async () => {
    signal()
    const client = open()
    const held = client.track('asked')
    await expectNothing()
    client.consent.grant()
    expect(await held).toEqual({ durable: true })
  })

  it('is ignored where the site says so', async () => {
    expect(await plain({ gpc: false }).track('recorded')).toEqual({ durable: true })
  })
})
