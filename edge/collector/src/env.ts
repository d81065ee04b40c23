/** What routes and middleware share: the services of one collector, and the facts about one request. */
import type { Json } from '@nunchi/protocol'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import type { Visitor } from './auth/verifier.ts'
import type { Configs } from './cache/configs.ts'
import type { FoundKey, Keys } from './cache/keys.ts'
import type { Caches } from './caches.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Options } from './options.ts'
import type { Storage } from './storage/storage.ts'
import type { TokenBuckets } from './token-bucket.ts'

/** What the runtime knows about a request and the request itself does not say. */
export interface Surroundings {
  /** The address that the connection came from. Where it is absent, clients are not limited by address. */
  remoteAddress?: string | undefined
  /** The body's bytes, where the runtime reads them more cheaply than by `request.body`. */
  body?: AsyncIterable<Uint8Array> | undefined
  /** The database for this request alone, where clients may not outlive one (Workers). */
  storage?: Storage | undefined
}

/** What the middleware found out about a request. */
export interface Facts {
  requestId: string
  /** When the request arrived, in ms since the epoch. */
  receivedAt: number
  storage: Storage
  /** What limits count the client as; empty where the runtime does not tell its address. */
  client: string
  /** The client's whole address, empty where the runtime does not tell it. Neither logged nor stored. */
  address: string
  /** The verified key; set by the guard. */
  key: FoundKey
  /** SHA-256 of the key, hex. */
  keyHash: string
  /** Whose verified token came along; absent where none did. */
  visitor?: Visitor
  /** The body as text; set by the body reader. */
  body: string
  /** The body's size in bytes of UTF-8. */
  bodyBytes: number
  /** The body as JSON, on routes that may find their key in it. */
  payload: Json
  /** The problem's code, for the log. */
  code: string
}

/** Hono's environment. */
export interface Env {
  Bindings: Surroundings
  Variables: Facts
}

/** The Hono app. */
export type App = Hono<Env>
/** One request within the app. */
export type RequestContext = Context<Env>
/** A middleware of the app. */
export type Middleware = MiddlewareHandler<Env>

/** What one collector has for all its requests. */
export interface Services {
  options: Options
  log: Log
  metrics: Metrics
  /** What is remembered, for this instance or for all. */
  caches: Caches
  keys: Keys
  configs: Configs
  buckets: TokenBuckets
  state: {
    /** Set when the collector is about to stop: not ready for new work, still finishing the old. */
    draining: boolean
    /** Requests being answered. */
    inFlight: number
    /** Bytes of bodies in memory. */
    inFlightBytes: number
    /** Whether the event loop stood still a moment ago. */
    stalled(): boolean
    /** When the database last failed to store a batch, in ms since the epoch; undefined once one was stored again. */
    failedAt?: number | undefined
  }
  /** What `make` makes, made once: what several routes share. */
  once<Result>(make: (services: Services) => Result): Result
  /** The storage that outlives requests, where there is one. */
  storage: Storage | undefined
  /** Runs `task` when the collector begins to drain: what would wait for ever ends now. */
  onDrain(task: () => void): void
  /** Calls `listener` after each commit of events by the storage that outlives requests. */
  onCommit(listener: () => void): void
  /** Tells them. */
  committed(): void
  /** Runs `task` when the collector closes. */
  onClose(task: () => void | Promise<void>): void
}

/** A piece of the collector: adds its routes to the app. `events()`, `health()` and `metrics()` make one each. */
export type Use = (app: App, services: Services) => void
