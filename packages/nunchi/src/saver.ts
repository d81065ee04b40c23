/** The saver: this tab's unacknowledged events, in memory at once and in the store as soon as it takes them. */
import { type DropReason, maxStoreBytes, maxStoreEvents } from '@nunchi/protocol'
import type { Emit } from './stages.ts'
import type { Entry, Store } from './store.ts'
import type { Tail } from './tail.ts'
import { trim } from './trim.ts'

/** What `track()` and its kin resolve to. */
export interface Saved {
  /** Whether the event is in the store; false where there is none: then memory alone keeps it. */
  durable: boolean
}

/** An event that the collector has not acknowledged. */
export interface Waiting extends Entry {
  /** The store has committed it. */
  saved?: boolean
  /** The store refused it: memory alone has it. */
  lost?: boolean
  /** A beacon took it since the page was last seen. */
  left?: boolean
}

/** Saves events for one queue. */
export interface Saver {
  /** By id, oldest first. */
  waiting: Map<string, Waiting>
  push(entry: Entry): Promise<Saved>
  /** The latest save; earlier ones are done when it is. */
  last(): Promise<Saved> | undefined
  /** What only memory has, because the store refused it. */
  lost(): Waiting[]
  forget(ids: string[]): void
  /** Before a round: adopts tails, saves what was refused earlier, and keeps the store within its limits. */
  tidy(): Promise<void>
  /** Aborts when all is wiped, and is another one then: what began before must not bring anything back. */
  life(): AbortSignal
  wipe(): Promise<void>
}

/** So many saved events stay in memory too, to be handed over when the page leaves. */
const mirrored = 500

/** The ids of entries. */
export const idsOf = (entries: Entry[]): string[] => entries.map(({ id }) => id)

/**
 * Makes the saver of one queue.
 *
 * @param memory whether memory alone may hold events, for now
 */
export function createSaver(
  store: Store,
  tail: Tail,
  emit: Emit,
  drop: (reason: DropReason, ids: string[]) => void,
  memory?: () => boolean,
): Saver {
  const waiting = new Map<string, Waiting>()
  let unsaved: Waiting[] = []
  let saving: Promise<Saved> | undefined
  let last: Promise<Saved> | undefined
  let trimming: Promise<void> | undefined
  let life = new AbortController()
  /** Bytes that this tab has stored since the store was last recounted. */
  let grown = maxStoreBytes

  const forget: Saver['forget'] = (ids) => {
    for (const id of ids) waiting.delete(id)
  }
  const giveUp = (ids: string[]) => {
    forget(ids)
    if (ids.length) drop('store_full', ids)
  }
  const lost = () => [...waiting.values()].filter((entry) => entry.lost)

  /** Recounts and trims the store, once at a time: two at once would count the same events twice. */
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
    if (memory?.()) return false
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
    const { signal } = life
    const durable = await commit(batch)
    if (signal.aborted) return { durable: false }
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

  return {
    waiting,
    push(entry) {
      waiting.set(entry.id, entry)
      unsaved.push(entry)
      // One transaction for all that the current task tracks.
      saving ??= Promise.resolve().then(() => {
        const batch = unsaved
        unsaved = []
        saving = undefined
        // Wiped meanwhile: not even an empty store may come back.
        return batch.length ? save(batch) : { durable: false }
      })
      last = saving
      return saving
    },
    last: () => last,
    lost,
    forget,
    async tidy() {
      await tail.adopt(store, (entries) => {
        for (const entry of entries) waiting.set(entry.id, { ...entry, lost: true })
      })
      const orphans = lost()
      if (orphans.length) await save(orphans)
      if (grown > maxStoreBytes / 10) {
        grown = 0
        await makeRoom(0).catch(() => {})
      }
    },
    life: () => life.signal,
    async wipe() {
      life.abort()
      life = new AbortController()
      waiting.clear()
      unsaved = []
      tail.clear()
      // Now, not after what is being saved: that began before, and what comes after must stay.
      await store.clear().catch(() => {})
    },
  }
}
