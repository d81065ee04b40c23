/** nunchi on a server: events from Node, Deno, Bun and workers, with the browser's promises. */
import {
  type Event,
  type EventType,
  type JsonObject,
  maxEventBytes,
  maxNameLength,
  uuidv7,
} from '@nunchi/protocol'
import { createHooks } from './hooks.ts'
import { memoryStore } from './memory-store.ts'
import { openLocal } from './page/local.ts'
import { createQueue, type Pending } from './queue.ts'
import type { Saved } from './saver.ts'
import { sentenceReporter } from './sentences.ts'
import { serialize } from './serialize.ts'
import { type SignUserOptions, signUser, type UserTokenAlgorithm } from './sign-user.ts'
import type { Entry, Store } from './store.ts'
import { fetchTransport } from './transport/fetch.ts'
import { retry } from './transport/retry.ts'
import type { Transport } from './transport/transport.ts'
import { sdk } from './version.ts'

export type { Entry, Pending, Saved, SignUserOptions, Store, Transport, UserTokenAlgorithm }
export { memoryStore, signUser }

/** What `createNunchiServer()` takes. */
export interface ServerOptions {
  /** A server key, `nk_srv_…`, with the scope `events:write`. */
  key: string
  /** The collector's origin. */
  host: string
  /** Where events wait for the collector: a store of yours keeps them over a restart. @default memory */
  store?: Store
  /** @default '/v1/events' */
  path?: string
  /** How long an event waits for company, in ms. @default 200 */
  flushInterval?: number
  /** So many waiting events are sent without more delay. @default 100 */
  flushAt?: number
  /** Delivers a batch. @default fetch with retries */
  transport?: Transport
  /** The clock, in ms since the epoch. @default Date.now */
  now?: () => number
}

/** Whom an event is about; at least one of the two ids. */
export interface Visitor {
  userId?: string
  anonymousId?: string
  sessionId?: string
  /** When it happened, in ms since the epoch. @default now */
  timestamp?: number
}

type Traits = { properties?: Record<string, unknown> }

/** Sends events from a server; no method throws. */
export interface NunchiServer {
  /** Resolves once the event is in the store: `durable` where that store is yours, not memory. */
  track(event: Visitor & Traits & { name: string }): Promise<Saved>
  identify(event: Visitor & Traits & { userId: string }): Promise<Saved>
  page(
    event: Visitor & Traits & { name: string; url: string; referrer?: string; title?: string },
  ): Promise<Saved>
  group(event: Visitor & Traits & { groupId: string }): Promise<Saved>
  alias(event: { userId: string; previousId: string; timestamp?: number }): Promise<Saved>
  /** Tries once to deliver everything. */
  flush(): Promise<Pending>
  /**
   * Delivers what is left, with retries, for at most `timeout` ms; call it before the process ends.
   *
   * @param timeout in ms, 10,000 where it is not given
   */
  close(timeout?: number): Promise<Pending>
}

/** Makes a server's client. */
export function createNunchiServer(options: ServerOptions): NunchiServer {
  const {
    key,
    host,
    store = memoryStore(),
    path = '/v1/events',
    flushInterval = 200,
    flushAt = 100,
    now = Date.now,
  } = options
  const durable = !!options.store
  const report = sentenceReporter()
  const newId = uuidv7(now)
  const tab = newId().slice(-12)
  const local = openLocal('nunchi')
  local.persist(false)
  let seq = 0
  const queue = createQueue({
    url: `${host}${path}?sdk=server`,
    tab,
    store,
    local,
    turn: { take: (work) => work(() => true), release() {} },
    send: options.transport ?? retry(fetchTransport(20_000, { authorization: `Bearer ${key}` }), local),
    beacon: () => false,
    context: () => ({}),
    id: newId,
    now,
    emit: createHooks(report).emit,
    tell() {},
    idle: (work) => work(),
    flushInterval,
    flushAt,
  })
  if (!key) report('options_key')
  if (!host) report('options_host')
  // What an earlier process has left in a store of yours goes out now.
  if (durable) queue.show()

  const record = async (
    type: EventType,
    name: string,
    fields: Visitor & Traits & Pick<Partial<Event>, 'page' | 'groupId' | 'previousId'>,
  ): Promise<Saved> => {
    const { timestamp, properties, ...rest } = fields
    const event: Event = {
      id: newId(),
      type,
      name: `${name}`.slice(0, maxNameLength),
      ts: timestamp ?? now(),
      tab,
      seq: seq++,
      sdk: `${sdk} server`,
      ...rest,
      ...(properties && { properties: properties as JsonObject }),
    }
    try {
      const json = serialize(event)
      const size = new TextEncoder().encode(json).length
      if (size <= maxEventBytes) {
        const saved = await queue.push({ id: event.id, json, size, keep: !/^(track|page)$/.test(type) })
        return { durable: durable && saved.durable }
      }
      queue.drop('event_too_large', [event.id])
    } catch {
      queue.drop('event_unserializable', [event.id])
    }
    return { durable: false }
  }

  return {
    track: ({ name, ...event }) => record('track', name, event),
    identify: (event) => record('identify', 'identify', event),
    page: ({ name, url, referrer, title, ...event }) =>
      record('page', name, {
        ...event,
        page: { url, ...(referrer && { referrer }), ...(title && { title }) },
      }),
    group: (event) => record('group', 'group', event),
    alias: (event) => record('alias', 'alias', event),
    flush: queue.flush,
    async close(timeout = 10_000) {
      const end = Date.now() + timeout
      let left = await queue.flush()
      while (left.pending && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        left = await queue.flush()
      }
      queue.stop()
      return left
    },
  }
}
