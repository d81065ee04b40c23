/** The job that removes what is older than its project keeps. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/** What one call of `nunchi.retain` did. */
export interface Retained {
  /** The months that were dropped whole. */
  dropped: string[]
  /** Rows that were deleted, by table. */
  removed: { [table: string]: number }
  /** Whether another call has something to do. */
  more: boolean
}

/** At 10,000 rows a call, ten million a run; what is left is for the next one. */
const rounds = 1_000

/**
 * Removes it in small bites. Any number of collectors may run it at the same moment: one works, the others have
 * nothing to do. It never throws: a failure is a warning in the log.
 *
 * @returns whether it succeeded; where not, try again later
 */
export async function retain(storage: Storage, log: Log): Promise<boolean> {
  const dropped: string[] = []
  let rows = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const bite = await storage.call<Retained>('retain', {})
      dropped.push(...bite.dropped)
      rows += Object.values(bite.removed).reduce((sum, count) => sum + count, 0)
      if (!bite.more) break
    }
    return true
  } catch (error) {
    log.warn('what is older than its project keeps could not be removed; it is tried again', {
      error: describeError(error),
    })
    return false
  } finally {
    if (dropped.length > 0 || rows > 0)
      log.info('removed what is older than its project keeps', { dropped: dropped.join(' '), rows })
  }
}
