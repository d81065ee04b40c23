/** Which column of a source is which of ours: by `--columns`, else by the names that are usual. */
import { CliError } from '../cli-error.ts'
import type { RowValues } from './source.ts'

/** Our columns. */
export type Field = keyof RowValues
/** The source's name of each. */
export type Columns = { [field in Field]?: string }

/** Names in use for each, the likeliest first. */
const usual: { [field in Field]-?: string[] } = {
  id: ['id', 'event_id', 'eventId', 'uuid', 'message_id', 'messageId'],
  event: ['event', 'event_name', 'eventName', 'name', 'event_type'],
  properties: ['properties', 'props', 'data', 'event_data', 'metadata'],
  user: ['user', 'user_id', 'userId', 'distinct_id'],
  anonymous: ['anonymous', 'anonymous_id', 'anonymousId', 'visitor_id', 'device_id'],
  session: ['session', 'session_id', 'sessionId'],
  at: ['at', 'created_at', 'createdAt', 'timestamp', 'occurred_at', 'time', 'ts'],
}
const fields = Object.keys(usual) as Field[]
const required: Field[] = ['id', 'event', 'at']

/**
 * Reads `id=message_id,event=kind,…`: which of `names` is which column.
 *
 * @throws CliError `usage`
 */
export function readPairs<Name extends string>(
  text: string | undefined,
  names: readonly Name[],
): { [name in Name]?: string } {
  const columns: { [name in Name]?: string } = {}
  for (const pair of (text ?? '').split(',').filter((part) => part.trim() !== '')) {
    const [field = '', ...rest] = pair.split('=').map((part) => part.trim())
    const name = rest.join('=')
    if (!names.includes(field as Name) || name === '')
      throw new CliError(
        'usage',
        `"${pair.trim()}" in --columns is not understood; write OURS=THEIRS, where OURS is one of ${names.join(', ')}.`,
      )
    columns[field as Name] = name
  }
  return columns
}

/** As `readPairs`, of the columns of events. */
export const readColumns = (text: string | undefined): Columns => readPairs(text, fields)

/** What was named, and for the rest the usual name that is there; none where there is none. */
export function pickColumns(given: Columns, there: string[]): Columns {
  const picked: Columns = {}
  for (const field of fields) {
    const name = given[field] ?? usual[field].find((one) => there.includes(one))
    if (name !== undefined) picked[field] = name
  }
  return picked
}

/**
 * As `pickColumns`, for a source whose rows all have the same columns.
 *
 * @throws CliError `source_unreadable` where one that was named, or one that every event needs, is missing
 */
export function chooseColumns(given: Columns, there: string[], where: string): Columns {
  const has = `It has ${there.join(', ')}.`
  const absent = Object.values(given).find((name) => !there.includes(name))
  if (absent !== undefined)
    throw new CliError('source_unreadable', `${where} has no column "${absent}". ${has}`)
  const picked = pickColumns(given, there)
  const missing = required.find((field) => picked[field] === undefined)
  if (missing)
    throw new CliError(
      'source_unreadable',
      `${where} has no column that is usual for "${missing}"; name it with --columns ${missing}=NAME. ${has}`,
    )
  return picked
}
