/** Why one event is refused, and what its sender can do about it. */
import type { EventProblemCode, Rejection } from '@nunchi/protocol'
import { docsOf } from '../problem.ts'
import { cut } from './clean.ts'

/** A fault of an event, told without its place in the batch. */
export interface Refusal {
  code: EventProblemCode
  /** What stands after `events[3]` in the sentence, such as `.name is empty`. */
  fault: string
}

const fixes: Record<EventProblemCode, string> = {
  event_malformed: 'Send each event as an object with id, type, name, ts, tab, seq and sdk.',
  event_id_invalid:
    'Make the id with uuidv7() from @nunchi/protocol when the event happens, and keep it on every attempt.',
  event_type_unknown: 'Use one of track, identify, page, group and alias.',
  event_name_invalid: 'Give the event a name of 1 to 200 characters; put what varies into properties.',
  event_time_invalid: 'Send ts as a whole number of milliseconds since 1970, such as Date.now() gives.',
  event_too_old: 'Events are taken for 30 days; bring older ones in with `nunchi import`.',
  event_too_large: 'Keep an event under 32,768 bytes of JSON: send less in properties, or several events.',
  event_too_deep: 'Flatten properties and contexts to at most 16 levels.',
  event_too_many_keys: 'Send at most 1,000 keys and array items in one event.',
  event_no_visitor: 'Send anonymousId, userId, or both.',
  event_field_invalid: 'Send the field as docs/reference/events.md describes it, or leave it out.',
  event_partition_full: 'Check the sender’s clock: the id’s time is far from now.',
  event_unstorable: 'Report it with the event’s JSON; it is kept among the rejected events.',
  person_erased:
    'Call reset() so that the device starts anew, or let the id return with `nunchi erase --lift`.',
}

/** Makes a refusal. */
export const refuse = (code: EventProblemCode, fault: string): Refusal => ({ code, fault })

/** A value as it reads in a sentence: its JSON, at most 60 characters. */
export function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (value === undefined) return 'missing'
  // Only the beginning shows, however long it is.
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, 64) : value)
  return json.length > 60 ? `${cut(json, 60)}…` : json
}

/** The rejection as the sender and the table of rejects get it. */
export function rejectionOf({ code, fault }: Refusal, index: number, id: unknown, docs?: string): Rejection {
  const rejection: Rejection = {
    index,
    code,
    detail: `events[${index}]${fault}.`,
    fix: fixes[code],
    docs: docsOf(code, docs),
  }
  if (typeof id === 'string' && id !== '') rejection.id = cut(id, 64)
  return rejection
}
