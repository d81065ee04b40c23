/** Remembers answers in the memory of one instance, in so many bytes at most. */
import type { Cache } from './cache.ts'

/** How much is remembered. */
export interface MemoryCacheOptions {
  /**
   * The most bytes, at two a character; then what was longest unused is forgotten. A text that alone is larger than an
   * eighth of it is not kept.
   * @default 16_777_216 (16 MiB)
   */
  maxBytes?: number
  /** The clock, in ms. @default Date.now */
  now?: () => number
}

interface Entry {
  value: string
  until: number
  bytes: number
}

/** What an entry takes besides its texts, roughly. */
const overhead = 100

/** Makes a cache in memory. */
export function memoryCache({ maxBytes = 16_777_216, now = Date.now }: MemoryCacheOptions = {}): Cache {
  const entries = new Map<string, Entry>()
  let held = 0
  const forget = (key: string): void => {
    held -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
  return {
    name: 'memory',
    async get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      // Put back last, it is the most recently used.
      if (now() < entry.until) entries.set(key, entry)
      else held -= entry.bytes
      return now() < entry.until ? entry.value : undefined
    },
    async set(key, value, ttlMs) {
      forget(key)
      const bytes = 2 * (key.length + value.length) + overhead
      if (bytes > maxBytes / 8) return
      entries.set(key, { value, until: now() + ttlMs, bytes })
      held += bytes
      for (const oldest of entries.keys()) {
        if (held <= maxBytes) break
        forget(oldest)
      }
    },
    async delete(key) {
      forget(key)
    },
  }
}
