import type { Event } from '@nunchi/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestClient, type TestOptions } from '../testing.ts'
import { consent } from './consent.ts'
import { type MirrorOptions, type MirrorTarget, mirror } from './mirror.ts'

const open = (to: MirrorTarget, options?: MirrorOptions, more: TestOptions<never> = {}) =>
  createTestClient({ ...more, use: [mirror(to, options)] })
const codes = (client: { problems: [string, unknown][] }) => client.problems.map(([code]) => code)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Everything that a visitor may do. */
function live(client: ReturnType<typeof open>): void {
  client.track('Product Added', { sku: 'lamp' })
  client.page('/shop', { section: 'lamps' })
  client.identify('user-1', { plan: 'free' })
  client.group('team-1', { size: 3 })
  client.alias('user-2', 'user-1')
  client.reset()
}

describe('mirror to a function', () => {
  it('gives it each event as it is stored, marked with its id', async () => {
    const told: Event[] = []
    const client = open((event: Event) => told.push(event))
    live(client)
    expect(told.map(({ type }) => type)).toEqual(['track', 'page', 'identify', 'group', 'alias'])
    const [track] = client.events
    expect(told[0]).toEqual({ ...track, properties: { sku: 'lamp', nunchi_id: track!.id } })
    expect(track!.properties).toEqual({ sku: 'lamp' })
  })

  it('passes on the types that are asked for', () => {
    const told: string[] = []
    live(open((event: Event) => told.push(event.type), { types: ['track', 'identify'] }))
    expect(told).toEqual(['track', 'identify'])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['fails later', async () => Promise.reject(new Error('no'))],
  ])('that %s: the event is stored, one problem is reported, the page hears nothing', async (_, tracker) => {
    const client = open(tracker)
    await expect(client.track('kept')).resolves.toBeDefined()
    expect(client.events.map(({ name }) => name)).toEqual(['kept'])
    expect(codes(client)).toContain('plugin_failed')
  })

  it('does not hear what a plugin dropped', () => {
    const tracker = vi.fn()
    const sampled = {
      name: 'sampled',
      setup: ({ on }: { on: (...args: never[]) => unknown }) => on(...(['event', () => false] as never[])),
    }
    const client = createTestClient({ use: [mirror(tracker), sampled as never] })
    client.track('dropped')
    expect(tracker).not.toHaveBeenCalled()
  })

  it('hears nothing before consent, everything held after it, and nothing after a refusal', () => {
    const told: string[] = []
    const client = createTestClient({ use: [mirror((event: Event) => told.push(event.name)), consent()] })
    client.track('before')
    expect(told).toEqual([])
    client.consent.grant()
    client.track('after')
    expect(told).toEqual(['before', 'after'])
    client.consent.deny()
    client.track('refused')
    expect(told).toEqual(['before', 'after'])
  })
})

describe('mirror without consent to store', () => {
  it('is told nothing while events are sent from memory alone: the tracker may set cookies', () => {
    const told: string[] = []
    const client = createTestClient({
      use: [mirror((event) => told.push(event.name)), consent({ mode: 'cookieless' })],
    })
    client.track('cookieless')
    expect(told).toEqual([])
    client.consent.grant()
    client.track('granted')
    expect(told).toEqual(['granted'])
    expect(client.events.map(({ name }) => name)).toEqual(['cookieless', 'granted'])
  })
})

describe('mirror to Segment’s verbs', () => {
  it('calls each with its arguments, and reset too', () => {
    const verbs = ['track', 'page', 'identify', 'group', 'alias', 'reset'] as const
    const called = () => vi.fn<(...args: unknown[]) => void>()
    const analytics = Object.fromEntries(verbs.map((verb) => [verb, called()])) as Record<
      (typeof verbs)[number],
      ReturnType<typeof called>
    >
    const client = open(analytics)
    live(client)
    const [track, page] = client.events
    expect(analytics.track).toHaveBeenCalledExactlyOnceWith('Product Added', {
      sku: 'lamp',
      nunchi_id: track!.id,
    })
    expect(analytics.page).toHaveBeenCalledExactlyOnceWith('/shop', { section: 'lamps', nunchi_id: page!.id })
    expect(analytics.identify).toHaveBeenCalledExactlyOnceWith('user-1', { plan: 'free' })
    expect(analytics.group).toHaveBeenCalledExactlyOnceWith('team-1', { size: 3 })
    expect(analytics.alias).toHaveBeenCalledExactlyOnceWith('user-2', 'user-1')
    expect(analytics.reset).toHaveBeenCalledExactlyOnceWith()
    expect(analytics.track.mock.contexts[0]).toBe(analytics)
  })

  it('passes over verbs that it lacks', () => {
    const client = open({ track: vi.fn() })
    live(client)
    expect(client.problems).toEqual([])
  })
})

describe('mirror to gtag', () => {
  it('calls it as Google Analytics wants it', () => {
    const gtag = vi.fn()
    const client = open(gtag, { as: 'gtag' })
    live(client)
    const [track, page] = client.events
    expect(gtag.mock.calls).toEqual([
      ['event', 'Product_Added', { sku: 'lamp', nunchi_id: track!.id }],
      [
        'event',
        'page_view',
        { page_title: '/shop', page_location: undefined, section: 'lamps', nunchi_id: page!.id },
      ],
      ['set', { user_id: 'user-1' }],
      ['set', 'user_properties', { plan: 'free' }],
      ['event', 'join_group', { size: 3, group_id: 'team-1' }],
      ['set', { user_id: null }],
    ])
  })

  it('is known by its global name, and by being that global', () => {
    const gtag = vi.fn()
    vi.stubGlobal('gtag', gtag)
    for (const to of ['gtag', gtag]) open(to).track('seen')
    expect(gtag.mock.calls.map(([verb, name]) => [verb, name])).toEqual([
      ['event', 'seen'],
      ['event', 'seen'],
    ])
  })
})

describe('mirror to a global that comes late', () => {
  it('keeps events until it is there, in their order', () => {
    const client = open('analytics')
    client.track('first')
    client.track('second')
    const track = vi.fn()
    vi.stubGlobal('analytics', { track })
    vi.advanceTimersByTime(600)
    client.track('third')
    expect(track.mock.calls.map(([name]) => name)).toEqual(['first', 'second', 'third'])
    expect(client.problems).toEqual([])
  })

  it('finds the real one where the snippet’s stub stood', () => {
    const [stub, real] = [vi.fn(), vi.fn()]
    vi.stubGlobal('analytics', { track: stub })
    const client = open('analytics')
    client.track('early')
    vi.stubGlobal('analytics', { track: real })
    client.track('late')
    expect(stub).toHaveBeenCalledOnce()
    expect(real).toHaveBeenCalledOnce()
  })

  it('keeps a hundred, gives up after ten seconds with one problem, and goes on should it come', () => {
    const client = open('analytics', { types: ['track'] })
    for (let i = 0; i < 300; i++) client.track(`many-${i}`)
    vi.advanceTimersByTime(11_000)
    expect(codes(client)).toEqual(['mirror_missing'])
    const track = vi.fn()
    vi.stubGlobal('analytics', { track })
    client.track('after all')
    expect(track.mock.calls.map(([name]) => name)).toEqual(['after all'])
    expect(client.events).toHaveLength(301)

    vi.unstubAllGlobals()
    const other = open('analytics')
    for (let i = 0; i < 300; i++) other.track(`many-${i}`)
    vi.stubGlobal('analytics', { track })
    vi.advanceTimersByTime(600)
    expect(track).toHaveBeenCalledTimes(101)
  })

  it('survives a global whose getter throws', () => {
    const trap = {
      configurable: true,
      get() {
        throw new Error('trap')
      },
    }
    Object.defineProperty(globalThis, 'trapped', trap)
    const client = open('trapped')
    client.track('kept')
    vi.advanceTimersByTime(11_000)
    expect(codes(client)).toEqual(['mirror_missing'])
    Reflect.deleteProperty(globalThis, 'trapped')
  })
})

describe('a mirrored tracker that mirrors back', () => {
  it('in the same breath: the event is stored once, and passed on once', () => {
    const told: string[] = []
    const client = open((event: Event) => {
      told.push(event.name)
      client.track(event.name)
    })
    client.track('echo')
    client.track('echo')
    expect(told).toEqual(['echo', 'echo'])
    expect(client.events.map(({ name }) => name)).toEqual(['echo', 'echo'])
  })

  it('under another name: stored, and not passed on', () => {
    const told: string[] = []
    const client = open((event: Event) => {
      told.push(event.name)
      client.track(`seen: ${event.name}`)
    })
    client.track('echo')
    expect(told).toEqual(['echo'])
    expect(client.events.map(({ name }) => name)).toEqual(['echo', 'seen: echo'])
  })

  it('later, with the properties it got: stored once', () => {
    const client = open((event: Event) => void setTimeout(() => client.track(event.name, event.properties)))
    client.track('echo', { n: 1 })
    vi.advanceTimersByTime(60_000)
    expect(client.events).toHaveLength(1)
  })

  it('later, and without them: comes to its end', () => {
    const client = open((event: Event) => void setTimeout(() => client.track(event.name)))
    client.track('echo')
    vi.advanceTimersByTime(5_000)
    expect(client.events.length).toBeLessThan(60)
    expect(codes(client)).toContain('mirror_loop')
  })
})

describe('what cannot be mirrored to', () => {
  it.each([42, {}, null, ''])('%s: one problem, and events are stored', (to) => {
    const client = open(to as never)
    client.track('kept')
    expect(client.problems).toEqual([['option_invalid', 'mirror(to)']])
    expect(client.events).toHaveLength(1)
  })
})
