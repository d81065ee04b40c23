/** The job that keeps the sums of results whole, so that a question about an experiment adds up little. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/** How long to go on. */
export interface PrepareOptions {
  /**
   * No new call is made after so many ms.
   * @default Infinity
   */
  budgetMs?: number
  /** Asked before each call: `true` ends the run. */
  stopped?: () => boolean
  /** @default Date.now */
  now?: () => number
}

/**
 * Takes in what changed, and builds what is new, in calls of a second. Any number of collectors may run it at the same
 * moment. It never throws: a failure is a warning in the log, and results are read from raw events meanwhile.
 *
 * @returns whether it succeeded; what is left is for the next run
 */
export async function prepareResults(
  storage: Storage,
  log: Log,
  { budgetMs = Number.POSITIVE_INFINITY, stopped = () => false, now = Date.now }: PrepareOptions = {},
): Promise<boolean> {
  const until = now() + budgetMs
  try {
    for (let more = true; more && !stopped() && now() < until; )
      more = (await storage.call<{ more: boolean }>('prepare_results', {})).more
    return true
  } catch (error) {
    log.warn('the sums of results could not be brought up to date; it is tried again', {
      error: describeError(error),
    })
    return false
  }
}
