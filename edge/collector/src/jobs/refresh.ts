/** The job that computes what recommendations are made of, where something changed: neighbors, popularity, preferences. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/** How long to go on. */
export interface RefreshOptions {
  /**
   * No new call is made after so many ms.
   * @default Infinity
   */
  budgetMs?: number
  /**
   * How many items one call computes; a call takes a few ms for each.
   * @default 10
   */
  limit?: number
  /** Asked before each call: `true` ends the run. */
  stopped?: () => boolean
  /** @default Date.now */
  now?: () => number
}

/** What `nunchi.refresh_recommendations` answers. */
interface Refreshed {
  items: number
  actors: number
  more: boolean
}

/**
 * Computes until nothing waits that may be computed now. Any number of processes may run it at the same moment: one
 * works on a catalog. Where no project has items a run is one look at two empty tables. It never throws: a failure is a
 * warning in the log.
 *
 * @returns whether it succeeded; where not, try again later
 */
export async function refreshRecommendations(
  storage: Storage,
  log: Log,
  options: RefreshOptions = {},
): Promise<boolean> {
  const { budgetMs = Number.POSITIVE_INFINITY, limit = 10, now = Date.now } = options
  const end = now() + budgetMs
  const done = { items: 0, actors: 0 }
  try {
    while (!options.stopped?.()) {
      const { items, actors, more } = await storage.call<Refreshed>('refresh_recommendations', { limit })
      done.items += items
      done.actors += actors
      if (!more || now() >= end) break
    }
    if (done.items > 0) log.debug('computed neighbors and popularity anew', done)
    return true
  } catch (error) {
    log.warn('what recommendations are made of could not be computed; it is tried again', {
      error: describeError(error),
    })
    return false
  }
}
