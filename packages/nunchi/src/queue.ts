/** The queue: from the synchronous call to memory, to the store, to the collector, to the ack. */
import { type DropReason, maxBatchEvents, maxStoreBytes, maxStoreEvents } from '@nunchi/protocol'
import { createCourier, type DeliverOptions } from './deliver.ts'
import { countDrops } from './drops.ts'
import { envelope } from './envelope.ts'
import { handOver, leaveBytes } from './leave.ts'
import type { Turn } from './page/tabs.ts'
import type { Entry, Store } from './store.ts'
import { openTail } from './tail.ts'
import { trim } from './trim.ts'

/** What `track()` and its kin resolve to. */
export interface Saved {
  /** Whether the event is in the store; false where there is none: then memory alone keeps it. */
  durable: boolean
}

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
  turn: Turn
  /** Hands a body to the browser for delivery after the page; false where it was not taken. */
  beacon(url: string, body: string): boolean
  /** Tells the other tabs which events they may forget. */
  tell(ids: string[]): void
  /** Runs work when the page has time for it. */
  idle(work: () => void): void
  /** How long an event waits for company, in ms. */
  interval: number
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

interface Waiting extends Entry {
  /** The store has committed it. */
  saved?: boolean
  /** The store refused it: memory alone has it. */
  lost?: boolean
  /** A beacon took it since the page was last seen. */
  left?: boolean
}

/** How much one request carries, in bytes of JSON. */
const batchBytes = 131_072
/** So many saved events stay in memory too, to be handed over when the page leaves. */
const mirrored = 500

const idsOf = (entries: Entry[]): string[] => entries.map(({ id }) => id)

/** Makes a queue; one lives as long as the page. */
export function createQueue(options: QueueOptions): Queue {
  const { url, store, local, turn, emit, id: newId, now } = options
  /** This tab's unacknowledged events, oldest first. */
  const waiting = new Map<string, Waiting>()
  const tail = openTail(local, options.tab)
  let unsaved: Waiting[] = []
  let saving: Promise<Saved> | undefined
  let lastSave: Promise<Saved> | undefined
  let draining: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = 0
  /** Changes when all is wiped: what began before must not bring anything back. */
  let life = 0
  let stopped = false
  let budget = leaveBytes
  /** Bytes that this tab has stored since the store was last recounted. */
  let grown = Number.POSITIVE_INFINITY

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

  const drop: Queue['drop'] = (reason, ids) => {
    countDrops(local, reason, ids.length)
    emit('dropped', { ids, reason })
  }

  const forget: Queue['forget'] = (ids) => {
    for (const id of ids) waiting.delete(id)
  }

  const giveUp = (ids: string[]) => {
    forget(ids)
    if (ids.length) drop('store_full', ids)
  }

  const lost = () => [...waiting.values()].filter((entry) => entry.lost)

  /** Recounts and trims the store, once at a time: two at once would count the same events twice. */
  let trimming: Promise<void> | undefined
  const makeRoom = (bytes: number) => {
    trimming ??= trim(store, bytes)
      .then(giveUp)
      .finally(() => {
        trimming = undefined
      })
    return trimming
  }

  /** Writes to the store; where its quota is full, once more after making room. */
  const commit = async (batch: Waiting[]): Promise<boolean> => {
    const bytes = batch.reduce((sum, { size }) => sum + size, 0)
    for (const room of [0, bytes * 2])
      try {
        if (room) await makeRoom(room)
        await store.add(batch)
        grown += bytes
        return true
      } catch (error) {
        if ((error as Error | undefined)?.name !== 'QuotaExceededError') break
      }
    return false
  }

  const save = async (batch: Waiting[]): Promise<Saved> => {
    const started = life
    const durable = await commit(batch)
    if (started !== life) return { durable: false }
    for (const entry of batch) {
      entry.saved = durable
      entry.lost = !durable
      if (durable && waiting.size > mirrored) waiting.delete(entry.id)
    }
    if (durable) {
      tail.clear()
      emit('stored', { ids: idsOf(batch) })
    } else giveUp(idsOf(lost().slice(0, -maxStoreEvents)))
    return { durable }
  }

  /** One transaction for all that the current task tracks. */
  const saveSoon = () => {
    saving ??= Promise.resolve().then(() => {
      const batch = unsaved
      unsaved = []
      saving = undefined
      return save(batch)
    })
    lastSave = saving
    return saving
  }

  const courier = createCourier(options, {
    drop,
    async remove(ids) {
      forget(ids)
      options.tell(ids)
      return store.remove(ids).then(
        () => true,
        // Events that never were in the store need no removal.
        () => !lastSave || lastSave.then(({ durable }) => !durable),
      )
    },
  })

  /** The oldest events that fit one batch, from the store and from what it refused. */
  const next = async (after?: string): Promise<[fits: Waiting[], last: string | undefined]> => {
    const stored: Waiting[] = await store.oldest(maxBatchEvents, after).catch(() => [])
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
    const started = life
    const current = () => mine() && started === life
    await tail.adopt(store, (entries) => {
      for (const entry of entries) waiting.set(entry.id, { ...entry, lost: true })
    })
    const orphans = lost()
    if (orphans.length) await save(orphans)
    if (grown > maxStoreBytes / 10) {
      grown = 0
      await makeRoom(0).catch(() => {})
    }
    let after: string | undefined
    while (current()) {
      const [entries, last] = await next(after)
      if (!current()) break
      if (entries.length) {
        const wait = await courier.deliver(entries, current)
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
        (wait = 1000 + Math.random() * 3000) => {
          if (wait) schedule(wait)
        },
        () => schedule(4000),
      )
      .finally(() => {
        draining = undefined
      })
    return draining
  }

  return {
    push(entry) {
      waiting.set(entry.id, entry)
      unsaved.push(entry)
      schedule(waiting.size < options.flushAt ? options.interval : 0)
      return saveSoon()
    },

    async flush() {
      await lastSave
      await draining
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
        (slice) => {
          const batch = { id: newId(), sentAt: now(), context: options.context() }
          const taken = options.beacon(`${url}&ack=none`, envelope(batch, slice))
          if (taken) {
            for (const entry of slice) entry.left = true
            emit('beacon', { ids: idsOf(slice) })
          }
          return taken
        },
      )
    },

    show() {
      budget = leaveBytes
      for (const entry of waiting.values()) entry.left = false
      schedule(Math.random() * 1000)
    },

    forget,
    drop,

    async wipe() {
      life++
      turn.release()
      waiting.clear()
      unsaved = []
      tail.clear()
      await lastSave
      await store.clear().catch(() => {})
    },

    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
