/** Exposures: recorded once per visitor, experiment and revision, and said on every event from then on. */
import { type ExperimentResult, type JsonObject, murmur3 } from '@nunchi/protocol'
import type { PluginContext } from '../plugin.ts'
import type { Decider } from './decider.ts'

/** An exposure as the device keeps it; of the unit its hash, which is shorter, and says nothing. */
type Mark = [revision: number, variant: string, unit: string]

/** The exposures of one visitor. */
export interface Exposures {
  /**
   * Records that the visitor saw this variant, where that is not known yet.
   *
   * @param rule the flag's rule that it came by
   */
  expose(result: ExperimentResult, rule?: string): void
  /** What every event says: variants, revisions, and which of them are overridden. */
  context(): JsonObject | undefined
  /** Another visitor has seen nothing. */
  forget(): void
}

/** So many experiments stand on an event at most: those seen last. */
const mostSaid = 20

/** Opens the exposures of this device. */
export function openExposures({ local, gate, record, on }: PluginContext, decider: Decider): Exposures {
  const told = new Set<string>()
  /** What was seen on this page, by experiment; overridden where that is so. */
  let seen: { [experiment: string]: [...Mark, overridden?: boolean] } = {}
  /** What other pages have seen; whatever stands there may be somebody else's doing. */
  const marks = () => ({ ...local.get<{ [experiment: string]: Mark }>('exposed') })
  /** Marks of exposures that are not in the store yet. */
  let fresh: { [experiment: string]: Mark } = {}
  // Not before the event is safe: a mark that outlives its event would be an exposure that nobody hears of.
  const mark = () => {
    if (Object.keys(fresh).length) local.set('exposed', { ...marks(), ...fresh })
    fresh = {}
  }
  // What is not in the store by then goes out in this very tick.
  on('leave', mark)
  // What was not sent yet is wiped; whoever agrees later on is exposed anew.
  on('gate', (state) => {
    if (state !== 'closed') return
    told.clear()
    fresh = {}
  })

  return {
    expose(result, rule) {
      const { experiment, variant, revision, attribute, unit, bucket, assigned, inExperiment, reason } =
        result
      const overridden = reason === 'override' && inExperiment
      if (!assigned && !overridden) return
      if (assigned) decider.hold(experiment)
      const sight: Mark = [revision, variant, murmur3(unit).toString(36)]
      const id = `${[experiment, ...(overridden ? [variant] : sight)]}`
      if (gate() === 'closed' || told.has(id)) return
      told.add(id)
      delete seen[experiment]
      seen[experiment] = [...sight, overridden]
      const { 0: known, 2: who } = Object(marks()[experiment]) as Mark
      if (!overridden && known === revision && who === sight[2]) return
      const properties = {
        experiment,
        variant,
        revision,
        configVersion: decider.versionOf(result),
        attribute,
        unit,
        ...(rule && { rule }),
        ...(bucket !== null && { bucket }),
        ...(overridden && { overridden }),
      }
      if (!overridden) fresh[experiment] = sight
      record('track', 'Experiment Viewed', () => ({ properties }), { keep: true }).then(({ durable }) => {
        if (durable) mark()
      })
    },
    context() {
      const all = Object.entries({ ...marks(), ...seen })
        .filter(([key, mark]) => Array.isArray(mark) && (mark[3] || decider.runs(key, mark[0])))
        .slice(-mostSaid)
      if (!all.length) return
      const forced = all.filter(([, mark]) => mark[3]).map(([key]) => key)
      return {
        experiments: Object.fromEntries(all.map(([key, [, variant]]) => [key, variant])),
        revisions: Object.fromEntries(all.map(([key, [revision]]) => [key, revision])),
        ...(forced.length && { overridden: forced }),
      }
    },
    forget() {
      told.clear()
      seen = {}
      fresh = {}
      local.set('exposed')
      decider.release()
    },
  }
}
