/** The job that takes away what processing needs no more: queue rows that are done, figures by minute that are old. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/** Rows that `nunchi.prune` took away. */
export interface Pruned {
  queue: number
  minutes: number
}

/** So many rows of one table a call, as `nunchi.prune` has it. */
const most = 50_000
const rounds = 100

/**
 * Prunes in small bites until little is left. It never throws: a failure is a warning in the log.
 *
 * @returns whether it succeeded; where not, try again later
 */
export async function prune(storage: Storage, log: Log): Promise<boolean> {
  const gone: Pruned = { queue: 0, minutes: 0 }
  try {
    for (let round = 0; round < rounds; round++) {
      const bite = await storage.call<Pruned>('prune', {})
      gone.queue += bite.queue
      gone.minutes += bite.minutes
      if (!(bite.queue >= most || bite.minutes >= most)) break
    }
    if (gone.queue + gone.minutes > 0) log.info('took away what is done and old', { ...gone })
    return true
  } catch (error) {
    log.warn('what is done and old could not be taken away; it is tried again', {
      error: describeError(error),
    })
    return false
  }
}
