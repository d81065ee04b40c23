/** The job that processes the queue: writes what the stored events come to, until nothing is left to do. */
import { describeError, type Log } from '../log.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'

/** What a run did. */
export interface Processed {
  /** Rows of the queue, and events in them, whose effects are committed. */
  rows: number
  events: number
  /** Claims that were rolled back because of an event that cannot be processed. */
  failed: number
  /** Events that were given up; they wait for `nunchi queue replay`. */
  dead: number
  /** Whether nothing was left to do. `false` where the time was up, or the database failed. */
  done: boolean
}

/** How long to go on, and whom to tell. */
export interface ProcessOptions {
  /**
   * No new claim is made after so many ms.
   * @default Infinity
   */
  budgetMs?: number
  /**
   * The longest time that one call may take, in ms.
   * @default 20_000
   */
  timeoutMs?: number
  /** Asked before each claim: `true` ends the run. */
  stopped?: () => boolean
  /** Told for each row how many ms passed from its commit to that of its effects. */
  observe?: (waitMs: number) => void
  /** @default Date.now */
  now?: () => number
}

/** What `nunchi.process` answers. */
interface Claim {
  rows: number
  events: number
  failed: number
  dead: number
  more: boolean
  next: number
  waits: number[]
}

/**
 * Runs until the queue has nothing to do. Any number of processes may run it at the same moment: each row is
 * claimed by one, and its effects and its end are one commit. It never throws: a failure is a warning in the log.
 *
 * @returns what it did; `done` is false where it should be called again later
 */
export async function processQueue(
  storage: Storage,
  log: Log,
  options: ProcessOptions = {},
): Promise<Processed> {
  const { budgetMs = Number.POSITIVE_INFINITY, timeoutMs = 20_000, now = Date.now } = options
  const total: Processed = { rows: 0, events: 0, failed: 0, dead: 0, done: false }
  const end = now() + budgetMs
  let rows = 500
  try {
    while (!options.stopped?.()) {
      const claim = await retry(() => storage.call<Claim>('process', { rows }), { timeoutMs })
      total.rows += claim.rows
      total.events += claim.events
      total.failed += claim.failed
      total.dead += claim.dead
      for (const wait of claim.waits) options.observe?.(wait)
      if (claim.dead > 0) log.warn('an event was given up: nunchi queue list says why', { dead: claim.dead })
      rows = claim.next
      total.done = !claim.more
      if (total.done || now() >= end) break
    }
  } catch (error) {
    total.done = false
    log.warn('the queue could not be processed; it is tried again', { error: describeError(error) })
  }
  return total
}
