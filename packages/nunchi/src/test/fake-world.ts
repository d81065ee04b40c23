/** A small world for tests: a device whose store and network fail on demand, and a collector that remembers. */
import type { Context } from '@nunchi/protocol'
import { memoryStore } from '../memory-store.ts'
import type { Local } from '../page/local.ts'
import { createQueue, type Queue, type QueueOptions } from '../queue.ts'
import type { Listener } from '../stages.ts'
import type { Entry, Store } from '../store.ts'
import type { Delivery, Reply } from '../transport/transport.ts'

/** What the collector does with a batch: stores and acknowledges, or one of many ways not to. */
export type Mood = 'good' | 'down' | 'reply-lost' | 'portal' | 'busy' | 'wrong-batch' | 'forbidden'

export interface World {
  mood: Mood
  /** Whether the device's store works: `full` throws as a browser does at its quota. */
  storage: 'good' | 'broken' | 'full'
  /** Event ids that a collector refuses a whole batch for. */
  poison: Set<string>
  /** The most bytes that the way to the collector lets through, without saying so. */
  proxyLimit: number
  /** How often each event id was stored. */
  readonly stored: Map<string, number>
  readonly order: string[]
  readonly requests: { ids: string[]; dropped: Record<string, number> | undefined; beacon: boolean }[]
  /** How many rounds run at this moment, and ran at once at most. */
  readonly senders: { now: number; most: number }
  readonly store: Store
  readonly local: Local
  openTab(listener?: Listener, options?: Partial<QueueOptions>): Queue
}

interface Body {
  id: string
  events: { id: string }[]
  dropped?: Record<string, number>
}

const context: Context = { locale: 'ko-KR' }
let ids = 0

/** Makes a valid entry; ids ascend. */
export function entry(size = 100, keep = false): Entry {
  const id = `0193a5b0-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`
  return { id, json: JSON.stringify({ id, pad: 'x'.repeat(Math.max(0, size - 56)) }), size, keep }
}

/** localStorage as a map, shared by all tabs of the world. */
function sharedLocal(): Local {
  const values = new Map<string, string>()
  return {
    get: (name) => JSON.parse(values.get(name) ?? 'null') ?? undefined,
    set: (name, value) => {
      value === undefined ? values.delete(name) : values.set(name, JSON.stringify(value))
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    clear: () => values.clear(),
    persist() {},
  }
}

/** Makes a world in which everything is well. */
export function createWorld(): World {
  const disk = memoryStore()
  const tabs = new Set<Queue>()
  let holder: { release(): void } | undefined
  const failing =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>, writes = false) =>
    async (...args: Args): Promise<Result> => {
      await null
      if (world.storage === 'broken') throw new Error('broken')
      if (world.storage === 'full' && writes)
        throw Object.assign(new Error('full'), { name: 'QuotaExceededError' })
      return work(...args)
    }
  const receive = (text: string, beacon: boolean): Reply => {
    const { id, events, dropped } = JSON.parse(text) as Body
    const { mood } = world
    if (mood === 'down' || text.length > world.proxyLimit) return { status: 0 }
    world.requests.push({ ids: events.map((event) => event.id), dropped, beacon })
    if (mood === 'busy') return { status: 503 }
    if (mood === 'portal') return { status: 200 }
    if (mood === 'forbidden') return { status: 403, body: { code: 'origin_not_allowed' } }
    if (events.some((event) => world.poison.has(event.id)))
      return { status: 400, body: { code: 'batch_malformed' } }
    for (const event of events) {
      if (!world.stored.has(event.id)) world.order.push(event.id)
      world.stored.set(event.id, (world.stored.get(event.id) ?? 0) + 1)
    }
    if (mood === 'reply-lost') return { status: 0 }
    return { status: 202, body: { batch: mood === 'wrong-batch' ? 'another' : id } }
  }

  const world: World = {
    mood: 'good',
    storage: 'good',
    poison: new Set(),
    proxyLimit: Number.POSITIVE_INFINITY,
    stored: new Map(),
    order: [],
    requests: [],
    senders: { now: 0, most: 0 },
    store: {
      add: failing(disk.add, true),
      oldest: failing(disk.oldest),
      remove: failing(disk.remove),
      count: failing(disk.count),
      clear: failing(disk.clear),
    },
    local: sharedLocal(),
    openTab(listener = () => {}, options = {}) {
      let mine: { release(): void } | undefined
      let batch = 0
      const tab = `tab${tabs.size}`
      const queue: Queue = createQueue({
        url: 'http://collector/v1/events?key=k',
        tab,
        store: world.store,
        local: world.local,
        turn: {
          async take(work) {
            if (holder) return undefined
            let held = true
            const own = {
              release() {
                held = false
                if (holder === own) holder = undefined
              },
            }
            mine = holder = own
            world.senders.most = Math.max(world.senders.most, ++world.senders.now)
            try {
              return await work(() => held)
            } finally {
              world.senders.now--
              own.release()
            }
          },
          release: () => mine?.release(),
        },
        send: async ({ body }: Delivery) => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return receive(`${body}`, false)
        },
        beacon(_url, body) {
          if (body.length > 65_536) return false
          receive(body, true)
          return true
        },
        context: () => context,
        id: () => `${tab}-${batch++}`,
        now: () => Date.now(),
        emit: listener,
        tell: (gone) => {
          for (const other of tabs) if (other !== queue) other.forget(gone)
        },
        idle: (work) => work(),
        flushInterval: 1000,
        flushAt: 50,
        ...options,
      })
      tabs.add(queue)
      return queue
    },
  }
  return world
}
