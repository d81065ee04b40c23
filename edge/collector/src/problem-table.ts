/** What each code of a refused request says where nothing more is known: status, title, detail, fix. */
import type { RequestProblemCode } from '@nunchi/protocol'

/** What a code says by itself. */
export interface ProblemEntry {
  status: number
  title: string
  detail: string
  fix: string
}

/** By code. */
export const problemTable: Record<RequestProblemCode, ProblemEntry> = {
  key_missing: {
    status: 401,
    title: 'No API key',
    detail: 'The request carries no API key.',
    fix: 'Pages send ?key=nk_pub_… in the address, servers send "Authorization: Bearer nk_srv_…".',
  },
  key_malformed: {
    status: 401,
    title: 'Mistyped API key',
    detail: 'The text sent as API key is not one: its shape or its checksum does not fit.',
    fix: 'Copy the key again, whole and without spaces; `nunchi keys list` shows the keys there are.',
  },
  key_unknown: {
    status: 401,
    title: 'Unknown API key',
    detail:
      'No such API key is in force here: it was never made, was revoked, or belongs to another collector.',
    fix: 'Make a key with `nunchi keys create` and put it into the page or the server.',
  },
  key_not_allowed: {
    status: 403,
    title: 'API key not allowed here',
    detail: 'This API key may not do that.',
    fix: 'Use a key of the right kind and scope: nk_pub_… in the address of pages, nk_srv_… in the Authorization header of servers.',
  },
  key_in_browser: {
    status: 403,
    title: 'Server key in a browser',
    detail: 'A server key came with an Origin header, so it stands in a page where anyone can read it.',
    fix: 'Revoke this key, make a new one for the server, and use an nk_pub_… key in pages.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    detail: 'The page’s origin is not among those that this API key allows.',
    fix: 'Make a key that names this exact origin (scheme, host and port): nunchi keys create --origins …; or use the key of this site.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'More requests came than the limit allows.',
    fix: 'Wait as many seconds as Retry-After says, then send the same batch again.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body is larger than 1 MB (1,048,576 bytes), counted after decompression.',
    fix: 'Halve the batch and send both halves.',
  },
  body_timeout: {
    status: 408,
    title: 'Body incomplete',
    detail: 'The body did not arrive completely within its time.',
    fix: 'Send the same batch again.',
  },
  body_encoding: {
    status: 400,
    title: 'Body encoding not readable',
    detail: 'The body could not be decompressed.',
    fix: 'Send plain JSON, or JSON compressed with gzip once and announced by ?gzip=1 or Content-Encoding: gzip.',
  },
  body_not_json: {
    status: 400,
    title: 'Body is not JSON',
    detail: 'The body is not valid JSON.',
    fix: 'Send one JSON object { id, sentAt, context, events } as JSON.stringify makes it.',
  },
  body_too_deep: {
    status: 400,
    title: 'Body nested too deeply',
    detail: 'The body nests objects or arrays more deeply than any batch can.',
    fix: 'Flatten the data; properties may nest 16 deep.',
  },
  batch_malformed: {
    status: 400,
    title: 'Not a batch',
    detail: 'The body is JSON but not a batch.',
    fix: 'Send one JSON object { id: <UUID>, sentAt: <ms since the epoch>, context: {}, events: [] }.',
  },
  batch_too_many_events: {
    status: 413,
    title: 'Too many events',
    detail: 'The batch holds more than 500 events.',
    fix: 'Split it into batches of at most 500 events.',
  },
  query_invalid: {
    status: 400,
    title: 'Unknown question',
    detail: 'The address asks for something that there is not.',
    fix: 'Ask for what docs/reference/http.md lists.',
  },
  config_invalid: {
    status: 422,
    title: 'Config with mistakes',
    detail: 'What was sent is not a config that can be published; the one in force stays.',
    fix: 'Mend each of the mistakes that `mistakes` names by its path, and send it again.',
  },
  config_conflict: {
    status: 409,
    title: 'Config changed meanwhile',
    detail: 'Somebody else published a config after the one that this change was made on.',
    fix: 'Read the config again, make the change on it, and send it with the new number in If-Match.',
  },
  config_not_allowed: {
    status: 409,
    title: 'Change not allowed now',
    detail: 'The flag or experiment may not change in this way as it stands.',
    fix: 'Look at its status and its type; the sentence says what is possible.',
  },
  config_not_found: {
    status: 404,
    title: 'No such flag or experiment',
    detail: 'There is no flag or experiment of this name in the key’s environment.',
    fix: 'Check the spelling; `nunchi flags list` shows the flags there are.',
  },
  token_invalid: {
    status: 401,
    title: 'Visitor’s token not taken',
    detail: 'The visitor’s token is not one that this project and environment takes.',
    fix: 'Sign a new one as docs/guide/visitor-tokens says; `nunchi tokens verify` tells the owner what is wrong with it.',
  },
  token_expired: {
    status: 401,
    title: 'Visitor’s token expired',
    detail: 'The visitor’s token was good, and is expired.',
    fix: 'Get a new one from the server that signs them, and ask again.',
  },
  token_missing: {
    status: 403,
    title: 'No visitor’s token',
    detail: 'A userId was asked for without the token that proves it.',
    fix: 'Send the visitor’s token as "Authorization: Bearer …", or ask with the anonymousId.',
  },
  token_mismatch: {
    status: 403,
    title: 'Another visitor’s token',
    detail: 'The visitor’s token is of another userId than the one asked for.',
    fix: 'Sign the token for the userId that is signed in, and ask for that one.',
  },
  token_keys_unavailable: {
    status: 503,
    title: 'Keys of tokens unavailable',
    detail: 'The keys that verify visitors’ tokens cannot be read just now.',
    fix: 'Ask again after as many seconds as Retry-After says; the collector’s log names the host that does not answer.',
  },
  recommendations_invalid: {
    status: 400,
    title: 'Not a question for recommendations',
    detail: 'A parameter of the address is not what is expected.',
    fix: 'Send ?list=user|contextual|similar|trending, type, anonymousId or userId, context, limit, exclude and seen as documented.',
  },
  recommendations_type_unknown: {
    status: 400,
    title: 'Unknown type of items',
    detail: 'The catalog has no items of a type that was asked for.',
    fix: 'Ask for one of the types that `types` names, or put items of that type first.',
  },
  items_malformed: {
    status: 400,
    title: 'Not a list of items',
    detail: 'The body is JSON but not what is expected.',
    fix: 'Send { items: [{ id, type, title, … }] } to put, { ids: ["…"] } to delete; at most 1,000 at once.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'Nothing is served at this address.',
    fix: 'Check the path: events go to POST /v1/events.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not answer that method.',
    fix: 'Use a method that the Allow header names.',
  },
  storage_unavailable: {
    status: 503,
    title: 'Storage unavailable',
    detail: 'The events could not be stored just now; none of them is acknowledged.',
    fix: 'Send the same batch again after as many seconds as Retry-After says; what was stored counts once.',
  },
  match_not_found: {
    status: 404,
    title: 'No such match',
    detail: 'There is nobody of this id who could be decided about just now.',
    fix: 'Decide about ids that GET /v1/matches answers, for a person who takes part.',
  },
  match_malformed: {
    status: 400,
    title: 'Question for matches not understood',
    detail: 'The question, or what was told, is not understood.',
    fix: 'See GET /v1/matches in docs/reference/http.md.',
  },
  match_blocks_full: {
    status: 409,
    title: 'Too many people blocked',
    detail: 'This person blocks 10,000 others, the most that there can be. The one named now is not blocked.',
    fix: 'Unblock somebody first: DELETE /v1/matches/blocks/:id.',
  },
  cache_unavailable: {
    status: 503,
    title: 'Cache unavailable',
    detail: 'The shared cache failed the test. Everything else goes on without it.',
    fix: 'Look whether the Redis of REDIS_URL runs and can be reached, then ask again.',
  },
  insight_not_found: {
    status: 404,
    title: 'No such insight',
    detail: 'There is no match or recommendation of this id that this visitor may see.',
    fix: 'Ask with the id of the latest answer, and for the visitor whom it was given to.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'The collector failed on this request.',
    fix: 'Send the same batch again later; if it stays, look the request id up in the collector’s log.',
  },
}
