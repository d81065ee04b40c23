/** Flags and experiments: decided in the page, there at the first paint, counted once. */
import type { Config, Event, JsonObject } from '@nunchi/protocol'
import type { ExperimentsApi, ShortForms } from '../experiments/api.ts'
import { readAttributes } from '../experiments/attributes.ts'
import { openConversions } from '../experiments/conversions.ts'
import { createDecider, isConfig } from '../experiments/decider.ts'
import { openExposures } from '../experiments/exposures.ts'
import { openKeptConfig } from '../experiments/kept-config.ts'
import type { ExperimentsOptions } from '../experiments/options.ts'
import { openOverrides } from '../experiments/overriding.ts'
import { createReader } from '../experiments/reader.ts'
import { createSource, type Source } from '../experiments/source.ts'
import { createListeners } from '../listeners.ts'
import type { Plugin, PluginContext } from '../plugin.ts'

export type { Assignment, ConversionOptions, ExperimentsApi, ShortForms } from '../experiments/api.ts'
export type { ExperimentsOptions } from '../experiments/options.ts'
// biome-ignore format: one line a file
export type { ExperimentKey, Experiments, FlagFallback, FlagKey, Flags, FlagValue, VariantKey } from '../flags.ts'

/** What `experiments()` makes; its short forms are on the client itself. */
export interface ExperimentsPlugin extends Plugin<'experiments', ExperimentsApi> {
  /** For the compiler only. */
  onClient?: ShortForms
}

/** Says on an event what its visitor has seen, and how far they have come. */
function addContext(event: Event, seen: JsonObject | undefined, step: string | undefined): void {
  if (seen || step) event.experimentContext = { ...event.experimentContext, ...seen, ...(step && { step }) }
}

/** Keeps the config fresh while the page is seen. */
function followPage(on: PluginContext['on'], source: Source, tell: () => void): void {
  on('leave', source.hide)
  on('close', source.hide)
  on('show', () => {
    source.show()
    // Another tab may have signed somebody in meanwhile.
    tell()
  })
  if (document.visibilityState === 'hidden') source.ask()
  else source.show()
}

function setup(context: PluginContext, options: ExperimentsOptions): ExperimentsApi {
  const { client, local, report, on, url } = context
  const { bootstrap, config, timeout = 1000, refresh = 60_000, stream = true, link = true } = options
  /** On a server nobody is asked. */
  const asks = config !== false && typeof document !== 'undefined'
  const where = config || url('/v1/config')
  const overriding = openOverrides(options.overrides, link && asks ? location.search : '')
  const decider = createDecider(options.evaluator)
  const exposures = openExposures(context, decider)
  const attributes = readAttributes(context, options.attributes)
  const reader = createReader(context, { decider, exposures, overriding, attributes })
  const { trackConversion, step } = openConversions(context)
  const { tell, onChange } = createListeners(report)
  let loading = asks
  let settle!: (there: boolean) => void
  const ready = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  const done = () => {
    loading = false
    settle(!!decider.config)
    tell()
  }

  const take = (answer: unknown): answer is Config => {
    if (!isConfig(answer)) return false
    if (answer.version === decider.config?.version) return true
    decider.take(answer)
    const { unsupported } = decider.compiled
    if (unsupported.length) report('config_unsupported', unsupported)
    done()
    return true
  }
  const kept = openKeptConfig(local, where)
  if (take(bootstrap)) for (const key in bootstrap.experiments) decider.hold(key)
  else {
    if (bootstrap) report('option_invalid', 'experiments({ bootstrap })')
    take(kept.config)
  }

  on('event', (event) => {
    addContext(event, exposures.context(), step())
    // Who somebody is, or where, may decide otherwise.
    if (event.type !== 'track') tell()
  })
  // Without an id there is the control.
  on('gate', tell)
  on('reset', () => {
    exposures.forget()
    tell()
  })
  const source = createSource({
    url: where,
    stream: stream && !config ? url('/v1/config/stream') : undefined,
    refresh,
    version: () => decider.config?.version,
    take(answer) {
      const taken = take(answer)
      if (taken) kept.keep(answer)
      return taken
    },
  })
  if (asks) followPage(on, source, tell)
  const end = () => loading && done()
  const late = loading ? setTimeout(end, timeout) : undefined
  on('close', () => clearTimeout(late))
  on('close', end)
  if (!asks) done()

  const { flag, experiment } = reader
  Object.assign(client, { flag, experiment, trackConversion })
  return {
    ...reader,
    trackConversion,
    ready,
    onChange,
    override(next) {
      overriding.set(next)
      tell()
    },
    setAttributes(next) {
      attributes.set(next)
      tell()
    },
    refresh: source.ask,
    get loading() {
      return loading
    },
    get config() {
      return decider.config
    },
    get overrides() {
      return overriding.current()
    },
  }
}

/**
 * Makes the plugin. A config at hand (brought along by the page, else the last one on the device) decides at once, and
 * is refreshed behind: flags change as soon as a new config comes; an experiment that was seen stays as it is until the
 * next page, unless it has ended.
 */
export function experiments(options: ExperimentsOptions = {}): ExperimentsPlugin {
  return { name: 'experiments', setup: (context) => setup(context, options) }
}
