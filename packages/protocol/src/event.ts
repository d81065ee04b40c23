/** The wire types: an event, the batch that carries it, and the collector's answer. */
import type { EventProblemCode } from './problem.ts'

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** A JSON object, as in `properties`. */
export interface JsonObject {
  [key: string]: Json
}

/** What happened, in Segment's vocabulary. */
export type EventType = 'track' | 'identify' | 'page' | 'group' | 'alias'

/** The page an event happened on. */
export interface Page {
  /** The absolute address. */
  url: string
  /** Where the visitor came from: an absolute address. */
  referrer?: string
  /** The document's title. */
  title?: string
}

/** One thing that happened. At least one of `anonymousId` and `userId` is present. */
export interface Event {
  /** UUID version 7, made when `track()` is called; what makes delivery exactly once. */
  id: string
  type: EventType
  /** The event's name, such as `Product Added`; for a page its path. 1 to 200 characters. */
  name: string
  /** When it happened by the sender's clock, in ms since the epoch. */
  ts: number
  /** The tab (or server process) that made it. */
  tab: string
  /** Counts up by one per event within `tab`, from 0. */
  seq: number
  /** The person, once `identify()` has named one. */
  userId?: string
  /** The visitor on this device. */
  anonymousId?: string
  /** The visit. */
  sessionId?: string
  /** The group that a `group` event joins. */
  groupId?: string
  /** The id that an `alias` event ends; `userId` is the one that goes on. */
  previousId?: string
  page?: Page
  /** The SDK and its version, such as `nunchi/0.1.0`. */
  sdk: string
  /** What the caller says about it; for `identify` and `group` the traits. */
  properties?: JsonObject
  /** Behaviour on this visit: session depth, time on page, scroll depth and the like. */
  userContext?: JsonObject
  /** Active experiments, assigned variants, conversion step. */
  experimentContext?: JsonObject
  /** Recommendations shown and clicked, preference signals. */
  personalizationContext?: JsonObject
}

/** The browser (or server) that sends; the same for all events of a batch. */
export interface Context {
  /** BCP 47, such as `ko-KR`. */
  locale?: string
  /** IANA time zone, such as `Asia/Seoul`. */
  timezone?: string
  /** Screen size in CSS pixels. */
  screen?: { width: number; height: number }
  /** Device pixel ratio, memory and the like, without fingerprinting. */
  device?: JsonObject
}

/** Why the SDK could not keep an event. */
export type DropReason =
  | 'event_too_large'
  | 'event_unserializable'
  | 'store_full'
  | 'too_old'
  | 'rejected'
  | 'consent'
  | 'sampled'

/** What one request to `POST /v1/events` carries; may hold events of several tabs and visits. */
export interface Batch {
  /** UUID of this attempt's content; the ack repeats it. */
  id: string
  /** When the batch was sent by the sender's clock, in ms since the epoch. */
  sentAt: number
  context: Context
  events: Event[]
  /** How many events were dropped since the last acknowledged batch, by reason. */
  dropped?: { [reason in DropReason]?: number }
}

/** One event that the collector refused, and how to mend it. */
export interface Rejection {
  /** The event's position in the batch. */
  index: number
  /** The event's id, where it had a readable one. */
  id?: string
  code: EventProblemCode
  /** One sentence: what was wrong and where. */
  detail: string
  /** One sentence: what to do. */
  fix: string
  /** The code's entry in the documentation. */
  docs: string
}

/** The answer to a batch (status 202), given only after its events are committed. */
export interface Ack {
  /** The batch's id. An answer without it (a captive portal's, say) is not an ack. */
  batch: string
  accepted: number
  /** Events that were in the table already: sent again, stored once. */
  duplicates: number
  rejected: Rejection[]
  /** The collector's clock, in ms since the epoch. */
  now: number
}
