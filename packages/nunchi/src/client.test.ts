import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { memoryStore } from './memory-store.ts'
import { openLocal } from './page/local.ts'
import type { Plugin } from './plugin.ts'
import { consent } from './plugins/consent.ts'
import { createTestClient } from './testing.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const greeter: Plugin<'greeter', { greet(name: string): string }> = {
  name: 'greeter',
  setup: () => ({ greet: (name) => `hello ${name}` }),
}

describe('reliability 8: a new id', () => {
  const told = (nunchi: { events: { userContext?: object }[] }) =>
    nunchi.events.map(({ userContext }) => userContext)

  it('is told by its first event, whoever asked for the id before, beside what a plugin says', async () => {
    const filling: Plugin<'first', () => unknown> = {
      name: 'first',
      setup:
        ({ record }) =>
        () =>
          record('track', 'first', () => ({ userContext: { steps: [] } })),
    }
    const nunchi = createTestClient({ use: [filling] })
    expect(nunchi.anonymousId).toMatch(/^[\da-f]{32}$/)
    await nunchi.first()
    await nunchi.track('second')
    expect(told(nunchi)).toEqual([{ steps: [], newId: true }, undefined])
  })

  it('is told after reset() too, and never of an id that the device knew', async () => {
    const nunchi = createTestClient()
    await nunchi.track('first')
    nunchi.reset()
    await nunchi.identify('person')
    await nunchi.track('second')
    expect(told(nunchi)).toEqual([{ newId: true }, { newId: true }, undefined])
    const local = openLocal('known')
    local.persist(false)
    local.set('id', { anonymousId: 'known' })
    const known = createTestClient({ environment: { local } })
    await known.track('again')
    expect(told(known)).toEqual([undefined])
  })
})

describe('nothing throws into the page', () => {
  const hostile = [
    null,
    undefined,
    0,
    '',
    Symbol('s'),
    () => {},
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    ),
  ]

  it('whatever the verbs are given', async () => {
    const nunchi = createTestClient() as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const verb of ['track', 'identify', 'page', 'group', 'alias', 'reset', 'flush', 'on'])
      for (const first of hostile) for (const second of hostile) await nunchi[verb]!(first, second)
    expect(await nunchi['track']!('still here')).toEqual({ durable: true })
  })

  it('whatever plugins and listeners do', async () => {
    const angry = (): never => {
      throw new Error('angry')
    }
    const nunchi = createTestClient({
      use: [
        { name: 'setup', setup: angry },
        { name: 'event', setup: ({ on }) => on('event', angry) },
      ],
    })
    nunchi.on(angry)
    expect(await nunchi.track('kept')).toEqual({ durable: true })
    expect(nunchi.events).toHaveLength(1)
    expect(nunchi.problems.map(([code]) => code)).toContain('plugin_failed')
  })

  it('without a key or a host it records nothing and says why', async () => {
    for (const options of [{ key: '' }, { host: '' }]) {
      const nunchi = createTestClient(options)
      expect(await nunchi.track('lost')).toEqual({ durable: false })
      expect(nunchi.problems[0]![0]).toMatch(/^options_(key|host)$/)
    }
  })
})

describe('an event', () => {
  it('is a copy of what the caller passed, taken when the call was made', async () => {
    const store = memoryStore()
    const nunchi = createTestClient({ environment: { store }, transport: async () => ({ status: 0 }) })
    const properties = { price: 1, when: new Date(0), nested: { deep: 1 } }
    const saved = nunchi.track('Product Added', properties)
    properties.price = 2
    properties.nested.deep = 2
    await saved
    const [entry] = await store.oldest(1)
    expect(JSON.parse(entry!.json!).properties).toEqual({
      price: 1,
      when: '1970-01-01T00:00:00.000Z',
      nested: { deep: 1 },
    })
  })

  it('survives what JSON cannot carry', async () => {
    const store = memoryStore()
    const nunchi = createTestClient({ environment: { store }, transport: async () => ({ status: 0 }) })
    const circle: Record<string, unknown> = { big: 10n ** 20n, twice: [{ a: 1 }] }
    circle['self'] = circle
    circle['again'] = circle['twice']
    await nunchi.track('odd', circle)
    const [entry] = await store.oldest(1)
    expect(JSON.parse(entry!.json!).properties).toMatchObject({
      big: '100000000000000000000',
      twice: [{ a: 1 }],
      again: [{ a: 1 }],
    })
  })

  it('too large to be delivered is dropped, counted and reported at once', async () => {
    const nunchi = createTestClient()
    expect(await nunchi.track('huge', { text: '가'.repeat(11_000) })).toEqual({ durable: false })
    expect(nunchi.problems).toMatchObject([['event_dropped', { reason: 'event_too_large' }]])
    expect(await nunchi.track('fits', { text: '가'.repeat(10_000) })).toEqual({ durable: true })
  })

  it('carries who, when and in which order', () => {
    const nunchi = createTestClient({ now: () => 1_732_000_000_000 })
    nunchi.track('a')
    nunchi.identify('kim', { plan: 'pro' })
    nunchi.group('acme', { seats: 3 })
    nunchi.alias('kim@new')
    const [a, identify, group, alias] = nunchi.events
    expect(a).toMatchObject({ type: 'track', name: 'a', ts: 1_732_000_000_000, seq: 0, sdk: 'nunchi/0.1.0' })
    expect(a).not.toHaveProperty('userId')
    expect(identify).toMatchObject({ type: 'identify', userId: 'kim', seq: 1, properties: { plan: 'pro' } })
    expect(group).toMatchObject({ type: 'group', userId: 'kim', groupId: 'acme', properties: { seats: 3 } })
    expect(alias).toMatchObject({ type: 'alias', userId: 'kim@new', previousId: 'kim' })
    expect(new Set(nunchi.events.map((event) => event.anonymousId)).size).toBe(1)
    expect(nunchi.anonymousId).toMatch(/^[\da-f]{32}$/)
  })
})

describe('reset', () => {
  it('makes a new visitor with a new visit; earlier events keep the old one', () => {
    const nunchi = createTestClient()
    nunchi.identify('kim')
    nunchi.reset()
    nunchi.track('after')
    const [before, after] = nunchi.events
    expect(after!.userId).toBeUndefined()
    expect(after!.anonymousId).not.toBe(before!.anonymousId)
    expect(after!.sessionId).not.toBe(before!.sessionId)
  })
})

describe('a visit', () => {
  it('ends after half an hour without activity, and when the clock was set back by more', () => {
    let clock = 1_732_000_000_000
    const nunchi = createTestClient({ now: () => clock })
    const sessions = [nunchi.sessionId]
    for (const step of [60_000, 1_790_000, 1_800_001, -86_400_000, 5000]) {
      clock += step
      sessions.push(nunchi.sessionId)
    }
    const [a, b, c, d, e, f] = sessions
    expect([b, c]).toEqual([a, a])
    expect(d).not.toBe(a)
    expect(e).not.toBe(d)
    expect(f).toBe(e)
  })
})

describe('plugins', () => {
  it('appear under their names, typed', () => {
    const nunchi = createTestClient({ use: [greeter, consent({ initial: 'granted' })] })
    expect(nunchi.greeter.greet('kim')).toBe('hello kim')
    expectTypeOf(nunchi.greeter.greet).returns.toBeString()
    expectTypeOf(nunchi.consent.status).toEqualTypeOf<'pending' | 'granted' | 'denied' | 'cookieless'>()
    // @ts-expect-error: a plugin that is not used is no member.
    expect(nunchi.pageViews).toBeUndefined()
  })

  it('change events before they are written, and drop them by answering false', async () => {
    const redact = {
      name: 'redact',
      setup: ({ on }) =>
        on('event', (event) => {
          delete event.properties?.['email']
          return event.name !== 'secret'
        }),
    } satisfies Plugin
    const nunchi = createTestClient({ use: [redact] })
    await nunchi.track('open', { email: 'kim@example.com', plan: 'pro' })
    expect(await nunchi.track('secret')).toEqual({ durable: false })
    expect(nunchi.events).toMatchObject([{ name: 'open', properties: { plan: 'pro' } }])
  })
})

describe('consent', () => {
  it('holds events in memory until it is given, then keeps them all', async () => {
    const store = memoryStore()
    const nunchi = createTestClient({ use: [consent()], environment: { store } })
    const saved = nunchi.track('early')
    await Promise.resolve()
    expect(await store.count()).toBe(0)
    nunchi.consent.grant()
    expect(await saved).toEqual({ durable: true })
  })

  it('once refused, nothing is made, and nothing stays', async () => {
    const store = memoryStore()
    const nunchi = createTestClient({
      use: [consent()],
      environment: { store },
      transport: async () => ({ status: 0 }),
    })
    nunchi.consent.grant()
    await nunchi.track('kept')
    nunchi.consent.deny()
    await nunchi.flush()
    expect(await store.count()).toBe(0)
    expect(await nunchi.track('never')).toEqual({ durable: false })
    expect(await store.count()).toBe(0)
  })

  it('is refused by Global Privacy Control, unless the site says otherwise', async () => {
    const environment = { refused: ({ gpc }: { gpc: boolean }) => gpc }
    expect(await createTestClient({ environment }).track('a')).toEqual({ durable: false })
    expect(await createTestClient({ environment, gpc: false }).track('a')).toEqual({ durable: true })
  })
})

describe('close', () => {
  it('delivers, and leaves no timer behind', async () => {
    vi.useFakeTimers()
    const nunchi = createTestClient()
    nunchi.track('last')
    expect(await nunchi.close()).toEqual({ pending: 0 })
    nunchi.track('after')
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})
