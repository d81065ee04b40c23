/** What a stored event must read like, written from docs/reference/events.md and not from the collector's code. */

type Raw = { [field: string]: unknown }

/** A text without what Postgres cannot store: NUL and halves of surrogate pairs become U+FFFD, one each. */
function storable(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    out += code === 0 || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : character
  }
  return out
}

/** The same value whatever the order of keys; numbers beyond the largest are null, texts are storable. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(storable(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  // Two keys may become the same by cleaning: the later one counts.
  const pairs = new Map(Object.entries(value).map(([key, item]) => [storable(key), canonical(item)]))
  return `{${[...pairs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${item}`)
    .join()}}`
}

/** Characters are UTF-16 code units, and none is cut in two. */
function cut(text: string): string {
  let out = ''
  for (const character of storable(text)) {
    if (out.length + character.length > 4_096) break
    out += character
  }
  return out
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? storable(value) : null)
const tree = (value: unknown) => (value === undefined || value === null ? null : canonical(value))

const ordered = (row: Raw) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The row of an event as sent; `undefined` where what was sent is no event at all. */
export function expectedRow(sent: unknown): string | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined
  const event = sent as Raw
  const page = (event['page'] ?? {}) as Raw
  const shown = (value: unknown) => (typeof value === 'string' ? cut(value) : null)
  return ordered({
    id: String(event['id']).toLowerCase(),
    type: event['type'],
    name: text(event['name']),
    ts: typeof event['ts'] === 'number' ? Math.trunc(event['ts']) : null,
    tab: text(event['tab']),
    seq: event['seq'],
    sdk: text(event['sdk']),
    anonymous_id: text(event['anonymousId']),
    user_id: text(event['userId']),
    session_id: text(event['sessionId']),
    group_id: text(event['groupId']),
    previous_id: text(event['previousId']),
    page_url: shown(page['url']),
    page_referrer: shown(page['referrer']),
    page_title: shown(page['title']),
    properties: tree(event['properties']),
    user_context: tree(event['userContext']),
    experiment_context: tree(event['experimentContext']),
    personalization_context: tree(event['personalizationContext']),
  })
}

const trees = ['properties', 'user_context', 'experiment_context', 'personalization_context']
const numbers = ['ts', 'seq']

/**
 * How rows are read, by ids ($1, a JSON array), for `actualRow`. Texts come as JSON: PGlite's own decoding takes a text's
 * first U+FEFF for a byte order mark.
 */
export const rowsQuery = `
  select id::text as id, type, to_jsonb(name) as name, round(extract(epoch from ts) * 1000)::text as ts, to_jsonb(tab) as tab, seq::text as seq,
    to_jsonb(sdk) as sdk, to_jsonb(anonymous_id) as anonymous_id, to_jsonb(user_id) as user_id,
    to_jsonb(session_id) as session_id, to_jsonb(group_id) as group_id, to_jsonb(previous_id) as previous_id,
    to_jsonb(page_url) as page_url, to_jsonb(page_referrer) as page_referrer, to_jsonb(page_title) as page_title,
    properties::text as properties, user_context::text as user_context,
    experiment_context::text as experiment_context, personalization_context::text as personalization_context,
    project_id::text as project_id, environment, internal,
    abs(extract(epoch from occurred_at - ts) * 1000 - skew_ms) < 1 as moved,
    abs(skew_ms) > 172800000 and not clock_suspect as unmarked,
    (select coalesce(string_agg(key, ','), '') from jsonb_object_keys(context) key
     where key not in ('locale', 'timezone', 'screen', 'device', 'bot', 'deviceClass', 'browser', 'os')) as foreign_context
  from nunchi.analytics_events
  where id in (select (jsonb_array_elements_text($1::text::jsonb))::uuid)`

/** A row as read, in the form of `expectedRow`. */
export function actualRow(row: Raw): string {
  const { project_id, environment, internal, moved, unmarked, foreign_context, ...rest } = row
  for (const field of numbers) rest[field] = Number(rest[field])
  for (const field of trees)
    rest[field] = typeof rest[field] === 'string' ? canonical(JSON.parse(rest[field])) : null
  return ordered(rest)
}

/** What must hold of every row, whatever was sent: nothing of it is the sender's to say. */
export function rowFaults(row: Raw, projectId: string): string[] {
  const faults: string[] = []
  if (row['project_id'] !== projectId) faults.push('is in another project than its key’s')
  if (row['environment'] !== 'production' || row['internal'] !== false)
    faults.push('has a forged environment')
  if (row['moved'] !== true) faults.push('did not occur at ts + skew')
  if (row['unmarked'] === true) faults.push('has a suspect clock, unmarked')
  if (row['foreign_context'] !== '') faults.push(`has ${row['foreign_context']} in its context`)
  return faults
}
