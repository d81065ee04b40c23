/** The caches of one collector, by what they are for: each counted, none of them ever in the way. */
import type { Cache } from './cache/cache.ts'
import { memoryCache } from './cache/memory.ts'
import { describeError, type Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { sturdyCache } from './sturdy-cache.ts'

/** What is remembered. */
export type CacheUse = 'config' | 'keys' | 'recommendations' | 'insights'

/** Where instances tell each other when something changed. Not counted; never rejects. */
export interface Marks {
  /** When it changed last, in ms since the epoch; -Infinity where nothing is known of it. */
  latest(name: string): Promise<number>
  /** Keeps it for `ttlMs`. */
  set(name: string, at: number, ttlMs: number): Promise<void>
}

/** The caches. */
export interface Caches {
  /** The cache of one use; its answers are counted. Never rejects. */
  of(use: CacheUse): Cache
  /** The same where it is shared with other instances; `undefined` where each has but its own memory. */
  sharedOf(use: CacheUse): Cache | undefined
  marks: Marks
  /** Counts an answer that was remembered elsewhere: in memory, as objects. */
  count(use: CacheUse, hit: boolean): void
  /** The cache as it was given: it may fail, and be slow. */
  plain: Cache
}

/** How often a failing cache may write to the log, in ms. */
const quietMs = 60_000

/** What makes caches. */
export interface CachesOptions {
  /** The one that was given; absent, memory. */
  shared: Cache | undefined
  timeoutMs: number
  metrics: Metrics
  log: Log
  now: () => number
}

/** Makes the caches. */
export function createCaches({ shared, timeoutMs, metrics, log, now }: CachesOptions): Caches {
  const requests = metrics.counter(
    'nunchi_cache_requests_total',
    'Answers asked of caches, by use and result.',
    'use',
    'result',
  )
  const failures = metrics.counter('nunchi_cache_failures_total', 'Times that the shared cache failed.')
  let told = Number.NEGATIVE_INFINITY
  const onFailure = (error: unknown): void => {
    failures.add(1)
    if (now() - told < quietMs) return
    told = now()
    log.warn('the shared cache does not answer; this instance goes on with its memory', {
      error: describeError(error),
    })
  }
  const memory = memoryCache({ now })
  const base = shared
    ? sturdyCache(shared, { fallback: memory, timeoutMs, pauseMs: 5_000, now, onFailure })
    : memory
  const count = (use: CacheUse, hit: boolean) => requests.add(1, use, hit ? 'hit' : 'miss')
  const under = (use: CacheUse): Cache => ({
    name: base.name,
    async get(key) {
      const value = await base.get(`${use} ${key}`)
      count(use, value !== undefined)
      return value
    },
    set: (key, value, ttlMs) => base.set(`${use} ${key}`, value, ttlMs),
    delete: (key) => base.delete(`${use} ${key}`),
  })
  // What could not be told to the others, because the shared cache was away, is known here all the same.
  const kept: Cache[] = shared ? [base, memory] : [base]
  const marks: Marks = {
    async latest(name) {
      const times = await Promise.all(kept.map((one) => one.get(`mark ${name}`)))
      return Math.max(...times.map((time) => Number(time ?? Number.NEGATIVE_INFINITY)))
    },
    async set(name, at, ttlMs) {
      await Promise.all(kept.map((one) => one.set(`mark ${name}`, String(at), ttlMs)))
    },
  }
  return {
    of: under,
    marks,
    sharedOf: (use) => (shared ? under(use) : undefined),
    count,
    plain: shared ?? memory,
  }
}
