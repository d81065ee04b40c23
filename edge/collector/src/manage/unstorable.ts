/** Finds the texts of a definition that Postgres cannot store: half of a surrogate pair, and NUL. */
import type { ConfigMistake, Json } from '@nunchi/protocol'

/** A surrogate without its other half, which no well-formed text has. */
const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const bad = (text: string): boolean => text.includes('\0') || lone.test(text)

const message = 'holds half of a surrogate pair, or NUL. Write the text again.'

/** @returns each by its path */
export function unstorable(value: Json | undefined, path = ''): ConfigMistake[] {
  if (typeof value === 'string') return bad(value) ? [{ path, message }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => {
    const here = path === '' ? key : `${path}.${key}`
    return bad(key) ? [{ path: path || 'the whole', message }] : unstorable(one, here)
  })
}
