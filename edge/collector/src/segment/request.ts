/** The body of a request to Segment's routes: one message, or a batch of them. */
import type { Json } from '@nunchi/protocol'
import { isObject } from '../parse/event.ts'
import { show } from '../parse/refusal.ts'
import { Problem } from '../problem.ts'

/** A request's messages, not yet read. */
export interface SegmentRequest {
  messages: Json[]
  /** The type that the path names; `undefined` for a batch. */
  call: string | undefined
  /** What holds for all of them: `context`, `sentAt`. */
  shared: { [field: string]: unknown }
}

/** The most messages of one request: what Segment itself takes. */
export const maxMessages = 2_500

/**
 * Tells the messages of a body.
 *
 * @param call the type that the path names; `undefined` where the path takes batches
 * @throws a `Problem` `batch_malformed` or `batch_too_many_events`
 */
export function readRequest(payload: Json, call: string | undefined): SegmentRequest {
  const malformed = (detail: string, fix: string) => new Problem('batch_malformed', { detail, fix })
  if (!isObject(payload))
    throw malformed(
      `The body must be an object, but is ${show(payload)}.`,
      call === undefined ? 'Send { batch: [ … ], sentAt, writeKey }.' : 'Send one message as a JSON object.',
    )
  // A single message's own context and sentAt are its own.
  if (call !== undefined) return { messages: [payload as Json], call, shared: {} }
  const { batch, context, sentAt } = payload
  if (!Array.isArray(batch))
    throw malformed(
      `The body’s batch must be an array of messages, but is ${show(batch)}.`,
      'Send { batch: [ … ], sentAt, writeKey }.',
    )
  if (batch.length > maxMessages)
    throw new Problem('batch_too_many_events', {
      detail: `The batch holds ${batch.length} messages, more than ${maxMessages}.`,
      fix: `Split it into batches of at most ${maxMessages} messages.`,
    })
  return { messages: batch as Json[], call, shared: { context, sentAt } }
}
