/** The handle that the provider passes down: reads without effect while rendering, and has the client made when it is needed. */
import type { ExperimentResult, Extension, FlagResult } from '@nunchi/protocol'
import type { Bootstrap } from '../bootstrap.ts'
import type { Report } from '../errors.ts'
import type { ExperimentsApi } from '../experiments/api.ts'
import type { RecommendationsApi } from '../recommendations/api.ts'
import type { AnyClient } from './client.ts'
import { createReading, type Reading } from './reading.ts'

/** What a handle is made of. */
export interface HandleOptions {
  /** Gives the client: made on the first call, the same on each. */
  make(): AnyClient
  /** Whether the client is there already, whoever renders. */
  there?: boolean
  bootstrap?: Bootstrap | undefined
  evaluator?: Extension | undefined
  report: Report
}

/** What hooks work with. */
export interface Handle extends Reading {
  /** What the server has rendered, and the page's first render repeats. */
  server: Reading & { loading: boolean }
  /** The client; for effects and handlers, since it begins to work by being made. */
  client(): AnyClient
  /** Its flags and experiments, where it has them. */
  api(): ExperimentsApi | undefined
  /** Its recommendations, where it has them; the client is there already, or it says so by `needed`. */
  recommendations(needed?: boolean): RecommendationsApi | undefined
  /** What the server handed over. */
  bootstrap: Bootstrap | undefined
  /** Whether a config is still awaited. */
  loading(): boolean
  /** Resolves once it is not. */
  ready(): Promise<unknown>
  /** Hears of every change; as `useSyncExternalStore` asks for it. */
  subscribe(listener: () => void): () => void
}

/** Makes a handle; nothing happens before its client is asked for. */
export function createHandle({ make, there, bootstrap, evaluator, report }: HandleOptions): Handle {
  const reading = createReading(bootstrap, evaluator, (error) => report('plugin_failed', error))
  const server = { ...reading, loading: !bootstrap?.config }
  let client: AnyClient | undefined
  let ready: Promise<unknown> | undefined
  const api = (): ExperimentsApi | undefined => {
    const { experiments } = handle.client()
    if (!experiments) report('option_invalid', '<NunchiProvider client>: a client without experiments()')
    return experiments
  }
  /** What is in force: without a client yet, what the server said. */
  const live = (): Reading => (client || there ? api() : undefined) ?? server
  const same = createSame()
  let seeded = false

  const handle: Handle = {
    server,
    client() {
      client ??= make()
      return client
    },
    api,
    bootstrap,
    recommendations(needed) {
      if (!(needed || client || there)) return
      const { recommendations, anonymousId: mine } = handle.client()
      if (!seeded) {
        seeded = true
        const { anonymousId = mine } = Object(bootstrap?.attributes)
        // A page that was kept for one visitor and shown to another brings lists that are not this one's.
        if (anonymousId === mine)
          recommendations?.seed(bootstrap?.recommendations, bootstrap?.recommendationsQuery)
        if (!recommendations)
          report('option_invalid', 'useRecommendations(): a client without recommendations()')
      }
      return recommendations
    },
    inspectFlag: (key) => same(`f${key}`, live().inspectFlag(key), server.inspectFlag(key)),
    inspectExperiment: (key) => same(`e${key}`, live().inspectExperiment(key), server.inspectExperiment(key)),
    loading: () => (client || there ? !!api()?.loading : server.loading),
    ready() {
      // Not at once: a render that asks for it may never be shown.
      ready ??= Promise.resolve().then(() => api()?.ready)
      return ready
    },
    subscribe: (listener) => api()?.onChange(listener) ?? (() => {}),
  }
  return handle
}

/** Makes what keeps an object for as long as its content is the same: what was rendered by it is not rendered again. */
function createSame() {
  const last = new Map<string, FlagResult | ExperimentResult>()
  return <Result extends FlagResult | ExperimentResult>(name: string, now: Result, first: Result): Result => {
    const before = (last.get(name) ?? first) as Result
    const result = before === now || JSON.stringify(before) === JSON.stringify(now) ? before : now
    last.set(name, result)
    return result
  }
}
