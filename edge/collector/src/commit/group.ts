/** Group commit: batches that arrive together share one transaction. */
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import type { CheckedBatch, Outcome } from '../sink/sink.ts'
import type { WriteEach, Written } from './ingest.ts'

/** How groups are made. */
export interface GroupOptions {
  /** How long a batch waits for others, in ms. */
  windowMs: number
  /** A group is full at this many events. @default 1_000 */
  maxEvents?: number
  /** Groups being written at one time. @default 4 */
  maxWriting?: number
  /** Events waiting; beyond them new batches get a 503. @default 20_000 */
  maxWaiting?: number
  /** Whether a key's batches are written alone for now. */
  isAlone?(keyHash: string): boolean
}

/** Takes one batch; resolves after its commit. */
export interface Grouping {
  write(batch: CheckedBatch): Promise<Outcome>
  /** Writes what waits, and waits for what is being written. */
  close(): Promise<void>
}

interface Waiting {
  batch: CheckedBatch
  settle(written: Written): void
}

/** Wraps `write` so that batches of at most `windowMs` share one call, each answered after the commit. */
export function grouping(write: WriteEach, options: GroupOptions): Grouping {
  const { windowMs, maxEvents = 1_000, maxWriting = 4, maxWaiting = 20_000, isAlone = () => false } = options
  const queue: Waiting[] = []
  const writing = new Set<Promise<void>>()
  let waitingEvents = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  /** The next group: as many batches as fit, from the front; one alone where its key is to be alone. */
  function nextGroup(): Waiting[] {
    const group: Waiting[] = []
    let events = 0
    for (let first = queue[0]; first; first = queue[0]) {
      const alone = isAlone(first.batch.keyHash)
      if (group.length > 0 && (alone || events + first.batch.events.length > maxEvents)) break
      queue.shift()
      group.push(first)
      events += first.batch.events.length
      if (alone) break
    }
    waitingEvents -= events
    return group
  }

  async function run(group: Waiting[]): Promise<void> {
    const failed = (error: unknown): Written[] => group.map(() => unavailable(error))
    const results = await write(group.map((one) => one.batch)).catch(failed)
    for (const [i, one] of group.entries()) one.settle(results[i] ?? unavailable(undefined))
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    while (queue.length > 0 && writing.size < maxWriting) {
      const group = run(nextGroup()).finally(() => {
        writing.delete(group)
        // Those that came meanwhile have waited; unless a new window is open, they go now.
        if (timer === undefined) flush()
      })
      writing.add(group)
    }
  }

  return {
    write(batch) {
      if (closed || (waitingEvents > 0 && waitingEvents + batch.events.length > maxWaiting))
        return Promise.reject(
          new Problem('storage_unavailable', {
            detail: closed
              ? 'This collector is shutting down.'
              : 'The database does not keep up; the queue is full.',
            retryAfter: 1,
          }),
        )
      return new Promise((resolve, reject) => {
        queue.push({
          batch,
          settle: (written) => (written instanceof Problem ? reject(written) : resolve(written)),
        })
        waitingEvents += batch.events.length
        if (waitingEvents >= maxEvents) flush()
        else if (writing.size < maxWriting) timer ??= setTimeout(flush, windowMs)
      })
    },
    async close() {
      closed = true
      while (queue.length > 0 || writing.size > 0) {
        flush()
        await Promise.all(writing)
      }
    },
  }
}
