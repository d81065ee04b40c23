/** Reads a batch out of a body: the good events to store, the others to report, each told apart. */
import {
  type Batch,
  type Context,
  type DropReason,
  type Event,
  type Json,
  limits,
  type Rejection,
} from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import { readContext } from './context.ts'
import { checkEvent, isObject, isTime } from './event.ts'
import { excerpt } from './excerpt.ts'
import { parseJson } from './json.ts'
import { type Refusal, rejectionOf, show } from './refusal.ts'
import { sizeFault } from './size.ts'

const { maxBatchEvents, maxEventBytes } = limits
const maxRejectLength = 2_000

/** A batch after the checks. */
export interface ParsedBatch {
  id: string
  sentAt: number
  context: Context
  /** The good ones. */
  events: Event[]
  /** Each good event's position in the batch as sent. */
  positions: number[]
  /** The others, with their raw JSON cut to 2,000 characters. */
  rejects: { rejection: Rejection; event: string }[]
  dropped: { [reason in DropReason]?: number }
}

const dropReasons: readonly DropReason[] = [
  'event_too_large',
  'event_unserializable',
  'store_full',
  'too_old',
  'rejected',
  'consent',
  'sampled',
]

function readDropped(raw: unknown): ParsedBatch['dropped'] {
  const dropped: ParsedBatch['dropped'] = {}
  if (!isObject(raw)) return dropped
  for (const reason of dropReasons) {
    const count = raw[reason]
    if (typeof count === 'number' && Number.isInteger(count) && count > 0 && count <= 1_000_000_000)
      dropped[reason] = count
  }
  return dropped
}

function readEnvelope(raw: Json): Batch {
  const malformed = (detail: string) => new Problem('batch_malformed', { detail })
  if (!isObject(raw)) throw malformed(`The body must be an object, but is ${show(raw)}.`)
  const { id, sentAt, events } = raw
  if (typeof id !== 'string' || !/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(id))
    throw malformed(`The batch’s id must be a UUID, but is ${show(id)}.`)
  if (!isTime(sentAt))
    throw malformed(`The batch’s sentAt must be a time in ms since 1970, but is ${show(sentAt)}.`)
  if (!Array.isArray(events)) throw malformed(`The batch’s events must be an array, but is ${show(events)}.`)
  if (events.length > maxBatchEvents)
    throw new Problem('batch_too_many_events', {
      detail: `The batch holds ${events.length} events, more than ${maxBatchEvents}.`,
    })
  return raw as unknown as Batch
}

/** Checks one event; its size last, because that costs its whole text, and a huge one fails before. */
function check(raw: unknown, sentAt: number, mayBeLarge: boolean): Event | Refusal {
  const checked = checkEvent(raw, sentAt)
  return 'code' in checked || !mayBeLarge ? checked : (sizeFault(raw) ?? checked)
}

/**
 * Parses a body. Each event is checked alone: the good ones beside a bad one are always kept.
 *
 * @param body well-formed text
 * @param bytes the body's size in UTF-8
 * @param docs the page that explains the codes
 * @throws a `Problem` where the body is no batch at all
 */
export function parseBatch(body: string, bytes: number, docs?: string): ParsedBatch {
  const { id, sentAt: sent, context, events, dropped } = readEnvelope(parseJson(body))
  const sentAt = Math.trunc(sent)
  const batch: ParsedBatch = {
    id,
    sentAt,
    context: readContext(context),
    events: [],
    positions: [],
    rejects: [],
    dropped: readDropped(dropped),
  }
  events.forEach((raw: unknown, i) => {
    const checked = check(raw, sentAt, bytes > maxEventBytes)
    if ('code' in checked) {
      const rejection = rejectionOf(checked, i, isObject(raw) ? raw['id'] : undefined, docs)
      batch.rejects.push({ rejection, event: excerpt(raw, maxRejectLength) })
    } else {
      batch.events.push(checked)
      batch.positions.push(i)
    }
  })
  return batch
}
