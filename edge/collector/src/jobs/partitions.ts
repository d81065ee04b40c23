/** The job that keeps months of the events table ahead of the events. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/**
 * Makes the months that are missing, until three ahead. Any number of collectors may run it at the same
 * moment, and as often as they like. It never throws: a failure is a warning in the log.
 *
 * @returns whether it succeeded; where not, try again later
 */
export async function makePartitions(storage: Storage, log: Log): Promise<boolean> {
  try {
    const { created, moved } = await storage.call<{ created: string[]; moved: number }>('make_partitions', {})
    if (created.length > 0) log.info('made partitions', { created: created.join(' '), moved })
    return true
  } catch (error) {
    log.warn('the coming months of the events table could not be made; it is tried again', {
      error: describeError(error),
    })
    return false
  }
}
