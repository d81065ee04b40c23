/** Checks the free part of an event (properties and contexts): how deep, how many keys, and only finite numbers. */
import { type JsonObject, limits } from '@nunchi/protocol'

const { maxDepth, maxKeys } = limits

/** What is wrong with a tree. */
export type TreeFault = 'event_too_deep' | 'event_too_many_keys'

/** Counts keys and array items over several trees of one event. */
export interface KeyCount {
  keys: number
}

/**
 * Checks a tree of parsed JSON. Numbers beyond the largest double, which `JSON.parse` reads as infinite, become
 * `null` in place, as `JSON.stringify` has it. Stops at the first fault, so that a huge tree costs little.
 *
 * @param count goes up by every key and array item
 */
export function treeFault(tree: object, count: KeyCount, depth = 1): TreeFault | undefined {
  if (depth > maxDepth) return 'event_too_deep'
  const node = tree as JsonObject
  // Own keys only, read and written by name: an own "__proto__" is data like any other.
  const keys = Object.keys(node)
  count.keys += keys.length
  if (count.keys > maxKeys) return 'event_too_many_keys'
  for (const key of keys) {
    const value = node[key]
    if (typeof value === 'object' && value !== null) {
      const fault = treeFault(value, count, depth + 1)
      if (fault) return fault
    } else if (typeof value === 'number' && !Number.isFinite(value)) node[key] = null
  }
  return undefined
}
