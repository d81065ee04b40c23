/** Token buckets in memory: how often each caller may call, with room for bursts. */
import { boundedMap } from './bounded-map.ts'

/** A steady rate, and how much may come at once. */
export interface Rate {
  perSecond: number
  burst: number
}

/** Counts many callers. State is this process's own: a restart forgets it, instances do not share it. */
export interface TokenBuckets {
  /**
   * Takes `cost` tokens of `name`'s bucket, where at least one is left.
   *
   * @returns 0, or the seconds until one token is there
   */
  take(name: string, rate: Rate, cost?: number): number
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * @param now the clock, in ms
 * @param limit how many callers are remembered; the one unseen for longest is forgotten, which fills its bucket
 */
export function tokenBuckets(now: () => number, limit = 50_000): TokenBuckets {
  const buckets = boundedMap<string, Bucket>(limit)
  return {
    take(name, { perSecond, burst }, cost = 1) {
      const time = now()
      const bucket = buckets.get(name) ?? { tokens: burst, at: time }
      const gained = (Math.max(0, time - bucket.at) / 1000) * perSecond
      bucket.tokens = Math.min(burst, bucket.tokens + gained)
      bucket.at = time
      buckets.set(name, bucket)
      if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond
      bucket.tokens -= cost
      return 0
    },
  }
}
