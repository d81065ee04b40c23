/** Makes parsed JSON storable as text: no NUL, which Postgres refuses, and no half of a surrogate pair. */
import type { Json } from '@nunchi/protocol'

// In a body decoded from UTF-8 only an escape can make either: raw control characters are not JSON.
const suspect = /\\u(?:0000|d[89a-f])/i

/** Whether a JSON text may hold a NUL or a lone surrogate. A few innocent texts are suspected too. */
export function mayBeUnclean(json: string): boolean {
  return json.includes('\\u') && suspect.test(json)
}

/** The text with each NUL and each lone surrogate replaced by U+FFFD. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}

/**
 * Cleans all texts of a JSON value, keys included. Recurses as deep as the value, so its depth must be bounded.
 * `__proto__` stays a key like any other.
 */
export function clean(value: Json): Json {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(clean)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item)]))
}

/** The first `length` UTF-16 code units of a well-formed text, without cutting a character in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
