/** The wire types as zod schemas: for senders and tools that want to check at run time. Kept out of pages. */
import * as z from 'zod'
import type { Ack, Batch, Context, Event, Json, Page, Rejection } from './event.ts'
import {
  maxBatchEvents,
  maxDepth,
  maxIdLength,
  maxKeys,
  maxNameLength,
  maxTime,
  maxUrlLength,
} from './limits.ts'
import type { EventProblemCode, ProblemBody, RequestProblemCode } from './problem.ts'
import { jsonObjectSchema, jsonSchema, proven } from './schemas-proven.ts'
import { isEventId } from './uuid.ts'

export {
  configDefinitionSchema,
  configSchema,
  experimentDefinitionSchema,
  experimentSchema,
  flagDefinitionSchema,
  flagSchema,
} from './schemas-config.ts'
export { jsonSchema, proven }

const id = z.string().min(1).max(maxIdLength)
const time = z.int().min(0).max(maxTime)
const count = z.int().min(0)

/** How deep a value nests; a flat object is 1 deep. Stops counting where it is too deep anyway. */
function depthOf(value: Json, depth = 1): number {
  if (typeof value !== 'object' || value === null) return depth - 1
  if (depth > maxDepth) return depth
  return Math.max(depth, ...Object.values(value).map((item) => depthOf(item, depth + 1)))
}

function keysOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const items = Object.values(value)
  return items.reduce<number>((sum, item) => sum + keysOf(item), items.length)
}

const tree = jsonObjectSchema
  .refine((value) => depthOf(value) <= maxDepth, `nests more than ${maxDepth} deep`)
  .refine((value) => keysOf(value) <= maxKeys, `holds more than ${maxKeys} keys and array items`)

/** A page. */
export const pageSchema: z.ZodType<Page> = proven<Page>()(
  z.object({
    url: z.string().min(1).max(maxUrlLength),
    referrer: z.string().max(maxUrlLength).exactOptional(),
    title: z.string().max(maxUrlLength).exactOptional(),
  }),
)

/** An event, as it is stored. */
export const eventSchema: z.ZodType<Event> = proven<Event>()(
  z.object({
    id: z.string().refine(isEventId, 'is no UUID of version 7 or 8'),
    type: z.enum(['track', 'identify', 'page', 'group', 'alias']),
    name: z.string().min(1).max(maxNameLength),
    ts: time,
    tab: id,
    seq: z.int().min(0).max(2_147_483_647),
    userId: id.exactOptional(),
    anonymousId: id.exactOptional(),
    sessionId: id.exactOptional(),
    groupId: id.exactOptional(),
    previousId: id.exactOptional(),
    page: pageSchema.exactOptional(),
    sdk: id,
    properties: tree.exactOptional(),
    userContext: tree.exactOptional(),
    experimentContext: tree.exactOptional(),
    personalizationContext: tree.exactOptional(),
  }),
).refine((event) => event.anonymousId !== undefined || event.userId !== undefined, {
  message: 'has neither anonymousId nor userId',
})

/** What the sender is. */
export const contextSchema: z.ZodType<Context> = proven<Context>()(
  z.object({
    locale: z.string().exactOptional(),
    timezone: z.string().exactOptional(),
    screen: z.object({ width: z.number(), height: z.number() }).exactOptional(),
    device: tree.exactOptional(),
  }),
)

/** A batch: what one request carries. */
export const batchSchema: z.ZodType<Batch> = proven<Batch>()(
  z.object({
    id: z.guid(),
    sentAt: time,
    context: contextSchema,
    events: z.array(eventSchema).max(maxBatchEvents),
    dropped: z
      .object({
        event_too_large: count.exactOptional(),
        event_unserializable: count.exactOptional(),
        store_full: count.exactOptional(),
        too_old: count.exactOptional(),
        rejected: count.exactOptional(),
        consent: count.exactOptional(),
        sampled: count.exactOptional(),
      })
      .exactOptional(),
  }),
)

const eventCodes = z.enum([
  'event_malformed',
  'event_id_invalid',
  'event_type_unknown',
  'event_name_invalid',
  'event_time_invalid',
  'event_too_old',
  'event_too_large',
  'event_too_deep',
  'event_too_many_keys',
  'event_no_visitor',
  'event_field_invalid',
  'event_partition_full',
  'event_unstorable',
  'person_erased',
])

/** Why an event is refused. */
export const eventProblemCodeSchema: z.ZodType<EventProblemCode> = proven<EventProblemCode>()(eventCodes)

/** An event that was refused. */
export const rejectionSchema: z.ZodType<Rejection> = proven<Rejection>()(
  z.object({
    index: count,
    id: z.string().exactOptional(),
    code: eventProblemCodeSchema,
    detail: z.string(),
    fix: z.string(),
    docs: z.string(),
  }),
)

/** The answer to a batch. */
export const ackSchema: z.ZodType<Ack> = proven<Ack>()(
  z.object({
    batch: z.string(),
    accepted: count,
    duplicates: count,
    rejected: z.array(rejectionSchema),
    now: time,
  }),
)

/** Why a request is refused. */
export const requestProblemCodeSchema: z.ZodType<RequestProblemCode> = proven<RequestProblemCode>()(
  z.enum([
    'key_missing',
    'key_malformed',
    'key_unknown',
    'key_not_allowed',
    'key_in_browser',
    'origin_not_allowed',
    'rate_limited',
    'body_too_large',
    'body_timeout',
    'body_encoding',
    'body_not_json',
    'body_too_deep',
    'batch_malformed',
    'batch_too_many_events',
    'query_invalid',
    'config_invalid',
    'config_conflict',
    'config_not_allowed',
    'config_not_found',
    'token_invalid',
    'token_expired',
    'token_missing',
    'token_mismatch',
    'token_keys_unavailable',
    'recommendations_invalid',
    'recommendations_type_unknown',
    'items_malformed',
    'not_found',
    'method_not_allowed',
    'storage_unavailable',
    'match_not_found',
    'match_malformed',
    'match_blocks_full',
    'cache_unavailable',
    'insight_not_found',
    'internal',
  ]),
)

/** The body of a 4xx or 5xx answer. */
export const problemSchema: z.ZodType<ProblemBody> = proven<ProblemBody>()(
  z.object({
    type: z.string(),
    code: requestProblemCodeSchema,
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    fix: z.string(),
    requestId: z.string(),
    mistakes: z.array(z.object({ path: z.string(), message: z.string() })).exactOptional(),
    types: z.array(z.string()).exactOptional(),
  }),
)
