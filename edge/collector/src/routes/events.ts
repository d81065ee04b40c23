/** `POST /v1/events`: takes a batch, and acknowledges it after its commit. */
import type { Ack, Rejection } from '@nunchi/protocol'
import type { Enrich } from '../enrich.ts'
import type { RequestContext, Use } from '../env.ts'
import { intake } from '../intake.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { type ParsedBatch, parseBatch } from '../parse/batch.ts'
import { docsOf, Problem } from '../problem.ts'
import type { CheckedBatch, Outcome } from '../sink/sink.ts'

/** How events are taken. */
export interface EventsOptions {
  /**
   * The path; another one where blockers know this one.
   * @default '/v1/events'
   */
  path?: string
}

function checked(c: RequestContext, parsed: ParsedBatch, enrich: Enrich): CheckedBatch {
  const { id, sentAt, events, positions, rejects, dropped } = parsed
  const [keyHash, receivedAt] = [c.get('keyHash'), c.get('receivedAt')]
  const page = c.get('key').kind === 'pub'
  const context = page ? enrich.page(parsed.context, c) : enrich.server(parsed.context)
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

/** Adds the route. Takes public keys, and server keys with the scope `events:write`. */
export function events({ path = '/v1/events' }: EventsOptions = {}): Use {
  return (app, services) => {
    const { docs, now } = services.options
    const { enrich, write, tally } = intake(services)

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
        const [outcome] = await write(c.get('storage'), [checked(c, parsed, enrich)])
        const ack = ackOf(parsed, outcome as Outcome, now(), docs)
        tally({ ...ack, dropped: parsed.dropped })
        return c.req.query('ack') === 'none' ? c.body(null, 204) : c.json(ack, 202)
      },
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'POST, OPTIONS' } })
    })
  }
}
