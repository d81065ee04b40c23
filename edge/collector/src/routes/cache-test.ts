/** `GET /v1/cache/test`: writes to the cache, reads back, and waits until it forgets. */
import type { Cache } from '../cache/cache.ts'
import type { Use } from '../env.ts'
import { describeError } from '../log.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { Problem } from '../problem.ts'

/** What was found. Times in ms. */
interface CacheTest {
  /** `memory`, `redis`. */
  cache: string
  writeMs: number
  readMs: number
  /** Until what was kept for 100 ms (longer where the cache is slow) was gone. */
  expiredAfterMs: number
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** How long the text is kept at first, and when an answer must be there and the text gone at the latest, in ms. */
const firstMs = 100
const latestMs = 1_000

/** The first answer that comes, or the word that none did. */
async function within<Result>(call: Promise<Result>): Promise<Result> {
  const late = pause(latestMs).then(() => Promise.reject(new Error(`no answer within ${latestMs} ms`)))
  return Promise.race([call, late])
}

/** Where reading took longer than the text was kept, its absence tells nothing: the next is kept twice as long. */
async function tried(cache: Cache, keptMs = firstMs): Promise<CacheTest> {
  const [key, value] = [`test ${crypto.randomUUID()}`, crypto.randomUUID()]
  const started = performance.now()
  await within(cache.set(key, value, keptMs))
  const written = performance.now()
  const found = await within(cache.get(key))
  const read = performance.now()
  if (found === undefined && read - started >= keptMs && keptMs < latestMs) return tried(cache, 2 * keptMs)
  if (found !== value) throw new Error('what was written did not come back')
  while ((await within(cache.get(key))) !== undefined) {
    if (performance.now() - written > keptMs + latestMs)
      throw new Error('what was to be forgotten is still there')
    await pause(20)
  }
  const round = (ms: number) => Math.round(ms * 100) / 100
  return {
    cache: cache.name,
    writeMs: round(written - started),
    readMs: round(read - written),
    expiredAfterMs: Math.round(performance.now() - written),
  }
}

/** Adds the route, for server keys with the scope `cache:test`. */
export function cacheTest(): Use {
  const path = '/v1/cache/test'
  return (app, services) => {
    app.use(path, limitClients(services))
    app.get(path, guard(services, { scope: 'cache:test', pub: false }), limitKeys(services), async (c) => {
      c.header('Cache-Control', 'no-store')
      const { plain } = services.caches
      const found = await tried(plain).catch((error: unknown) => {
        const detail = `The cache (${plain.name}) failed: ${describeError(error)}.`
        throw new Problem('cache_unavailable', { retryAfter: 5, detail })
      })
      return c.json(found)
    })
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET' } })
    })
  }
}
