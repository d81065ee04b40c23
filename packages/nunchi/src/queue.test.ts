import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from './store.ts'
import { createWorld, entry, type Mood, type World } from './test/fake-world.ts'
import type { Delivery, Reply } from './transport/transport.ts'

let world: World

beforeEach(() => {
  vi.useFakeTimers()
  world = createWorld()
})
afterEach(() => {
  vi.useRealTimers()
})

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const idsOf = (entries: Entry[]) => entries.map(({ id }) => id)
const some = (count: number, size?: number) => Array.from({ length: count }, () => entry(size))

describe('an event', () => {
  it.each<Mood>(['down', 'reply-lost', 'portal', 'busy', 'wrong-batch', 'forbidden'])(
    'waits in the store while the collector answers: %s; and is stored once it does not',
    async (mood) => {
      world.mood = mood
      const events = some(3)
      const queue = world.openTab()
      await Promise.all(events.map((event) => queue.push(event)))
      await wait(30_000)
      expect(await world.store.count()).toBe(3)
      world.mood = 'good'
      await wait(30_000)
      expect([...world.stored.keys()]).toEqual(idsOf(events))
      expect(await world.store.count()).toBe(0)
    },
  )

  it('is in memory before push() returns, and in the store when it resolves', async () => {
    const queue = world.openTab()
    const event = entry()
    const saved = queue.push(event)
    queue.leave()
    expect(world.requests).toMatchObject([{ ids: [event.id], beacon: true }])
    await expect(saved).resolves.toEqual({ durable: true })
    expect(await world.store.count()).toBe(1)
  })

  it('shares one transaction and one request with the others of its task', async () => {
    const add = vi.spyOn(world.store, 'add')
    const queue = world.openTab()
    for (const event of some(20)) queue.push(event)
    await wait(5000)
    expect(add).toHaveBeenCalledTimes(1)
    expect(world.requests).toHaveLength(1)
  })

  it('is sent from memory where the store is broken, and says that it is not durable', async () => {
    world.storage = 'broken'
    const queue = world.openTab()
    const events = some(3)
    await expect(Promise.all(events.map((event) => queue.push(event)))).resolves.toEqual([
      { durable: false },
      { durable: false },
      { durable: false },
    ])
    await wait(5000)
    expect([...world.stored]).toEqual(events.map(({ id }) => [id, 1]))
    expect(await queue.flush()).toEqual({ pending: 0 })
  })

  it('goes into the store late where the store comes back late', async () => {
    world.storage = 'broken'
    world.mood = 'down'
    const queue = world.openTab()
    await queue.push(entry())
    world.storage = 'good'
    await wait(5000)
    expect(await world.store.count()).toBe(1)
  })
})

describe('a batch', () => {
  it('that one event spoils is halved until that event is alone: it is dropped and counted, the rest stored', async () => {
    const events = some(100)
    world.poison.add(events[41]!.id)
    const dropped: unknown[] = []
    const queue = world.openTab((stage, detail) => stage === 'dropped' && dropped.push(detail))
    for (const event of events) queue.push(event)
    await wait(10_000)
    expect([...world.stored.keys()].sort()).toEqual(idsOf(events.filter((_, i) => i !== 41)))
    expect(dropped).toEqual([{ ids: [events[41]!.id], reason: 'rejected' }])
    const reports = world.requests.filter((request) => request.dropped)
    expect(reports.at(-1)?.dropped).toEqual({ rejected: 1 })
    queue.push(entry())
    await wait(5000)
    expect(world.requests.at(-1)!.dropped).toBeUndefined()
  })

  it('that a proxy refuses without a word is found out, and smaller ones get through', async () => {
    world.proxyLimit = 20_000
    const events = some(60, 1000)
    const queue = world.openTab()
    for (const event of events) queue.push(event)
    await wait(120_000)
    expect([...world.stored.keys()]).toEqual(idsOf(events))
  })

  it('carries at most 128 KiB and 500 events, oldest first', async () => {
    const events = [...some(700), ...some(40, 10_000)]
    const queue = world.openTab()
    for (const event of events) queue.push(event)
    await wait(10_000)
    expect(world.order).toEqual(idsOf(events))
    for (const { ids } of world.requests) expect(ids.length).toBeLessThanOrEqual(500)
  })

  it('goes alone where one event is larger than a batch should be', async () => {
    const queue = world.openTab()
    queue.push(entry(200_000))
    queue.push(entry())
    await wait(5000)
    expect(world.requests.map(({ ids }) => ids.length)).toEqual([1, 1])
  })
})

describe('a page that leaves', () => {
  it('hands over 48 KiB at most in slices of 16 KiB, oldest first; the rest waits for the next visit', async () => {
    const events = some(40, 4000)
    const queue = world.openTab()
    for (const event of events) queue.push(event)
    queue.leave()
    expect(world.requests).toHaveLength(3)
    expect(world.order).toEqual(idsOf(events.slice(0, 12)))
    await wait(0)
    queue.stop()
    world.openTab().show()
    await wait(5000)
    expect([...world.stored.keys()].sort()).toEqual(idsOf(events))
  })

  it('hands the same events over once, however often it is told to leave; and again after it was seen', async () => {
    world.mood = 'portal'
    const queue = world.openTab()
    queue.push(entry())
    queue.leave()
    queue.leave()
    expect(world.requests.filter(({ beacon }) => beacon)).toHaveLength(1)
    queue.show()
    queue.leave()
    expect(world.requests.filter(({ beacon }) => beacon)).toHaveLength(2)
  })

  it('keeps what the browser refused to take', async () => {
    const beacon = vi.fn(() => false)
    const queue = world.openTab(undefined, { beacon })
    const events = some(40, 4000)
    for (const event of events) queue.push(event)
    queue.leave()
    expect(beacon).toHaveBeenCalledTimes(1)
    await wait(5000)
    expect([...world.stored.keys()]).toEqual(idsOf(events))
  })

  it('leaves what was not committed in a tail of its own, which another tab adopts', async () => {
    world.storage = 'broken'
    world.mood = 'down'
    const [a, b] = [world.openTab(), world.openTab()]
    a.push(entry())
    b.push(entry())
    await wait(0)
    a.leave()
    b.leave()
    expect(world.local.names('tail.')).toHaveLength(2)
    a.stop()
    b.stop()
    world.storage = 'good'
    world.mood = 'good'
    world.openTab().show()
    await wait(5000)
    expect(world.stored.size).toBe(2)
    expect(world.local.names('tail.')).toEqual([])
  })

  it('is survived by its events even where no store works: the next page sends them from memory', async () => {
    world.storage = 'broken'
    world.mood = 'down'
    const first = world.openTab()
    first.push(entry())
    await wait(0)
    first.leave()
    first.stop()
    world.mood = 'good'
    world.openTab().show()
    await wait(5000)
    expect(world.stored.size).toBe(1)
  })

  it('gives the turn to send back at once', async () => {
    const [a, b] = [world.openTab(), world.openTab()]
    const sending = vi.fn(() => new Promise<never>(() => {}))
    const stuck = world.openTab(undefined, { send: sending })
    stuck.push(entry())
    await wait(1100)
    expect(sending).toHaveBeenCalled()
    a.push(entry())
    await wait(10_000)
    expect(world.stored.size).toBe(0)
    stuck.leave()
    await wait(5000)
    expect(await world.store.count()).toBe(0)
    b.stop()
  })
})

describe('many tabs', () => {
  it('send one at a time, and forget what another has delivered', async () => {
    const tabs = Array.from({ length: 5 }, () => world.openTab())
    const events = some(50)
    for (const [i, event] of events.entries()) tabs[i % 5]!.push(event)
    await wait(20_000)
    expect(world.senders.most).toBe(1)
    expect([...world.stored.values()].every((times) => times === 1)).toBe(true)
    for (const tab of tabs) tab.leave()
    expect(world.requests.filter(({ beacon }) => beacon)).toEqual([])
  })
})

describe('reliability 5: a full device', () => {
  it('gives up the oldest events, who somebody is last, and says how many', async () => {
    world.mood = 'down'
    const queue = world.openTab()
    const identity = entry(20_000, true)
    queue.push(identity)
    for (let i = 0; i < 600; i++) queue.push(entry(20_000))
    await wait(5000)
    expect(await world.store.count()).toBe(500)
    expect((await world.store.oldest(1))[0]!.id).toBe(identity.id)
    world.mood = 'good'
    await wait(120_000)
    expect(world.requests[0]!.dropped).toEqual({ store_full: 101 })
    expect(world.stored.size).toBe(500)
  })

  it('keeps events in memory while the browser refuses every byte', async () => {
    world.storage = 'full'
    world.mood = 'down'
    const queue = world.openTab()
    const events = some(10)
    for (const event of events) queue.push(event)
    await wait(5000)
    world.mood = 'good'
    await wait(60_000)
    expect([...world.stored.keys()]).toEqual(idsOf(events))
  })
})

describe('wipe', () => {
  it('leaves nothing on the device, also of what was being saved and sent', async () => {
    const queue = world.openTab()
    queue.push(entry())
    await wait(1005)
    queue.push(entry())
    await queue.wipe()
    await wait(60_000)
    expect(await world.store.count()).toBe(0)
    expect(world.local.names('tail.')).toEqual([])
    expect(world.stored.size).toBeLessThanOrEqual(1)
  })

  it('gives up the request under way, and those of the life after it are none of its business', async () => {
    const signals: AbortSignal[] = []
    const send = vi.fn(async ({ signal }: Delivery): Promise<Reply> => {
      signals.push(signal!)
      return new Promise((resolve) => {
        signal!.onabort = () => resolve({ status: 0 })
        if (signals.length > 1) resolve({ status: 503 })
      })
    })
    const queue = world.openTab(undefined, { send })
    queue.push(entry())
    await wait(1005)
    expect(signals[0]?.aborted).toBe(false)
    await queue.wipe()
    expect(signals[0]?.aborted).toBe(true)
    await wait(5000)
    expect(send).toHaveBeenCalledTimes(1)
    queue.push(entry())
    await wait(1005)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })
})

it('reliability 21: keeps records of a format it does not know, and sends what lies behind them', async () => {
  const unknown = Array.from({ length: 600 }, (_, i) => ({
    id: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
    size: 0,
  }))
  await world.store.add(unknown)
  const queue = world.openTab()
  queue.push(entry())
  await wait(10_000)
  expect(world.stored.size).toBe(1)
  expect(await world.store.count()).toBe(600)
})

/** One thing that happens in a life of several tabs. */
type Step =
  | { do: 'push'; tab: number; count: number; size: number }
  | { do: 'mood'; mood: Mood }
  | { do: 'storage'; storage: World['storage'] }
  | { do: 'leave' | 'show' | 'die'; tab: number }
  | { do: 'wait'; ms: number }

const tab = fc.nat(2)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      tab,
      count: fc.integer({ min: 1, max: 30 }),
      size: fc.constantFrom(100, 2000, 16_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom<Mood>('good', 'down', 'reply-lost', 'portal', 'busy', 'wrong-batch'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('storage' as const),
      storage: fc.constantFrom<World['storage']>('good', 'broken', 'full'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'show' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), tab }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
)

it('loses nothing that it called durable, whatever fails in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      world = createWorld()
      const dropped = new Set<string>()
      const durable = new Set<string>()
      const open = () =>
        world.openTab((stage, detail) => {
          if (stage === 'dropped') for (const id of (detail as { ids: string[] }).ids) dropped.add(id)
        })
      const tabs = [open(), open(), open()]
      for (const now of steps) {
        if (now.do === 'push')
          for (const event of some(now.count, now.size))
            tabs[now.tab]!.push(event).then((saved) => saved.durable && durable.add(event.id))
        else if (now.do === 'mood') world.mood = now.mood
        else if (now.do === 'storage') world.storage = now.storage
        else if (now.do === 'wait') await wait(now.ms)
        else if (now.do === 'die') {
          // A crash: no time to leave; what is durable must survive it.
          tabs[now.tab]!.stop()
          tabs[now.tab] = open()
        } else tabs[now.tab]![now.do]()
      }
      await wait(1)
      world.mood = 'good'
      world.storage = 'good'
      for (const each of tabs) each.show()
      await wait(200_000)
      const missing = [...durable].filter((id) => !world.stored.has(id) && !dropped.has(id))
      expect(missing).toEqual([])
      expect(await world.store.count()).toBe(0)
    }),
    { numRuns: 150 },
  )
})
