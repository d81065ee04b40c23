/** What the collector's tests stand on: a database in memory that behaves as the SQL does, and requests to send. */
import { type Batch, type Config, createKey, type Event, type ProblemBody, uuidv7 } from '@nunchi/protocol'
import type { FoundKey } from '../src/cache/keys.ts'
import {
  type Collector,
  type CollectorOptions,
  createCollector,
  everything,
  type Storage,
  type Use,
} from '../src/index.ts'
import { sha256Hex } from '../src/sha256.ts'
import type { CheckedBatch } from '../src/sink/sink.ts'

const id = uuidv7()

/** A new id. */
export const newId = (): string => id()

/** An event that nothing is wrong with. */
export function someEvent(more: object = {}): Event {
  return {
    id: id(),
    type: 'track',
    name: 'Product Added',
    ts: Date.now(),
    tab: 't1',
    seq: 0,
    anonymousId: 'a1',
    sessionId: 's1',
    sdk: 'nunchi/0.1.0',
    page: { url: 'https://shop.example/tea', title: '차' },
    properties: { price: 12.5 },
    ...more,
  } as Event
}

/** A batch that nothing is wrong with. */
export function someBatch(events: unknown[] = [someEvent()], more: object = {}): Batch {
  return { id: id(), sentAt: Date.now(), context: { locale: 'ko-KR' }, events, ...more } as Batch
}

type IngestArgs = { batches: (Omit<CheckedBatch, 'id'> & { batch: string })[] }

/** A database in memory, and what happened to it. */
export interface MemoryDatabase {
  storage: Storage
  /** The stored events, by project and id. */
  rows: Map<string, Event>
  /** What `ingest` was given, batch by batch. */
  batches: IngestArgs['batches']
  /** The names of the functions called. */
  calls: string[]
  /** What every call throws, what `ingest` alone throws, what every call waits for first, and the config in force. */
  state: {
    fail?: unknown
    failIngest?: unknown
    wait?: Promise<void>
    config?: { number: number; version: string; config: Config }
  }
  /** Makes a key in force. */
  addKey(more?: Partial<FoundKey>): Promise<string>
  revoke(key: string): Promise<void>
}

/** Makes an empty one. */
export function memoryDatabase(): MemoryDatabase {
  const keys = new Map<string, FoundKey>()
  const rows = new Map<string, Event>()
  const batches: IngestArgs['batches'] = []
  const calls: string[] = []
  const state: MemoryDatabase['state'] = {}

  function ingest(args: IngestArgs) {
    return {
      batches: args.batches.map((one) => {
        const key = keys.get(one.keyHash)
        if (!key) return { batch: one.batch, error: 'key_unknown' }
        batches.push(one)
        let accepted = 0
        for (const event of one.events) {
          const row = `${key.projectId} ${event.id}`
          if (!rows.has(row)) accepted++
          if (!rows.has(row)) rows.set(row, event)
        }
        return { batch: one.batch, accepted, duplicates: one.events.length - accepted, rejected: [] }
      }),
    }
  }

  const published = (known: string | null) => {
    const { number, version, config } = state.config ?? { number: 0, version: null, config: null }
    return version !== null && version === known ? { number, version } : { number, version, config }
  }

  const storage: Storage = {
    async call<Result>(fn: string, args: unknown): Promise<Result> {
      // The worker's, which looks by itself and finds nothing.
      if (fn === 'process')
        return { rows: 0, events: 0, failed: 0, dead: 0, more: false, next: 500, waits: [] } as Result
      if (fn === 'prepare_results') return { steps: 0, more: false } as Result
      if (fn === 'queue_state') return { waiting: 0, oldestMs: 0, dead: 0 } as Result
      if (fn === 'claim_ramps') return [] as Result
      if (fn === 'refresh_recommendations') return { items: 0, actors: 0, more: false } as Result
      calls.push(fn)
      if (state.wait) await state.wait
      if (state.fail) throw state.fail
      if (state.failIngest && fn === 'ingest') throw state.failIngest
      const wire = JSON.parse(JSON.stringify(args)) as IngestArgs & {
        hash: string
        keyHash: string
        known: string | null
      }
      if (fn === 'find_key') return (keys.get(wire.hash) ?? null) as Result
      if (fn === 'config') return (keys.has(wire.keyHash) ? published(wire.known) : null) as Result
      if (fn === 'health') return { ok: true, version: 2, queue: 0 } as Result
      return ingest(wire) as Result
    },
    async close() {},
  }

  return {
    storage,
    rows,
    batches,
    calls,
    state,
    async addKey(more = {}) {
      const kind = more.kind ?? 'pub'
      const key = createKey(kind)
      const keyId = `key ${keys.size}`
      keys.set(await sha256Hex(key), {
        keyId,
        projectId: 'p1',
        projectName: 'Shop',
        environment: 'production',
        kind,
        scopes: [],
        origins: [],
        rateLimit: null,
        internal: false,
        ...more,
      })
      return key
    },
    async revoke(key) {
      keys.delete(await sha256Hex(key))
    },
  }
}

/** One line of the log, read. */
export type LogLine = { level: string; message: string; [field: string]: unknown }

/** A collector over a database in memory. */
export interface Rig extends MemoryDatabase {
  collector: Collector
  /** A public key in force. */
  key: string
  lines: string[]
  log(): LogLine[]
  /** Sends to the events route; `from` is the connection's address. */
  post(
    body: RequestInit['body'] | object,
    init?: { key?: string; query?: string; headers?: Record<string, string>; from?: string | undefined },
  ): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
}

/** Makes one. */
export async function rig(options: CollectorOptions & { use?: Use[] } = {}): Promise<Rig> {
  const database = memoryDatabase()
  const lines: string[] = []
  const collector: Collector = createCollector({
    storage: database.storage,
    use: everything({ script: { source: 'window.nunchi = 1' } }),
    groupCommitMs: 1,
    logLevel: 'debug',
    log: (line) => lines.push(line),
    ...options,
  })
  const key = await database.addKey()
  return {
    ...database,
    collector,
    key,
    lines,
    log: () => lines.map((line) => JSON.parse(line) as LogLine),
    post(body, init = {}) {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
      const query = `key=${init.key ?? key}${init.query ? `&${init.query}` : ''}`
      const request = new Request(`https://collector.example/v1/events?${query}`, {
        method: 'POST',
        headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0', ...init.headers },
        body: isRaw ? (body as string) : JSON.stringify(body),
        duplex: 'half',
      } as RequestInit)
      return collector.fetch(request, { remoteAddress: 'from' in init ? init.from : '203.0.113.7' })
    },
    get: (path, headers = {}) =>
      collector.fetch(new Request(`https://collector.example${path}`, { headers }), {
        remoteAddress: '203.0.113.7',
      }),
  }
}

/** The problem that an answer carries. */
export async function problemOf(response: Response): Promise<ProblemBody> {
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json')
    throw new Error(`${response.status} ${type}: ${await response.text()}`)
  return (await response.json()) as ProblemBody
}
