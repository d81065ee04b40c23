/** The provider for OpenFeature's web SDK: flags decided in the page by the client's own experiments. */
import type { FlagResult } from '@nunchi/protocol'
import type { EvaluationContext, Provider, ResolutionDetails } from '@openfeature/web-sdk'
import type { Client } from '../client.ts'
import type { ExperimentsApi } from '../experiments/api.ts'
import { attributesOf, type TargetingKeyAs } from './context.ts'
import { createEmitter } from './emitter.ts'
import { type Kind, resolutionOf } from './resolution.ts'
import { trackedOf } from './tracked.ts'

/** A client with `experiments()` among its plugins. */
export interface FlagClient extends Pick<Client, 'track'> {
  readonly experiments: ExperimentsApi
}

/** What `nunchiProvider()` takes besides the client. */
export interface NunchiProviderOptions {
  /**
   * Which attribute the context's `targetingKey` is. The visitor of a page has an id already, which events carry and
   * experiments go by: `anonymousId` puts the key in its place for evaluation, `userId` beside it.
   *
   * @default 'targetingKey', for conditions and for experiments that name it
   */
  targetingKey?: TargetingKeyAs
}

const noConfig = () => new Error('nunchi: no config came in time. Flags are their defaults until one comes.')

/** Watches the results of all flags: which are another than when it looked before. */
function createWatch(experiments: ExperimentsApi): () => string[] {
  let before = new Map<string, FlagResult>()
  return () => {
    const now = new Map(
      Object.keys(experiments.config?.flags ?? {}).map((key) => [key, experiments.inspectFlag(key)]),
    )
    const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
      (key) => before.get(key) !== now.get(key),
    )
    before = now
    return changed
  }
}

/** Hears whether the browser has a network; nothing outside of a page. @returns stops */
function onNetwork(hear: (there: boolean) => void): () => void {
  if (typeof addEventListener !== 'function') return () => {}
  const [lost, back] = [() => hear(false), () => hear(true)]
  addEventListener('offline', lost)
  addEventListener('online', back)
  return () => {
    removeEventListener('offline', lost)
    removeEventListener('online', back)
  }
}

/** Tells OpenFeature of the config's coming, its changes, and the network. */
function follow(experiments: ExperimentsApi, events: ReturnType<typeof createEmitter>) {
  const changes = createWatch(experiments)
  let state: 'new' | 'ready' | 'failed' | 'stale' = 'new'
  let quiet = false
  const ready = () => {
    state = 'ready'
    events.emit('PROVIDER_READY')
  }
  const heard = () => {
    const flagsChanged = changes()
    if (state === 'failed' && experiments.config) ready()
    else if (state !== 'new' && !quiet && flagsChanged.length)
      events.emit('PROVIDER_CONFIGURATION_CHANGED', { flagsChanged })
  }
  const network = async (there: boolean) => {
    if (state === 'ready' && !there) {
      state = 'stale'
      events.emit('PROVIDER_STALE', { message: 'There is no network: the config may be an old one.' })
    } else if (state === 'stale' && there && (await experiments.refresh())) ready()
  }
  const stops = [experiments.onChange(heard), onNetwork(network)]
  return {
    /** Changes something without telling: OpenFeature knows of it. */
    quietly(change: () => void) {
      quiet = true
      change()
      quiet = false
    },
    settle(there: boolean) {
      changes()
      state = there ? 'ready' : 'failed'
    },
    stop() {
      for (const stop of stops) stop()
    },
  }
}

/**
 * Makes the provider. Resolving a flag that an experiment decides is its exposure, once, as `client.flag()` is; the
 * context's values are attributes for as long as the provider is in use, and never leave the page.
 *
 * @param client stays yours: closing the provider closes nothing of it
 * @example
 * await OpenFeature.setProviderAndWait(nunchiProvider(nunchi))
 */
export function nunchiProvider(
  client: FlagClient,
  { targetingKey = 'targetingKey' }: NunchiProviderOptions = {},
): Provider {
  const { experiments } = client
  const events = createEmitter()
  let following: ReturnType<typeof follow> | undefined
  const take = (context?: EvaluationContext) => {
    const attributes = attributesOf(context, targetingKey)
    following?.quietly(() => experiments.setAttributes(attributes))
  }
  const resolve =
    (kind: Kind) =>
    (key: string, fallback: unknown): ResolutionDetails<never> => {
      const { config } = experiments
      const asked = {
        key,
        kind,
        fallback: fallback as never,
        flag: config?.flags[key],
        version: config?.version,
      }
      const resolution = resolutionOf(experiments.inspectFlag(key), asked)
      // The exposure, where there is one: of what was shown, and of nothing else.
      if (!resolution.errorCode) experiments.flag(key, null as never)
      return resolution as ResolutionDetails<never>
    }
  return {
    metadata: { name: 'nunchi' },
    runsOn: 'client',
    events: events as unknown as NonNullable<Provider['events']>,
    async initialize(context) {
      following ??= follow(experiments, events)
      take(context)
      await experiments.ready
      following.settle(!!experiments.config)
      if (!experiments.config) throw noConfig()
    },
    onContextChange(_before, context) {
      try {
        take(context)
        if (!experiments.config) throw noConfig()
        return
      } catch (error) {
        // The SDK counts a failure only of a promise, and takes everything else for being ready.
        return Promise.reject(error)
      }
    },
    resolveBooleanEvaluation: resolve('boolean'),
    resolveStringEvaluation: resolve('string'),
    resolveNumberEvaluation: resolve('number'),
    resolveObjectEvaluation: resolve('object'),
    track(name, _context, said) {
      const { metric, value, step, details } = trackedOf(name, said)
      void experiments.trackConversion(metric, value, step === undefined ? {} : { step })
      if (details) void client.track(metric, details)
    },
    async onClose() {
      following?.stop()
      following = undefined
      experiments.setAttributes()
    },
  }
}
