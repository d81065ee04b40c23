/** What every route that takes events shares: one sink, one memory of a failing database, the counts, the enrichment. */
import type { DropReason, Rejection } from '@nunchi/protocol'
import { type Enrich, enriching } from './enrich.ts'
import type { Services } from './env.ts'
import { Problem } from './problem.ts'
import { remembered } from './recommend/remembered.ts'
import { direct } from './sink/direct.ts'
import type { CheckedBatch, Outcome, Sink } from './sink/sink.ts'
import type { Storage } from './storage/storage.ts'

/** What became of some events, as their sender is told. */
export interface Tally {
  accepted: number
  duplicates: number
  rejected: Pick<Rejection, 'code'>[]
  dropped?: { [reason in DropReason]?: number }
}

/** Takes checked batches, whichever route they came by. */
export interface Intake {
  enrich: Enrich
  /**
   * Writes the batches of one request; resolves once all are committed.
   *
   * @throws a `Problem` where any was not; the others may be stored, so that a new attempt finds them as duplicates
   */
  write(storage: Storage, batches: CheckedBatch[]): Promise<Outcome[]>
  /** Counts what was answered. */
  tally(told: Tally): void
}

function counters({ metrics }: Services) {
  return {
    events: metrics.counter('nunchi_events_total', 'Events by what became of them.', 'outcome'),
    rejected: metrics.counter('nunchi_events_rejected_total', 'Rejected events, by code.', 'code'),
    dropped: metrics.counter(
      'nunchi_sdk_dropped_total',
      'Events that SDKs report as dropped, by reason.',
      'reason',
    ),
    group: metrics.histogram('nunchi_commit_batches', 'Batches a commit.', [1, 2, 5, 10, 20, 50, 100, 200]),
    seconds: metrics.histogram(
      'nunchi_ingest_seconds',
      'Seconds a call of ingest.',
      [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    ),
  }
}

/** The sink of a storage: one for the collector's own, a plain one for a storage that lives for one request. */
function sinks(services: Services, count: ReturnType<typeof counters>): (storage: Storage) => Sink {
  const { options, log, storage: own } = services
  const onCommit = (batches: number, seconds: number) => {
    count.group.observe(batches)
    count.seconds.observe(seconds)
    services.committed()
  }
  const make = (storage: Storage, groupCommitMs: number) =>
    direct(storage, { groupCommitMs, timeoutMs: options.storageTimeoutMs, now: options.now, log, onCommit })
  const shared = own && make(own, options.groupCommitMs)
  if (shared) services.onClose(() => shared.close())
  return (storage) => (shared && storage === own ? shared : make(storage, 0))
}

function open(services: Services): Intake {
  const { options, state } = services
  const count = counters(services)
  const sinkOf = sinks(services, count)
  const memory = remembered(services)
  return {
    enrich: enriching(options),
    // Remembers for readiness whether the database could: reading may work where writing does not.
    async write(storage, batches) {
      try {
        const outcomes = await sinkOf(storage).writeAll(batches)
        state.failedAt = undefined
        for (const { events } of batches) memory.saw(events)
        return outcomes
      } catch (error) {
        // Only what the database said: a full queue, or a batch with too many bad events, is no fault of its.
        if (error instanceof Problem && error.cause !== undefined) state.failedAt = options.now()
        throw error
      }
    },
    tally({ accepted, duplicates, rejected, dropped = {} }) {
      if (accepted > 0) count.events.add(accepted, 'accepted')
      if (duplicates > 0) count.events.add(duplicates, 'duplicate')
      if (rejected.length > 0) count.events.add(rejected.length, 'rejected')
      for (const { code } of rejected) count.rejected.add(1, code)
      for (const [reason, amount] of Object.entries(dropped)) count.dropped.add(amount, reason)
    },
  }
}

/** The collector's intake, made by the first route that asks. */
export function intake(services: Services): Intake {
  return services.once(open)
}
