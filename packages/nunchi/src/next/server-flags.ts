/** `createServerFlags()`: the config of a server, and the visits that are decided by it. */
import { type Compiled, type Config, compile, type Extension } from '@nunchi/protocol'
import { sentenceReporter } from '../sentences.ts'
import { createConfigCache } from './config-cache.ts'
import { createListSource } from './list-source.ts'
import { attributesOf, createVisit, type Visit, type VisitOptions } from './visit.ts'

/** What `createServerFlags()` takes. */
export interface ServerFlagsOptions {
  /** The project's public key, `nk_pub_…`, as in the page. */
  key: string
  /** The collector's origin. */
  host: string
  /** Where the config is, such as a static file of the site. @default the collector's /v1/config */
  config?: string
  /** The name of the cookie that holds the visitor's id. @default 'nunchi_id' */
  cookie?: string
  /** How old the config may be before it is refreshed behind, in ms. @default 5000 */
  maxAge?: number
  /**
   * How long a server's first visit waits for the config, in ms, and each visit for its lists; after it fallbacks hold, and
   * the page asks for the lists. @default 1000
   */
  timeout?: number
  /** What to understand besides the core; give the page's `experiments` the same. */
  evaluator?: Extension
  /**
   * A server key with the scope `recommendations:read`, which asks for lists in place of `key`: without the limit of
   * requests from one address, and not as if all visitors were in the server's country. It never reaches the page.
   */
  serverKey?: string | undefined
  /** Asks for the config and lists. @default the global fetch */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** The clock, in ms since the epoch. @default Date.now */
  now?: () => number
}

/** Decides visits. */
export interface ServerFlags {
  /** Never rejects: without a config every fallback holds, and without an answer the page asks for its lists. */
  visit(options: VisitOptions): Promise<Visit>
}

const none: Config = { version: '', flags: {}, experiments: {} }

/**
 * Makes the flags of a server; one for all requests, since it keeps the config.
 *
 * @example
 * const flags = createServerFlags({ key: 'nk_pub_…', host: 'https://events.example.com' })
 * const { bootstrap } = await flags.visit({ cookies: await cookies(), headers: await headers() })
 */
export function createServerFlags({
  key,
  host,
  config: address = `${host?.replace(/\/+$/, '')}/v1/config?key=${encodeURIComponent(key)}`,
  cookie = 'nunchi_id',
  maxAge = 5000,
  timeout = 1000,
  evaluator,
  serverKey,
  fetch = (url, init) => globalThis.fetch(url, init),
  now = Date.now,
}: ServerFlagsOptions): ServerFlags {
  const report = sentenceReporter()
  const read = createConfigCache({ url: address, fetch, maxAge, timeout, now })
  const lists = createListSource({ key, host, serverKey, fetch, timeout, now, report })
  const nothing = compile(none)
  let compiled: Compiled = nothing
  let source: Config | undefined
  if (!key) report('options_key')
  if (!host) report('options_host')

  return {
    async visit(options) {
      const attributes = attributesOf(cookie, options)
      const { recommendations: query, headers } = options
      const visitor = { anonymousId: attributes['anonymousId'], userAgent: headers?.get('user-agent') }
      const [config, recommendations] = await Promise.all([read(), query && lists(query, visitor)])
      if (config && config !== source) {
        source = config
        compiled = compile(config, evaluator)
        if (compiled.unsupported.length) report('config_unsupported', compiled.unsupported)
      }
      const listed = recommendations && { recommendations, recommendationsQuery: query }
      const basis = { config, compiled, nothing, attributes, now: now(), report }
      return createVisit(basis, { cookie, ...listed })
    },
  }
}
