/** The collector's options: the one table of defaults. */
import type { Cache } from './cache/cache.ts'
import type { CountrySource } from './enrich/country.ts'
import { type GuardedFetch, guardedFetch } from './guarded-fetch.ts'
import type { InsightsOptions } from './insights/insights-options.ts'
import type { LogLevel, LogSink } from './log.ts'
import { defaultDocs } from './problem.ts'
import type { RampChange } from './ramps/run-ramp.ts'
import type { Storage } from './storage/storage.ts'
import type { Rate } from './token-bucket.ts'

/** What can be set, whatever routes are used. */
export interface Options {
  /**
   * How many proxies of yours stand before the collector and append to `X-Forwarded-For`. Too small a number
   * counts all visitors as one; too large a number lets a visitor choose an address.
   * @default 0
   */
  trustedProxies: number
  /**
   * How many requests are answered, by API key and by client address (IPv6 by /64), in each instance's memory;
   * beyond it 429 with Retry-After. A key's own `rateLimit` (requests per second) wins over `key`; server keys
   * are not limited by address. `false` for no limit.
   * @default { key: { perSecond: 1000, burst: 5000 }, client: { perSecond: 50, burst: 500 } }
   */
  rateLimit: { key: Rate; client: Rate } | false
  /**
   * The longest time that a body may take to arrive, in ms.
   * @default 10_000
   */
  bodyTimeoutMs: number
  /**
   * The most bytes of bodies that may be in memory at once; beyond it 503 with Retry-After.
   * @default 67_108_864 (64 MiB)
   */
  maxInFlightBytes: number
  /**
   * How long a batch waits for others to share its commit, in ms. 0 commits each alone: for runtimes that live
   * for one request (Workers).
   * @default 4
   */
  groupCommitMs: number
  /**
   * How long a key's look-up is believed, in ms; a revoked key lives on this long. At most 2,000.
   * @default 2_000
   */
  keyCacheMs: number
  /**
   * What remembers keys, configs, recommendations and insights for all instances together, such as
   * `redisCache(new Redis(url))`. Without one, and while it does not answer, each instance has its own memory.
   * @default undefined
   */
  cache: Cache | undefined
  /**
   * The longest time that the shared cache may take over one answer, in ms; then the answer is found without it, and
   * it is left alone for 5 s.
   * @default 100
   */
  cacheTimeoutMs: number
  /**
   * How long recommendations are remembered at most, in ms, and no longer than their `expires_at` says, unless their
   * visitor does something meanwhile, or the catalog or its settings are changed through the collector (where several
   * run without a shared cache: through the same one). 0 asks the database each time.
   * @default 300_000
   */
  recommendationsCacheMs: number
  /**
   * The longest time that the database may take over one call, in ms; then 503 with Retry-After.
   * @default 10_000
   */
  storageTimeoutMs: number
  /**
   * Whose header tells the visitor's country: `'cloudflare'`, `'vercel'`, `'cloudfront'`, `'netlify'`, `'appengine'`,
   * or the name of a header that a proxy of yours sets. Any client can send any header: name only what stands before
   * every request and overwrites it.
   * @default 'none'
   */
  country: CountrySource
  /**
   * What is kept of a visitor's address: `'truncate'` its network (IPv4 `/24`, IPv6 `/48`), `'drop'` nothing.
   * @default 'truncate'
   */
  ip: 'truncate' | 'drop'
  /**
   * Takes each log line (a JSON object, redacted, without line end).
   * @default console.log
   */
  log: LogSink
  /**
   * Lines below this level are not written. Requests that went well are `debug`, refused ones `info`.
   * @default 'info'
   */
  logLevel: LogLevel
  /**
   * The page that explains the codes; each answer links to `<docs>#<code>`.
   * @default 'https://nunchi.dev/docs/errors'
   */
  docs: string
  /**
   * `false` says in a 500 what failed. Never on a public address.
   * @default true
   */
  production: boolean
  /**
   * Makes the collector's own requests (keys of visitors' tokens, a language model): to public addresses only. The
   * Node deployment gives one that also checks what a name resolves to.
   * @default guardedFetch()
   */
  fetch: GuardedFetch
  /**
   * Whether insights are written, and by which language model. `false`: there are no such routes, and nothing is called;
   * `{}`: from templates.
   * @default false
   */
  insights: InsightsOptions | false
  /**
   * Told of each ramp that this collector moved on, rolled back, paused or ended, after the commit: for notifications. At
   * most once; the audit log has all of them.
   * @default undefined
   */
  onRamp?: ((change: RampChange) => unknown) | undefined
  /**
   * The clock, in ms since the epoch.
   * @default Date.now
   */
  now: () => number
}

/** What `createCollector` takes besides `use`. */
export interface CollectorOptions extends Partial<Options> {
  /** The database. May be absent only where each `fetch(request, { storage })` brings its own (Workers). */
  storage?: Storage | undefined
}

/** Fills in the defaults. */
export function withDefaults(given: Partial<Options>): Options {
  const options: Options = {
    trustedProxies: 0,
    rateLimit: { key: { perSecond: 1000, burst: 5000 }, client: { perSecond: 50, burst: 500 } },
    bodyTimeoutMs: 10_000,
    maxInFlightBytes: 67_108_864,
    groupCommitMs: 4,
    keyCacheMs: 2_000,
    cache: undefined,
    cacheTimeoutMs: 100,
    recommendationsCacheMs: 300_000,
    storageTimeoutMs: 10_000,
    country: 'none',
    ip: 'truncate',
    log: (line) => console.log(line),
    logLevel: 'info',
    docs: defaultDocs,
    production: true,
    fetch: guardedFetch(),
    insights: false,
    now: Date.now,
  }
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) Object.assign(options, { [name]: value })
  return { ...options, keyCacheMs: Math.min(options.keyCacheMs, 2_000) }
}
