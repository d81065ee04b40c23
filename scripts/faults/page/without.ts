/** The browser's environment with one protection taken out: what controls are played with. */
import type { Environment } from '../../../packages/nunchi/src/environment.ts'
import { memoryStore } from '../../../packages/nunchi/src/memory-store.ts'
import { fetchTransport } from '../../../packages/nunchi/src/transport/fetch.ts'
import { gzip } from '../../../packages/nunchi/src/transport/gzip.ts'
import { offline } from '../../../packages/nunchi/src/transport/offline.ts'
import { retry } from '../../../packages/nunchi/src/transport/retry.ts'
import type { Transport } from '../../../packages/nunchi/src/transport/transport.ts'
import type { PageWithout } from './face.ts'

type Weaken = (environment: Environment) => Partial<Environment>

interface Sent {
  id: string
  events: { userId?: string; anonymousId?: string }[]
}

const batchOf = (body: Parameters<Transport>[0]['body']): Sent => JSON.parse(body as string) as Sent

const variants: Record<PageWithout, Weaken> = {
  // No write-ahead: events live and die with their page.
  disk: () => ({ store: memoryStore() }),
  // No lock: every tab sends whenever it likes.
  lock: () => ({ turn: () => ({ take: (work) => work(() => true), release() {} }) }),
  // Forgets what it has sent, whatever the answer.
  ack: ({ send }) => ({
    async send(delivery) {
      await send(delivery)
      return { status: 202, body: { batch: batchOf(delivery.body).id } }
    },
  }),
  // Tries again when it likes; no tab knows of another's failure.
  backoff: () => ({
    async send(delivery) {
      const { status, body } = await gzip(fetchTransport())(delivery)
      return { status, ...(body && { body }), wait: 100 }
    },
  }),
  // Waits for an answer as long as it takes.
  timeout: ({ local }) => ({ send: offline(retry(gzip(fetchTransport(600_000)), local)) }),
  // Takes every refusal for a failure that will pass.
  verdicts: ({ send }) => ({
    async send(delivery) {
      const reply = await send(delivery)
      return reply.status === 400 || reply.status === 413 ? { status: 503, wait: 500 } : reply
    },
  }),
  // Refusal of consent leaves everything where it is.
  wipe: ({ store, local }) => ({
    store: { ...store, clear: async () => {} },
    local: { ...local, clear() {} },
  }),
  // A request under way goes on, whatever the visitor says meanwhile.
  abort: ({ send }) => ({ send: ({ signal: _, ...delivery }) => send(delivery) }),
  // An event says who the visitor is when it is sent, not who it was when it happened.
  'own-identity': ({ send, local }) => ({
    send(delivery) {
      const batch = batchOf(delivery.body)
      const now = local.get<{ anonymousId: string; userId?: string }>('id')
      const events = batch.events.map(({ userId: _, ...event }) => ({ ...event, ...now }))
      return send({ ...delivery, body: JSON.stringify({ ...batch, events }) })
    },
  }),
  // A store that says it has written, and memory that believes it.
  memory: ({ store }) => ({ store: { ...store, add: async () => {}, oldest: async () => [] } }),
  // All events are alike when the device is full.
  keep: ({ store }) => ({
    store: { ...store, add: (entries) => store.add(entries.map((entry) => ({ ...entry, keep: false }))) },
  }),
  // Takes what another version has written for rubbish.
  unknown: ({ store }) => ({
    store: {
      ...store,
      async oldest(count, after) {
        const entries = await store.oldest(count, after)
        await store.remove(entries.filter(({ json }) => !json).map(({ id }) => id))
        return entries
      },
    },
  }),
}

/** The environment without `name`. */
export function weakened(environment: Environment, name: PageWithout): Environment {
  return { ...environment, ...variants[name](environment) }
}
