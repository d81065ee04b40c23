/** Times as Segment's clients write them: ISO 8601 texts, and numbers. */
import { isTime } from '../parse/event.ts'

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** Minutes east of UTC. */
function offsetOf(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(3).replace(':', '')]
  return (zone.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** Reads a text by its parts: `Date.parse` takes the thirtieth of February for the second of March. */
function parseIso(text: string): number | undefined {
  const parts = iso.exec(text.trim())
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const date = new Date(Date.UTC(year, month - 1, day))
  const isDay =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDay || hour > 23 || minute > 59 || second > 60) return undefined
  const ms = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  return Date.UTC(year, month - 1, day, hour, minute - offsetOf(parts[8] ?? ''), second, ms)
}

/**
 * A time in ms since the epoch. A text without a zone is UTC; a number is ms, or seconds where it is below 1e11.
 *
 * @returns `undefined` where it is none that can be stored
 */
export function readTime(value: unknown): number | undefined {
  const ms =
    typeof value === 'string'
      ? parseIso(value)
      : typeof value === 'number' && value < 1e11
        ? value * 1000
        : value
  return isTime(ms) ? Math.trunc(ms) : undefined
}
