/** Checks one event, and writes it again from what was understood: nothing else goes on. */
import { type Event, type EventType, isEventId, type JsonObject, limits, type Page } from '@nunchi/protocol'
import { cut } from './clean.ts'
import { type Refusal, refuse, show } from './refusal.ts'
import { type KeyCount, treeFault } from './tree.ts'

const { maxAgeMs, maxIdLength, maxNameLength, maxTime, maxUrlLength } = limits

const maxSeq = 2_147_483_647

const ids = ['userId', 'anonymousId', 'sessionId', 'groupId', 'previousId'] as const
const trees = ['properties', 'userContext', 'experimentContext', 'personalizationContext'] as const

type Raw = { [field: string]: unknown }

/** Whether a value is an object of JSON: not null, not an array. */
export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value is a time that can be stored, in ms since the epoch; parts of a ms may follow. */
export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= maxTime

const isType = (value: unknown): value is EventType =>
  value === 'track' || value === 'page' || value === 'identify' || value === 'group' || value === 'alias'

function requiredFault({ id, type, name, ts, tab, seq, sdk }: Raw, sentAt: number): Refusal | undefined {
  if (typeof id !== 'string' || !isEventId(id))
    return refuse('event_id_invalid', `.id must be a UUID of version 7 or 8, but is ${show(id)}`)
  if (!isType(type)) return refuse('event_type_unknown', `.type is ${show(type)}, which is no type of event`)
  if (typeof name !== 'string' || name === '' || name.length > maxNameLength)
    return refuse(
      'event_name_invalid',
      `.name must be a text of 1 to ${maxNameLength} characters, but is ${show(name)}`,
    )
  if (!isTime(ts))
    return refuse(
      'event_time_invalid',
      `.ts must be a time in ms since 1970, at most the year 9999, but is ${show(ts)}`,
    )
  if (sentAt - ts > maxAgeMs)
    return refuse(
      'event_too_old',
      `.ts is ${Math.floor((sentAt - ts) / 86_400_000)} days before the batch’s sentAt`,
    )
  if (typeof tab !== 'string' || tab === '' || tab.length > maxIdLength)
    return refuse(
      'event_field_invalid',
      `.tab must be a text of 1 to ${maxIdLength} characters, but is ${show(tab)}`,
    )
  if (typeof seq !== 'number' || !Number.isInteger(seq) || seq < 0 || seq > maxSeq)
    return refuse(
      'event_field_invalid',
      `.seq must be a whole number from 0 to ${maxSeq}, but is ${show(seq)}`,
    )
  if (typeof sdk !== 'string' || sdk === '' || sdk.length > maxIdLength)
    return refuse(
      'event_field_invalid',
      `.sdk must be a text of 1 to ${maxIdLength} characters, but is ${show(sdk)}`,
    )
  return undefined
}

/** Copies the ids; an empty one counts as none. */
function takeIds(raw: Raw, event: Event): Refusal | undefined {
  for (const field of ids) {
    const value = raw[field]
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string' || value.length > maxIdLength)
      return refuse(
        'event_field_invalid',
        `.${field} must be a text of at most ${maxIdLength} characters, but is ${show(value)}`,
      )
    event[field] = value
  }
  return event.anonymousId === undefined && event.userId === undefined
    ? refuse('event_no_visitor', ' has neither anonymousId nor userId')
    : undefined
}

function takePage(raw: unknown, event: Event): Refusal | undefined {
  if (raw === undefined || raw === null) return undefined
  if (!isObject(raw)) return refuse('event_field_invalid', `.page must be an object, but is ${show(raw)}`)
  const { url, referrer, title } = raw
  if (typeof url !== 'string' || url === '')
    return refuse('event_field_invalid', `.page.url must be a text, but is ${show(url)}`)
  const page: Page = { url: cut(url, maxUrlLength) }
  // Only shown, never counted by: what is no text is left out rather than losing the event.
  if (typeof referrer === 'string') page.referrer = cut(referrer, maxUrlLength)
  if (typeof title === 'string') page.title = cut(title, maxUrlLength)
  event.page = page
  return undefined
}

function takeTrees(raw: Raw, event: Event): Refusal | undefined {
  const count: KeyCount = { keys: 0 }
  for (const field of trees) {
    const value = raw[field]
    if (value === undefined || value === null) continue
    if (!isObject(value))
      return refuse('event_field_invalid', `.${field} must be an object, but is ${show(value)}`)
    const fault = treeFault(value, count)
    if (fault === 'event_too_deep') return refuse(fault, `.${field} nests more than 16 deep`)
    if (fault) return refuse(fault, ' holds more than 1,000 keys and array items')
    event[field] = value as JsonObject
  }
  return undefined
}

/**
 * Checks an event of a parsed batch. Unknown fields are left out, so that a sender cannot set what is not its
 * own (project, role, time of arrival). Never throws.
 *
 * @param raw a value of `JSON.parse`, with clean texts, at most `maxBodyDepth` deep
 * @param sentAt the batch's, in ms
 */
export function checkEvent(raw: unknown, sentAt: number): Event | Refusal {
  if (!isObject(raw)) return refuse('event_malformed', ` must be an object, but is ${show(raw)}`)
  const fault = requiredFault(raw, sentAt)
  if (fault) return fault
  const { id, type, name, ts, tab, seq, sdk } = raw as unknown as Event
  const event: Event = { id: id.toLowerCase(), type, name, ts: Math.trunc(ts), tab, seq, sdk }
  return takeIds(raw, event) ?? takePage(raw['page'], event) ?? takeTrees(raw, event) ?? event
}
