/** The default sink: writes batches straight to the database, grouped, retried, and isolated where one is at fault. */
import { boundedMap } from '../bounded-map.ts'
import { grouping } from '../commit/group.ts'
import { ingest, type Write } from '../commit/ingest.ts'
import { isolating } from '../commit/isolate.ts'
import { describeError, type Log } from '../log.ts'
import { Problem } from '../problem.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'
import type { CheckedBatch, Outcome, Sink } from './sink.ts'

/** How to write, and whom to tell. */
export interface DirectOptions {
  /** How long a batch waits for others to share its commit, in ms; 0 for none. */
  groupCommitMs: number
  /** The longest time that one call may take, in ms. */
  timeoutMs: number
  /** The longest pause before the second attempt, in ms. @default 100 */
  pauseMs?: number
  now: () => number
  log: Log
  /** Told after each call that committed: how many batches it carried, and how long it took. */
  onCommit?(batches: number, seconds: number): void
}

const quarantineMs = 60_000

/** Makes the sink over `storage`. */
export function direct(storage: Storage, options: DirectOptions): Sink {
  const { groupCommitMs, timeoutMs, pauseMs = 100, now, log, onCommit } = options
  const alone = boundedMap<string, number>(10_000)
  const plain = ingest(storage)

  const patient: Write = async (batches) => {
    const started = now()
    const written = await retry(() => plain(batches), { timeoutMs, pauseMs })
    onCommit?.(batches.length, (now() - started) / 1000)
    return written
  }

  const each = isolating(patient, {
    onPoison: (keyHash) => alone.set(keyHash, now() + quarantineMs),
    onUnrecorded: (error) =>
      log.error('refused events could not be recorded', { error: describeError(error) }),
  })

  if (groupCommitMs > 0) {
    const group = grouping(each, {
      windowMs: groupCommitMs,
      isAlone: (keyHash) => (alone.get(keyHash) ?? 0) > now(),
    })
    return { ...group, writeAll: (batches) => Promise.all(batches.map(group.write)) }
  }

  async function writeAll(batches: CheckedBatch[]): Promise<Outcome[]> {
    const written = await each(batches)
    return batches.map((_, i) => {
      const one = written[i]
      if (!one || one instanceof Problem) throw one ?? new Problem('storage_unavailable')
      return one
    })
  }
  return {
    writeAll,
    async write(batch) {
      return (await writeAll([batch]))[0] as Outcome
    },
    async close() {},
  }
}
