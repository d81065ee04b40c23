/** `POST /v1/events`: takes a batch, and acknowledges it after its commit. */
import type { Ack, Rejection } from '@nunchi/protocol'
import { enrich } from '../enrich.ts'
import type { RequestContext, Services, Use } from '../env.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { type ParsedBatch, parseBatch } from '../parse/batch.ts'
import { docsOf, Problem } from '../problem.ts'
import { direct } from '../sink/direct.ts'
import type { CheckedBatch, Outcome, Sink } from '../sink/sink.ts'
import type { Storage } from '../storage/storage.ts'

/** How events are taken. */
export interface EventsOptions {
  /**
   * The path; another one where blockers know this one.
   * @default '/v1/events'
   */
  path?: string
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
  }
  const make = (storage: Storage, groupCommitMs: number) =>
    direct(storage, { groupCommitMs, timeoutMs: options.storageTimeoutMs, now: options.now, log, onCommit })
  const shared = own && make(own, options.groupCommitMs)
  if (shared) services.onClose(() => shared.close())
  return (storage) => (shared && storage === own ? shared : make(storage, 0))
}

function checked(c: RequestContext, parsed: ParsedBatch): CheckedBatch {
  const { id, sentAt, events, positions, rejects, dropped } = parsed
  const [keyHash, receivedAt] = [c.get('keyHash'), c.get('receivedAt')]
  const context = enrich(parsed.context, c.req.header('user-agent'), c.get('key').kind === 'pub')
  const batch = { id: id.toLowerCase(), keyHash, receivedAt, sentAt, context, events, rejects, dropped }
  return rejects.length > 0 ? { ...batch, positions } : batch
}

function ackOf({ id, positions, rejects }: ParsedBatch, outcome: Outcome, now: number, docs: string): Ack {
  const late = outcome.rejected.map((one): Rejection => {
    const index = positions[one.index] ?? one.index
    const detail = one.detail.replace(`events[${one.index}]`, `events[${index}]`)
    return { ...one, index, detail, docs: docsOf(one.code, docs) }
  })
  const rejected = [...rejects.map((one) => one.rejection), ...late].sort((a, b) => a.index - b.index)
  return { batch: id, accepted: outcome.accepted, duplicates: outcome.duplicates, rejected, now }
}

function tally(count: ReturnType<typeof counters>, ack: Ack, dropped: CheckedBatch['dropped']): void {
  if (ack.accepted > 0) count.events.add(ack.accepted, 'accepted')
  if (ack.duplicates > 0) count.events.add(ack.duplicates, 'duplicate')
  if (ack.rejected.length > 0) count.events.add(ack.rejected.length, 'rejected')
  for (const { code } of ack.rejected) count.rejected.add(1, code)
  for (const [reason, amount] of Object.entries(dropped)) count.dropped.add(amount, reason)
}

/** Writes, and remembers for readiness whether the database could. Reading may work where writing does not. */
async function write({ state, options }: Services, sink: Sink, batch: CheckedBatch): Promise<Outcome> {
  try {
    const outcome = await sink.write(batch)
    state.failedAt = undefined
    return outcome
  } catch (error) {
    // Only what the database said: a full queue, or a batch with too many bad events, is no fault of its.
    if (error instanceof Problem && error.cause !== undefined) state.failedAt = options.now()
    throw error
  }
}

/** Adds the route. Takes public keys, and server keys with the scope `events:write`. */
export function events({ path = '/v1/events' }: EventsOptions = {}): Use {
  return (app, services) => {
    const { docs, now } = services.options
    const count = counters(services)
    const sinkOf = sinks(services, count)

    app.use(path, cors())
    app.use(path, limitClients(services))
    app.options(
      path,
      preflight(services, { methods: ['POST'], headers: ['Content-Type', 'Content-Encoding'] }),
    )
    app.post(
      path,
      guard(services, { scope: 'events:write', pub: true }),
      limitKeys(services),
      body(services),
      async (c) => {
        const parsed = parseBatch(c.get('body'), c.get('bodyBytes'), docs)
        const outcome = await write(services, sinkOf(c.get('storage')), checked(c, parsed))
        const ack = ackOf(parsed, outcome, now(), docs)
        tally(count, ack, parsed.dropped)
        return c.req.query('ack') === 'none' ? c.body(null, 204) : c.json(ack, 202)
      },
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'POST, OPTIONS' } })
    })
  }
}
