/** Which fields of two definitions differ. */
import { canonicalJson, type Json } from '@nunchi/protocol'

/** Whether two values are the same JSON, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json)
}

/** The fields whose values differ, in the order in which they are first named. */
export function differs(a: object, b: object): string[] {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (key) => !same(left[key], right[key]),
  )
}
