/** A map that forgets its least recently used entry when full, so that strangers cannot fill the memory. */

/** The part of `Map` that caches need. */
export interface BoundedMap<Key, Value> {
  /** The value; makes the entry the most recently used. */
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  readonly size: number
}

/** Makes a map of at most `limit` entries. */
export function boundedMap<Key, Value extends {}>(limit: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > limit) entries.delete(entries.keys().next().value as Key)
    },
    delete(key) {
      entries.delete(key)
    },
    get size() {
      return entries.size
    },
  }
}
