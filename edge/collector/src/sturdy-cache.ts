/** A cache that never fails and never waits long: while it does not answer, another one stands in for it. */
import type { Cache } from './cache/cache.ts'

/** What is borne. */
export interface SturdyCacheOptions {
  /** Stands in while the cache is left alone. */
  fallback: Cache
  /** The longest time that an answer may take, in ms. */
  timeoutMs: number
  /** How long the cache is left alone after a failure, in ms. */
  pauseMs: number
  /** The clock, in ms. */
  now: () => number
  /** Hears of each failure. */
  onFailure(error: unknown): void
}

function within<Result>(call: Promise<Result>, ms: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the cache did not answer within ${ms} ms`)), ms)
  })
  return Promise.race([call, late]).finally(() => clearTimeout(timer))
}

/** Makes the cache sturdy: what cannot be read counts as absent, what cannot be written or forgotten as done. */
export function sturdyCache(cache: Cache, options: SturdyCacheOptions): Cache {
  const { fallback, timeoutMs, pauseMs, now, onFailure } = options
  let until = Number.NEGATIVE_INFINITY
  async function attempt<Result>(ask: (cache: Cache) => Promise<Result>): Promise<Result> {
    if (now() < until) return ask(fallback)
    try {
      return await within(ask(cache), timeoutMs)
    } catch (error) {
      until = now() + pauseMs
      onFailure(error)
      return ask(fallback)
    }
  }
  return {
    name: cache.name,
    get: (key) => attempt((one) => one.get(key)),
    set: (key, value, ttlMs) => attempt((one) => one.set(key, value, ttlMs)),
    delete: (key) => attempt((one) => one.delete(key)),
  }
}
