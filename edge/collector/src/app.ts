/** The collector: services, middleware and the routes it was given, as one fetch function. */
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { configCache } from './cache/configs.ts'
import { keyCache } from './cache/keys.ts'
import { createCaches } from './caches.ts'
import type { App, Env, RequestContext, Services, Surroundings, Use } from './env.ts'
import { createLog, describeError, type LogSink } from './log.ts'
import { createMetrics } from './metrics.ts'
import { request } from './middleware/request.ts'
import { type CollectorOptions, type Options, withDefaults } from './options.ts'
import { allowOrigin } from './origin.ts'
import { Problem, problemBody } from './problem.ts'
import { watchStalls } from './stall.ts'
import type { Storage } from './storage/storage.ts'
import { tokenBuckets } from './token-bucket.ts'

/** A collector that runs wherever `fetch` does. */
export interface Collector {
  /** The Hono app; mount it, or add routes of your own. */
  app: App
  /** Answers a request. Never rejects. */
  fetch(request: Request, surroundings?: Surroundings): Promise<Response>
  /** Says by `/health/ready` that no more work should come; what comes is still done. */
  drain(): void
  /** Drains, and waits until what was accepted is committed. The storage stays open: close it afterwards. */
  close(): Promise<void>
}

function createServices(options: Options, storage: Storage | undefined) {
  const { now, keyCacheMs, storageTimeoutMs, groupCommitMs } = options
  const tasks: (() => void | Promise<void>)[] = []
  const listeners: (() => void)[] = []
  const made = new Map<unknown, unknown>()
  const drains: (() => void)[] = []
  // A runtime without group commit lives for one request and may not start timers of its own.
  const watch = groupCommitMs > 0 ? watchStalls(now) : undefined
  if (watch) tasks.push(watch.stop)
  const metrics = createMetrics()
  const lines = metrics.counter('nunchi_log_lines_total', 'Lines written to the log, by level.', 'level')
  lines.add(0, 'error')
  const sink: LogSink = (line, level) => {
    lines.add(1, level)
    options.log(line, level)
  }
  const log = createLog(sink, options.logLevel, now)
  const caches = createCaches({ shared: options.cache, timeoutMs: options.cacheTimeoutMs, metrics, log, now })
  const services: Services = {
    options,
    storage,
    log,
    metrics,
    caches,
    keys: keyCache({
      ttlMs: keyCacheMs,
      timeoutMs: storageTimeoutMs,
      now,
      shared: caches.sharedOf('keys'),
      onLookUp: (hit) => caches.count('keys', hit),
    }),
    configs: configCache({
      shared: caches.sharedOf('config'),
      onLookUp: (hit) => caches.count('config', hit),
      ttlMs: keyCacheMs,
      timeoutMs: storageTimeoutMs,
      now,
      onFailure: (error) =>
        log.warn('the config could not be read; the last one stays', { error: describeError(error) }),
    }),
    buckets: tokenBuckets(now),
    once(make) {
      if (!made.has(make)) made.set(make, make(services))
      return made.get(make) as ReturnType<typeof make>
    },
    state: { draining: false, inFlight: 0, inFlightBytes: 0, stalled: () => watch?.stalled() ?? false },
    onDrain: (task) => drains.push(task),
    onCommit: (listener) => listeners.push(listener),
    committed() {
      for (const listener of listeners) listener()
    },
    onClose: (task) => tasks.push(task),
  }
  const drain = () => {
    services.state.draining = true
    for (const task of drains.splice(0)) task()
  }
  return { services, tasks, drain }
}

/** Whatever was thrown, as a problem that says nothing of our insides. */
function asProblem(error: unknown, production: boolean): Problem {
  if (error instanceof Problem) return error
  return new Problem(
    'internal',
    production ? { cause: error } : { cause: error, detail: describeError(error) },
  )
}

function answer(c: RequestContext, problem: Problem, docs: string): Response {
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value)
  if (problem.retryAfter !== undefined) c.header('Retry-After', String(Math.ceil(problem.retryAfter)))
  const text = JSON.stringify(problemBody(problem, c.get('requestId'), docs))
  return c.body(text, problem.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  })
}

/**
 * Makes a collector.
 *
 * @example createCollector({ storage: postgres(sql), use: everything() })
 */
export function createCollector(given: CollectorOptions & { use: Use[] }): Collector {
  const { storage, use, ...rest } = given
  const { services, tasks, drain } = createServices(withDefaults(rest), storage)
  const { options, log } = services
  const app: App = new Hono<Env>()

  app.use('*', request(services))
  app.use('*', (c, next) => {
    const ours = c.env?.storage ?? storage
    if (!ours)
      throw new Error('No storage: give createCollector({ storage }) or fetch(request, { storage }) one.')
    c.set('storage', ours)
    return next()
  })
  for (const add of use) add(app, services)

  app.notFound((c) => {
    const origin = c.req.header('origin')
    if (origin !== undefined) allowOrigin(c, origin)
    c.header('Vary', 'Origin')
    c.set('code', 'not_found')
    return answer(c, new Problem('not_found'), options.docs)
  })
  app.onError((error, c) => {
    const problem = asProblem(error, options.production)
    c.set('code', problem.code)
    if (problem.status >= 500 && problem.cause !== undefined)
      log[problem.status === 503 ? 'warn' : 'error'](problem.code, {
        requestId: c.get('requestId'),
        error: describeError(problem.cause),
      })
    return answer(c, problem, options.docs)
  })

  return {
    app,
    fetch: async (req, surroundings = {}) => app.fetch(req, surroundings),
    drain,
    async close() {
      drain()
      for (const task of tasks.splice(0)) await task()
    },
  }
}
