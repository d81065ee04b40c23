/** nunchi in tests: the real client on a world in memory, with nothing stored and nothing sent. */
import type { Event } from '@nunchi/protocol'
import { createClient } from './create-client.ts'
import type { Environment } from './environment.ts'
import { memoryStore } from './memory-store.ts'
import type { Options } from './options.ts'
import { openLocal } from './page/local.ts'
import type { Nunchi, Plugin } from './plugin.ts'
import type { Transport } from './transport/transport.ts'

/** What a test sees besides the client. */
export interface TestClient {
  /** Every event that was made, oldest first. */
  readonly events: Event[]
  /** Every problem that was reported: its code, and the detail beside it. */
  readonly problems: [code: string, detail: unknown][]
}

/** What a test may set. */
export interface TestOptions<Plugins extends readonly Plugin[]> extends Partial<Omit<Options, 'use'>> {
  /** Plugins, as in `createNunchi()`. */
  use?: Plugins
  /** Answers deliveries. @default acknowledges every batch */
  transport?: Transport
  /** Replaces parts of the world. */
  environment?: Partial<Environment>
}

/** Acknowledges every batch, as a healthy collector does. */
const acknowledge: Transport = async ({ body }) => {
  const { id, events } = JSON.parse(`${body}`) as { id: string; events: unknown[] }
  return {
    status: 202,
    body: { batch: id, accepted: events.length, duplicates: 0, rejected: [], now: Date.now() },
  }
}

/**
 * Makes a client for tests.
 *
 * @example
 * const nunchi = createTestClient()
 * addToCart(nunchi)
 * expect(nunchi.events.map(({ name }) => name)).toEqual(['Product Added'])
 */
export function createTestClient<const Plugins extends readonly Plugin[]>(
  options: TestOptions<Plugins> = {},
): Nunchi<Plugins> & TestClient {
  const events: Event[] = []
  const problems: TestClient['problems'] = []
  const local = openLocal('nunchi-test')
  local.persist(false)
  const environment: Environment = {
    present: true,
    local: { ...local, persist() {} },
    store: memoryStore(),
    send: options.transport ?? acknowledge,
    turn: () => ({ take: (work) => work(() => true), release() {} }),
    channel: () => ({ post() {}, open() {} }),
    beacon: () => false,
    context: () => ({}),
    page: () => undefined,
    idle: (work) => work(),
    watch: () => () => {},
    refused: () => false,
    ...options.environment,
  }
  const settings = { key: 'nk_pub_test', host: 'http://test.invalid', ...options } as Options<Plugins>
  const client = createClient(settings, environment, (code, detail) => problems.push([code, detail]))
  client.on((stage, detail) => {
    if (stage === 'event') events.push(detail as Event)
  })
  return Object.defineProperties(client, {
    events: { value: events },
    problems: { value: problems },
  }) as Nunchi<Plugins> & TestClient
}
