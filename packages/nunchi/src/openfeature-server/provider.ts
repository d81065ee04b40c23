/** The provider for OpenFeature's server SDK: no request stands between a question and its answer. */
import {
  type Compiled,
  type Config,
  compile,
  type ExperimentResult,
  evaluateFlag,
  fullEvaluator,
  type JsonObject,
} from '@nunchi/protocol'
import type { EvaluationContext, Provider, ResolutionDetails } from '@openfeature/server-sdk'
import { attributesOf, type TargetingKeyAs } from '../openfeature/context.ts'
import { createEmitter } from '../openfeature/emitter.ts'
import { type Kind, resolutionOf } from '../openfeature/resolution.ts'
import { trackedOf } from '../openfeature/tracked.ts'
import type { NunchiServer } from '../server.ts'
import { changedFlags } from './changed-flags.ts'
import { createConfigFeed } from './config-feed.ts'
import { createExposing, visitorOf } from './exposing.ts'

/** What `nunchiServerProvider()` takes. */
export interface NunchiServerProviderOptions {
  /** The project's public key, or a server key with the scope `config:read`. */
  key: string
  /** The collector's origin. */
  host: string
  /** Where the config is, such as a file of your own. @default the collector's /v1/config */
  config?: string
  /** How often the config is asked for, in ms. @default 5000 */
  refresh?: number
  /** How long the start waits for a config, in ms; without one the provider begins in error, and gets ready later. @default 5000 */
  timeout?: number
  /** Which attribute the context's `targetingKey` is, unless the context names that one itself. @default 'anonymousId' */
  targetingKey?: TargetingKeyAs
  /** Records exposures and `track()`; without it nothing is recorded. It stays yours to close. */
  events?: Pick<NunchiServer, 'track'>
  /** Asks for the config. @default the global fetch */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
}

const none: Config = { version: '', flags: {}, experiments: {} }

/** A public key may stand in an address; a server key never does. */
function way({ key, host, config }: NunchiServerProviderOptions) {
  const url = config ?? `${host.replace(/\/+$/, '')}/v1/config`
  if (config) return { url, headers: {} }
  if (key.startsWith('nk_srv_')) return { url, headers: { authorization: `Bearer ${key}` } }
  return { url: `${url}?key=${encodeURIComponent(key)}`, headers: {} }
}

/** The config in force, and what OpenFeature hears of it. */
function createSource(options: NunchiServerProviderOptions, events: ReturnType<typeof createEmitter>) {
  const { refresh = 5000, timeout = 5000, fetch = (url, init) => globalThis.fetch(url, init) } = options
  const state = { config: undefined as Config | undefined, compiled: compile(none) as Compiled }
  let failure: string | undefined
  let told: 'nothing' | 'ready' | 'stale' | 'error' = 'nothing'
  const feed = createConfigFeed({
    ...way(options),
    refresh,
    fetch,
    take(config) {
      const before = state.config
      if (config.version === before?.version) return
      Object.assign(state, { config, compiled: compile(config, fullEvaluator) })
      const flagsChanged = before ? changedFlags(before, config) : []
      if (flagsChanged.length) events.emit('PROVIDER_CONFIGURATION_CHANGED', { flagsChanged })
    },
    asked(why) {
      failure = why
      if (told === 'ready' && why) {
        told = 'stale'
        events.emit('PROVIDER_STALE', { message: why })
      } else if (told !== 'nothing' && told !== 'ready' && !why) {
        told = 'ready'
        events.emit('PROVIDER_READY')
      }
    },
  })
  return Object.assign(state, {
    async start() {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeout)
      })
      await Promise.race([feed.start(), late])
      clearTimeout(timer)
      told = state.config ? 'ready' : 'error'
      if (!state.config) throw new Error(`nunchi: ${failure ?? `no config came within ${timeout} ms.`}`)
    },
    stop() {
      feed.stop()
      told = 'nothing'
    },
  })
}

/**
 * Makes the provider; one for the process, since it keeps the config. It evaluates all that a config may say.
 *
 * @example
 * await OpenFeature.setProviderAndWait(nunchiServerProvider({ key: 'nk_pub_…', host: 'https://events.example.com' }))
 */
export function nunchiServerProvider(options: NunchiServerProviderOptions): Provider {
  const { targetingKey = 'anonymousId', events: recorder } = options
  const events = createEmitter()
  const source = createSource(options, events)
  const expose = recorder && createExposing(recorder)
  const evaluate = (key: string, attributes: JsonObject, assignments: ExperimentResult[]) => {
    const { url } = attributes
    const visit = { assignments, ...(typeof url === 'string' && { url }) }
    return evaluateFlag(source.compiled, key, attributes, visit)
  }
  const resolve =
    (kind: Kind) =>
    async (key: string, fallback: unknown, context: EvaluationContext): Promise<ResolutionDetails<never>> => {
      const { config } = source
      const attributes = attributesOf(context, targetingKey)
      const seen: ExperimentResult[] = []
      const result = evaluate(key, attributes, seen)
      const resolution = resolutionOf(result, {
        key,
        kind,
        fallback: fallback as never,
        flag: config?.flags[key],
        version: config?.version,
      })
      if (!resolution.errorCode) expose?.(seen, result, attributes, `${config?.version}`)
      return resolution as ResolutionDetails<never>
    }
  return {
    metadata: { name: 'nunchi' },
    runsOn: 'server',
    events: events as unknown as NonNullable<Provider['events']>,
    initialize: source.start,
    resolveBooleanEvaluation: resolve('boolean'),
    resolveStringEvaluation: resolve('string'),
    resolveNumberEvaluation: resolve('number'),
    resolveObjectEvaluation: resolve('object'),
    track(name, context, said) {
      const visitor = visitorOf(attributesOf(context, targetingKey))
      if (!recorder || !visitor) return
      const { metric, value, step, details } = trackedOf(name, said)
      const properties = {
        metric,
        ...(value !== undefined && { value }),
        ...(step !== undefined && { step }),
      }
      void recorder.track({ name: 'Conversion Tracked', ...visitor, properties })
      if (details) void recorder.track({ name: metric, ...visitor, properties: details })
    },
    async onClose() {
      source.stop()
    },
  }
}
