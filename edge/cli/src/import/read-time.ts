/** Reads a time as other systems write it. */

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?([.,]\d+)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * Reads ISO 8601 as databases write it too (UTC where it names no zone), or a number since the epoch: seconds,
 * ms, µs or ns, told apart by its size.
 *
 * @returns ms since the epoch, or `undefined` where it is no time
 */
export function readTime(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed)
    const size = Math.abs(value)
    const ms = size < 1e11 ? value * 1e3 : size < 1e14 ? value : size < 1e17 ? value / 1e3 : value / 1e6
    return Math.floor(ms)
  }
  const match = iso.exec(trimmed)
  if (!match) return undefined
  const [, day, minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match
  const offset = /^(z|utc)$/i.test(zone)
    ? 'Z'
    : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const ms = Date.parse(`${day}T${minutes}${seconds}${fraction.replace(',', '.').slice(0, 4)}${offset}`)
  return Number.isNaN(ms) ? undefined : ms
}
