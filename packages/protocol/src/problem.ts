/** The codes of everything that can go wrong on the wire, and the shape they travel in (RFC 9457). */

/** Why a whole request was refused. */
export type RequestProblemCode =
  | 'key_missing'
  | 'key_malformed'
  | 'key_unknown'
  | 'key_not_allowed'
  | 'key_in_browser'
  | 'origin_not_allowed'
  | 'rate_limited'
  | 'body_too_large'
  | 'body_timeout'
  | 'body_encoding'
  | 'body_not_json'
  | 'body_too_deep'
  | 'batch_malformed'
  | 'batch_too_many_events'
  | 'query_invalid'
  | 'config_invalid'
  | 'config_conflict'
  | 'config_not_allowed'
  | 'config_not_found'
  | 'token_invalid'
  | 'token_expired'
  | 'token_missing'
  | 'token_mismatch'
  | 'token_keys_unavailable'
  | 'recommendations_invalid'
  | 'recommendations_type_unknown'
  | 'items_malformed'
  | 'not_found'
  | 'method_not_allowed'
  | 'storage_unavailable'
  | 'match_not_found'
  | 'match_malformed'
  | 'match_blocks_full'
  | 'cache_unavailable'
  | 'insight_not_found'
  | 'internal'

/** Why one event of an otherwise good batch was refused. */
export type EventProblemCode =
  | 'event_malformed'
  | 'event_id_invalid'
  | 'event_type_unknown'
  | 'event_name_invalid'
  | 'event_time_invalid'
  | 'event_too_old'
  | 'event_too_large'
  | 'event_too_deep'
  | 'event_too_many_keys'
  | 'event_no_visitor'
  | 'event_field_invalid'
  | 'event_partition_full'
  | 'event_unstorable'
  | 'person_erased'

/** Why one item of an otherwise good `PUT /v1/items` was refused. */
export type ItemProblemCode = 'item_invalid' | 'item_url_invalid' | 'item_too_large'

/** Every code of the wire; each has a heading in docs/reference/errors.md. */
export type ProblemCode = RequestProblemCode | EventProblemCode | ItemProblemCode

/** The body of every 4xx and 5xx answer, as `application/problem+json`. */
export interface ProblemBody {
  /** The code's entry in the documentation. */
  type: string
  code: RequestProblemCode
  title: string
  status: number
  /** One sentence: what was wrong and where. */
  detail: string
  /** One sentence: what to do. */
  fix: string
  /** Names the request in the collector's log. */
  requestId: string
  /** Of a config that cannot be published: each mistake by its path, in words. */
  mistakes?: { path: string; message: string }[]
  /** Of an unknown type of items: those there are. */
  types?: string[]
}
