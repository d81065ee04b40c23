/** The two worlds that scenarios are played in: each provider in its real SDK, over a collector that can be lost. */
import { randomUUID } from 'node:crypto'
import { OpenFeature as Server } from '@openfeature/server-sdk'
import { OpenFeature as Web } from '@openfeature/web-sdk'
import { nunchiProvider } from '../../src/openfeature/index.ts'
import { nunchiServerProvider } from '../../src/openfeature-server/index.ts'
import { experiments } from '../../src/plugins/experiments.ts'
import { createTestClient } from '../../src/testing.ts'
import { canonical } from './flags.ts'

/** What an evaluation gives. */
export interface Details {
  value: unknown
  reason?: string
  variant?: string
  errorCode?: string
  errorMessage?: string
}

/** What a scenario does with a provider. */
export interface World {
  name: string
  evaluate(kind: string, key: string, fallback: unknown, context: object): Promise<Details>
  on(event: string, handler: (told?: { flagsChanged?: string[] }) => void): void
  status(): string
  change(): void
  lose(): void
  restore(): void
  close(): Promise<void>
}

/** A collector in memory. */
function collector(reachable: boolean) {
  let [version, there] = [1, reachable]
  return {
    set: (next: boolean) => {
      there = next
    },
    change: () => {
      version++
    },
    fetch: async () => {
      if (!there) throw new TypeError('not reached')
      return Response.json(canonical(`v${version}`))
    },
  }
}

const refresh = 20
const method = (kind: string) =>
  `get${kind === 'Integer' || kind === 'Float' ? 'Number' : kind}Details` as 'getStringDetails'

/** A page in which everything that it asks for is there. */
function openPage(fetch: () => Promise<Response>): EventTarget {
  const page = new EventTarget()
  Object.assign(globalThis, {
    fetch,
    document: { visibilityState: 'visible' },
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
  return page
}

/** The page's provider. */
export async function webWorld(reachable: boolean): Promise<World> {
  const server = collector(reachable)
  const page = openPage(server.fetch)
  const client = createTestClient({
    use: [experiments({ stream: false, refresh, timeout: 200, link: false })],
  })
  const domain = randomUUID()
  Web.setProvider(domain, nunchiProvider(client))
  const flags = Web.getClient(domain)
  return {
    name: flags.metadata.providerMetadata.name,
    async evaluate(kind, key, fallback, context) {
      await Web.setContext(domain, context as never)
      return flags[method(kind)](key, fallback as never) as Details
    },
    on: (event, handler) => flags.addHandler(event as never, handler as never),
    status: () => flags.providerStatus,
    change: server.change,
    lose() {
      server.set(false)
      page.dispatchEvent(new Event('offline'))
    },
    restore() {
      server.set(true)
      page.dispatchEvent(new Event('online'))
    },
    async close() {
      await Web.clearProviders()
      await Web.clearContexts()
      await client.close()
    },
  }
}

/** The server's provider. */
export async function serverWorld(reachable: boolean): Promise<World> {
  const server = collector(reachable)
  const domain = randomUUID()
  Server.setProvider(
    domain,
    nunchiServerProvider({
      key: 'nk_pub_test',
      host: 'https://e.example',
      refresh,
      timeout: 200,
      fetch: server.fetch,
    }),
  )
  const flags = Server.getClient(domain)
  return {
    name: flags.metadata.providerMetadata.name,
    evaluate: async (kind, key, fallback, context) =>
      (await flags[method(kind)](key, fallback as never, context as never)) as Details,
    on: (event, handler) => flags.addHandler(event as never, handler as never),
    status: () => flags.providerStatus,
    change: server.change,
    lose: () => server.set(false),
    restore: () => server.set(true),
    close: () => Server.clearProviders(),
  }
}
