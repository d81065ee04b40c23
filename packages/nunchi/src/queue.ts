/** The queue: from the synchronous call to memory, to the store, to the collector, to the ack. */
import { type DropReason, maxBatchEvents } from '@nunchi/protocol'
import { createCourier, type DeliverOptions } from './deliver.ts'
import { countDrops } from './drops.ts'
import { envelope } from './envelope.ts'
import { handOver, leaveBytes } from './leave.ts'
import type { Turn } from './page/tabs.ts'
import { createSaver, idsOf, type Saved, type Waiting } from './saver.ts'
import type { Entry, Store } from './store.ts'
import { openTail } from './tail.ts'

/** What is left after a `flush()`. */
export interface Pending {
  /** Events that the collector has not acknowledged yet. */
  pending: number
}

/** What the queue stands on. */
export interface QueueOptions extends DeliverOptions {
  /** Names the tail that this tab may leave behind. */
  tab: string
  store: Store
  /** Whether memory alone may hold events, for now. */
  memory?(): boolean
  turn: Turn
  /** Hands a body to the browser for delivery after the page; false where it was not taken. */
  beacon(url: string, body: string): boolean
  /** Tells the other tabs which events they may forget. */
  tell(ids: string[]): void
  /** Runs work when the page has time for it. */
  idle(work: () => void): void
  /** How long an event waits for company, in ms. */
  flushInterval: number
  /** So many waiting events are sent without more delay. */
  flushAt: number
}

/** The queue's face to the client. */
export interface Queue {
  /** Takes an event; synchronous, and never throws. */
  push(entry: Entry): Promise<Saved>
  /** Saves all, and tries to deliver all, once. */
  flush(): Promise<Pending>
  /** The page may be going: hands over what is not acknowledged, in the same tick. */
  leave(): void
  /** The page is back, or the network is. */
  show(): void
  /** Delivered by another tab: forgets them. */
  forget(ids: string[]): void
  /** Counts events that could not be kept, for the next batch to report. */
  drop(reason: DropReason, ids: string[]): void
  /** Removes every event of this site from the device. */
  wipe(): Promise<void>
  /** Sends nothing more by itself. */
  stop(): void
}

/** How much one request carries, in bytes of JSON. */
const batchBytes = 131_072

/** Makes a queue; one lives as long as the page. */
export function createQueue(options: QueueOptions): Queue {
  const { url, store, local, turn, emit, id: newId, now } = options
  let draining: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = 0
  let stopped = false
  let urgent = false
  let budget = leaveBytes

  const drop: Queue['drop'] = (reason, ids) => {
    countDrops(local, reason, ids.length)
    emit('dropped', { ids, reason })
  }
  const tail = openTail(local, options.tab)
  const saver = createSaver(store, tail, emit, drop, options.memory)
  const { waiting, lost, forget } = saver
  const remove = async (ids: string[]): Promise<boolean> => {
    forget(ids)
    options.tell(ids)
    return store.remove(ids).then(
      () => true,
      // Events that never were in the store need no removal.
      () => saver.last()?.then(({ durable }) => !durable) ?? true,
    )
  }
  const courier = createCourier(options, remove, drop)

  const schedule = (ms: number) => {
    const at = Date.now() + ms
    if (stopped || (timer && due <= at)) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(() => {
      timer = undefined
      options.idle(drain)
    }, ms)
  }

  /** The oldest events that fit one batch, from the store and from what it refused. */
  const next = async (after?: string): Promise<[fits: Entry[], last: string | undefined]> => {
    const stored = await store.oldest(maxBatchEvents, after).catch(() => [])
    const known = new Map([...lost(), ...stored.filter(({ json }) => json)].map((entry) => [entry.id, entry]))
    let bytes = 0
    const fits = [...known.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter(({ size }, i) => {
        bytes += size
        return !i || (i < courier.cap() && bytes <= batchBytes)
      })
    return [fits, stored[stored.length - 1]?.id]
  }

  /** Delivers everything, oldest first; the wait after a failure in ms, 0 where nothing is left. */
  const round = async (mine: () => boolean): Promise<number> => {
    const signal = saver.life()
    await saver.tidy()
    let after: string | undefined
    while (mine()) {
      const [entries, last] = await next(after)
      if (!mine()) break
      if (entries.length) {
        const wait = await courier.deliver(entries, { mine, signal, urgent })
        if (wait) return wait
      } else if (last && last !== after)
        after = last // Records of a format we do not know: kept for the version that wrote them.
      else return 0
    }
    return 4000
  }

  const drain = () => {
    draining ??= turn
      .take(round)
      .then(
        // Another tab has the turn: should it die, its events wait for this one.
        (wait = 500 + Math.random() * 2000) => {
          if (wait) schedule(wait)
        },
        () => schedule(4000),
      )
      .finally(() => {
        draining = undefined
        urgent = false
      })
    return draining
  }

  const handToBrowser = (slice: Waiting[]): boolean => {
    const batch = { id: newId(), sentAt: now(), context: options.context() }
    const taken = options.beacon(`${url}&ack=none`, envelope(batch, slice))
    if (taken) {
      for (const entry of slice) entry.left = true
      emit('beacon', { ids: idsOf(slice) })
    }
    return taken
  }

  return {
    push(entry) {
      const saved = saver.push(entry)
      schedule(waiting.size < options.flushAt ? options.flushInterval : 0)
      return saved
    },

    async flush() {
      await saver.last()
      await draining
      urgent = true
      await drain()
      return { pending: (await store.count().catch(() => 0)) + lost().length }
    },

    leave() {
      turn.release()
      const all = [...waiting.values()]
      tail.write(all.filter(({ saved }) => !saved))
      budget = handOver(
        all.filter(({ left }) => !left),
        budget,
        handToBrowser,
      )
    },

    show() {
      budget = leaveBytes
      for (const entry of waiting.values()) entry.left = false
      schedule(Math.random() * 1000)
    },

    forget,
    drop,

    wipe() {
      turn.release()
      return saver.wipe()
    },

    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
