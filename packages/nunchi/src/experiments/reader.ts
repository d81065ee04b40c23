/** Reads flags and experiments: what they are for this visitor, with the exposure or without. */
import type { ExperimentResult, FlagResult, JsonObject } from '@nunchi/protocol'
import type { PluginContext } from '../plugin.ts'
import type { ExperimentsApi } from './api.ts'
import type { Decider } from './decider.ts'
import type { Exposures } from './exposures.ts'
import type { Overriding } from './overriding.ts'

/** The reading part of the api. */
export type Reader = Pick<ExperimentsApi, 'flag' | 'experiment' | 'inspectFlag' | 'inspectExperiment'>

/** What a reader reads by. */
export interface ReaderOptions {
  decider: Decider
  exposures: Exposures
  overriding: Overriding
  attributes(): JsonObject
}

interface Results {
  flag: FlagResult
  experiment: ExperimentResult
}

/** Makes what gives the same object for as long as nothing of it changes: whoever renders by it compares it. */
function steady() {
  const known = new Map<string, [text: string, result: unknown]>()
  return <Result>(key: string, result: Result): Result => {
    const text = JSON.stringify(result)
    const { 0: before, 1: same } = known.get(key) ?? []
    if (before === text) return same as Result
    known.set(key, [text, result])
    return result
  }
}

/** Makes the reader of one client. */
export function createReader(
  { now, page, report }: PluginContext,
  { decider, exposures, overriding, attributes }: ReaderOptions,
): Reader {
  const same = steady()
  const read = <Kind extends keyof Results>(
    kind: Kind,
    key: string,
    assignments: ExperimentResult[] = [],
  ) => {
    const { compiled, nothing } = decider
    const visit = { attributes: {}, now: now(), assignments }
    try {
      const { url = '' } = page() ?? {}
      const asked = { ...visit, url, overrides: overriding.current(), attributes: attributes() }
      const result = compiled[kind](key)(asked) as Results[Kind]
      // In a test or a story there may be no config: what is asked for by name is there.
      return 'variant' in result && result.reason === 'override' && !result.variant
        ? { ...result, variant: `${asked.overrides.experiments[key]}`, inExperiment: true }
        : result
    } catch (error) {
      // Whatever the config or the attributes are: the page gets an answer.
      report('plugin_failed', error)
      return nothing[kind](key)(visit) as Results[Kind]
    }
  }
  const tell = (code: 'flag_unknown' | 'experiment_unknown', reason: string, detail: object) => {
    if (decider.config && reason === 'unknown') report(code, detail)
    return /^un/.test(reason)
  }

  return {
    flag(key, fallback) {
      const seen: ExperimentResult[] = []
      const { value, reason, rule, experiment } = read('flag', key, seen)
      if (experiment && !experiment.assigned) seen.push(experiment)
      for (const one of seen) exposures.expose(one, one === experiment ? rule : '')
      const detail = { flag: key }
      const fits = fallback === undefined || fallback === null || typeof value === typeof fallback
      const unknown = tell('flag_unknown', reason, detail)
      if (!unknown && value !== null && !fits) report('flag_type', detail)
      return (unknown || value === null || !fits ? fallback : value) as never
    },
    experiment(key, fallback) {
      const seen: ExperimentResult[] = []
      const result = read('experiment', key, seen)
      const { variant, value, reason, inExperiment: isInExperiment, assigned } = result
      if (!assigned) seen.push(result)
      for (const one of seen) exposures.expose(one)
      tell('experiment_unknown', reason, { experiment: key })
      return { experiment: key, variant: variant || fallback || '', value, isInExperiment, reason } as never
    },
    inspectFlag: (key) => same(`f${key}`, read('flag', key)),
    inspectExperiment: (key) => same(`e${key}`, read('experiment', key)),
  }
}
