/** Derives variants again from the config that exposures name: by the evaluator of pages, and by SQL's. */
import type { Storage } from '@nunchi/collector'
import { type Config, compile, type Experiment, evaluateExperiment, fullEvaluator } from '@nunchi/protocol'

/** A stored exposure. An event says of itself whatever it likes, so any field may be missing or of another type. */
export interface Exposure {
  event: string
  environment: string
  experiment: string
  revision: number
  configVersion: string
  attribute: string
  unit: string
  variant: string
}

/** What came of one exposure. */
export interface Derived {
  exposure: Exposure
  /** By the evaluator of pages and servers; `null` where the bucket gives no variant, or nothing can be derived. */
  evaluator: string | null
  /** By SQL; undefined where SQL does not evaluate what the experiment asks for. */
  sql?: string | null
  /** Why nothing can be derived: what processing counts as an experiment_failure, and assigns nobody by. */
  fault?: string
}

/**
 * An experiment without what decides who may be in: exposures have been through it. A namespace that hashes another
 * attribute is among that, because an exposure does not carry its value.
 */
function bucketing(experiment: Experiment, attribute: string): Experiment {
  const { condition: _1, prerequisites: _2, schedule: _3, urls: _4, ...rest } = experiment
  const namespaces = experiment.namespaces?.filter((one) => (one.attribute ?? attribute) === attribute)
  return { ...rest, ...(namespaces ? { namespaces } : {}) }
}

/** Exposures to one experiment of one config by one attribute: they are derived together. */
function together(exposures: Exposure[]): Exposure[][] {
  const groups = new Map<string, Exposure[]>()
  for (const one of exposures) {
    const name = JSON.stringify([one.environment, one.configVersion, one.experiment, one.attribute])
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups.values()]
}

/**
 * Makes the deriver; it reads each config once.
 *
 * @param owner the database as its owner
 */
export function deriver(owner: Storage, projectId: string): (exposures: Exposure[]) => Promise<Derived[]> {
  const configs = new Map<string, Promise<Config | null>>()
  const configOf = ({ environment, configVersion: version }: Exposure): Promise<Config | null> => {
    const name = `${environment} ${version}`
    const found =
      configs.get(name) ?? owner.call<Config | null>('config_of_version', { projectId, environment, version })
    configs.set(name, found)
    return found
  }

  async function group(exposures: [Exposure, ...Exposure[]]): Promise<Derived[]> {
    const [{ experiment: key, attribute, configVersion: version }] = exposures
    const all = (fault: string): Derived[] =>
      exposures.map((exposure) => ({ exposure, evaluator: null, fault }))
    const config = await configOf(exposures[0])
    if (!config) return all('unknown config')
    if (!Object.hasOwn(config.experiments, key)) return all('unknown experiment')
    const whole = config.experiments[key]!
    const experiment = bucketing(whole, attribute)
    const compiled = compile({ version, flags: {}, experiments: { [key]: experiment } }, fullEvaluator)
    const units = exposures.map(({ unit }) => unit)
    const bySql = await owner.call<(string | null)[] | { unsupported: string }>('replay_units', {
      key,
      experiment,
      attribute,
      units,
    })
    return exposures.map((exposure, i) => {
      const { unit, revision, variant } = exposure
      if (whole.revision !== revision) return { exposure, evaluator: null, fault: 'unknown revision' }
      if (!whole.variants.some((one) => one.key === variant))
        return { exposure, evaluator: null, fault: 'unknown variant' }
      const result = evaluateExperiment(compiled, key, { [attribute]: unit })
      const evaluator = result.assigned && result.attribute === attribute ? result.variant : null
      return { exposure, evaluator, ...(Array.isArray(bySql) ? { sql: bySql[i] ?? null } : {}) }
    })
  }

  return async (exposures) => {
    const texts = ['experiment', 'configVersion', 'attribute', 'unit', 'variant'] as const
    const whole = (one: Exposure) => texts.every((name) => typeof one[name] === 'string')
    const parts = together(exposures.filter(whole)).map((part) => group(part as [Exposure, ...Exposure[]]))
    const malformed = exposures.filter((one) => !whole(one))
    return [
      ...(await Promise.all(parts)).flat(),
      ...malformed.map((exposure) => ({ exposure, evaluator: null, fault: 'malformed' })),
    ]
  }
}
