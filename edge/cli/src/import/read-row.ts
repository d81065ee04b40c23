/** Makes of a source's row one that can be imported, or says why it is none. */
import type { LegacyRow } from '@nunchi/collector'
import { readTime } from './read-time.ts'
import type { SourceRow } from './source.ts'

/** Between which times events are taken. */
export interface Span {
  /** The oldest, in ms since the epoch, and the reason for the sentence. */
  from: number
  why: string
  to: number
}

const day = 86_400_000

/** At most the months that partitions are made for; less where the project keeps less. */
export function spanOf(now: number, retentionDays: number | null): Span {
  const oldest = new Date(now)
  oldest.setUTCMonth(oldest.getUTCMonth() - 239, 1)
  const horizon = retentionDays === null ? 0 : now - retentionDays * day
  return horizon > oldest.getTime()
    ? { from: horizon, why: `the project keeps ${retentionDays} days`, to: now + 2 * day }
    : { from: oldest.setUTCHours(0, 0, 0, 0), why: 'at most 240 months are imported', to: now + 2 * day }
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

function readProperties(text: string | null | undefined): LegacyRow['properties'] | string {
  if (text === undefined || text === null || text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as LegacyRow['properties'] & object
  } catch {}
  return `properties is no JSON object: ${shown(text)}`
}

/** @returns the row, or a sentence where it is none */
export function readRow({ values, fault }: SourceRow, span: Span): LegacyRow | string {
  if (fault !== undefined) return fault
  const { id, event, at, user, anonymous, session } = values
  if (!id) return 'it has no id'
  if (!event?.trim()) return 'it has no event name'
  if (!at) return 'it has no time'
  const ts = readTime(at)
  if (ts === undefined) return `its time is not understood: ${shown(at)}`
  if (ts < span.from) return `it is of ${new Date(Math.max(ts, -8.64e15)).toISOString()}; ${span.why}`
  if (ts > span.to) return `its time lies in the future: ${shown(at)}`
  const properties = readProperties(values.properties)
  if (typeof properties === 'string') return properties
  const row: LegacyRow = { id, name: event.trim(), ts }
  if (properties && Object.keys(properties).length > 0) row.properties = properties
  if (user) row.userId = user
  if (anonymous) row.anonymousId = anonymous
  if (session) row.sessionId = session
  return row
}
