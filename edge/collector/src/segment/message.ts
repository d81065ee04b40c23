/** One message of Segment's vocabulary, written as an event of ours. */
import { limits } from '@nunchi/protocol'
import { cut } from '../parse/clean.ts'
import { isObject } from '../parse/event.ts'
import { type Refusal, refuse, show } from '../parse/refusal.ts'
import { readTold, type Told } from './context.ts'
import { contextOf, type Shared } from './said-once.ts'
import { readTime } from './time.ts'

const { maxIdLength, maxNameLength, maxUrlLength } = limits

type Raw = { [field: string]: unknown }

/** A message in our terms, not yet checked: only times and types are. */
export interface Read extends Told {
  /** The foreign id; `undefined` where the message has none. */
  messageId: string | undefined
  /** When it happened by the sender's clock, in ms; `undefined` where it does not say. */
  ts: number | undefined
  /** When it was sent by the same clock; `undefined` where nothing says, or where `ts` is right already. */
  sentAt: number | undefined
  /** The fields of an event but for id, ts, tab and seq. */
  event: Raw
}

/** A call's type in our terms; `screen` is a page of an app. */
const types: { [type: string]: string } = {
  track: 'track',
  identify: 'identify',
  page: 'page',
  screen: 'page',
  group: 'group',
  alias: 'alias',
}

const objectOf = (value: unknown): Raw => (isObject(value) ? value : {})
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
/** Many senders have numbers for ids. */
const idOf = (value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : value

function sdkOf(context: Raw): string {
  const { name, version } = objectOf(context['library'])
  const library = cut(textOf(name) ?? 'segment', maxIdLength)
  const number = textOf(version)
  return number === undefined ? library : cut(`${library}/${cut(number, maxIdLength)}`, maxIdLength)
}

/** The page it happened on. A page call's own properties say it best. */
function pageOf(type: string, context: Raw, properties: Raw): Raw | undefined {
  const told = objectOf(context['page'])
  const say = (field: string): string | undefined => {
    const text = textOf(type === 'page' && Object.hasOwn(properties, field) ? properties[field] : told[field])
    return text === undefined ? undefined : cut(text, maxUrlLength)
  }
  const [url, referrer, title] = [say('url'), say('referrer'), say('title')]
  if (url === undefined) return undefined
  return {
    url,
    // RudderStack's word for "none".
    ...(referrer === undefined || referrer === '$direct' ? {} : { referrer }),
    ...(title === undefined ? {} : { title }),
  }
}

function pageName(raw: Raw, context: Raw, page: Raw | undefined): string {
  const url = textOf(page?.['url'])
  const path = textOf(objectOf(context['page'])['path'])
  const name = textOf(raw['name']) ?? path ?? (url && URL.canParse(url) ? new URL(url).pathname : '/')
  return cut(name, maxNameLength)
}

/** What the caller says about it; for identify and group the traits, which some clients put into the context. */
function propertiesOf(type: string, raw: Raw, context: Raw): unknown {
  if (type === 'identify')
    return isObject(context['traits']) ? { ...context['traits'], ...objectOf(raw['traits']) } : raw['traits']
  if (type === 'group') return raw['traits']
  const { properties } = raw
  if (type !== 'page' || !(properties === undefined || properties === null || isObject(properties)))
    return properties
  const more: Raw = {}
  if (textOf(raw['category']) !== undefined) more['category'] = raw['category']
  if (isObject(context['campaign']) && Object.keys(context['campaign']).length > 0)
    more['campaign'] = context['campaign']
  return { ...more, ...properties }
}

/** The message's own time: `timestamp`, else `originalTimestamp`; `sentAt` never. */
function timesOf(raw: Raw, { sentAt }: Shared): Pick<Read, 'ts' | 'sentAt'> | Refusal {
  const field = raw['timestamp'] == null ? 'originalTimestamp' : 'timestamp'
  const given = raw[field]
  if (given === undefined || given === null) return { ts: undefined, sentAt: undefined }
  const ts = readTime(given)
  if (ts === undefined)
    return refuse(
      'event_time_invalid',
      `.${field} must be an ISO 8601 time from 1970 to the year 9999, but is ${show(given)}`,
    )
  // With both, `timestamp` was corrected by the collector that this message went through before.
  const corrected = field === 'timestamp' && readTime(raw['originalTimestamp']) !== undefined
  return { ts, sentAt: corrected ? undefined : readTime(sentAt ?? raw['sentAt']) }
}

/**
 * Reads a message.
 *
 * @param raw one message
 * @param call the type that the path names; in a batch each message names its own
 * @param shared what holds for the whole request
 */
export function readMessage(raw: unknown, call: string | undefined, shared: Shared): Read | Refusal {
  if (!isObject(raw)) return refuse('event_malformed', ` must be an object, but is ${show(raw)}`)
  const named = call ?? raw['type']
  const type = typeof named === 'string' && Object.hasOwn(types, named) ? types[named] : undefined
  if (type === undefined)
    return refuse('event_type_unknown', `.type is ${show(named)}, which is no call of Segment’s`)
  const times = timesOf(raw, shared)
  if ('code' in times) return times
  const context = contextOf(raw['context'], shared)
  const part = type === 'identify' ? 'traits' : type === 'page' ? 'campaign' : undefined
  if (part && shared.faults[part] && context[part] === shared.context[part]) return shared.faults[part]
  const properties = propertiesOf(type, raw, context)
  const page = pageOf(type, context, objectOf(properties))
  const { messageId } = raw
  return {
    ...readTold(context),
    ...times,
    messageId: textOf(idOf(messageId)),
    event: {
      type,
      name: type === 'track' ? raw['event'] : type === 'page' ? pageName(raw, context, page) : type,
      sdk: sdkOf(context),
      userId: idOf(raw['userId']),
      anonymousId: idOf(raw['anonymousId']),
      sessionId: idOf(context['sessionId']),
      groupId: idOf(raw['groupId'] ?? context['groupId']),
      previousId: idOf(raw['previousId']),
      page,
      properties,
    },
  }
}
