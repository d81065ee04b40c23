/** From what people manage to what pages get: roles, groups and holdouts are written out, the rest is left behind. */
import { buckets } from './bucket.ts'
import { configVersion } from './canonical-json.ts'
import type {
  Condition,
  Config,
  ConfigDefinition,
  Experiment,
  ExperimentDefinition,
  Flag,
  FlagDefinition,
  Holdout,
  Namespace,
  Rule,
  RuleDefinition,
} from './config.ts'
import type { Json, JsonObject } from './event.ts'

type Groups = { [key: string]: Json[] }

/** Writes the members of a group in place of its name. */
function withGroups(value: Json, groups: Groups): Json {
  if (Array.isArray(value)) return value.map((item) => withGroups(item, groups))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, operand]) => {
      if (name !== '$inGroup' && name !== '$notInGroup') return [name, withGroups(operand, groups)]
      const short = name === '$inGroup' ? '$in' : '$nin'
      return [short in value ? name : short, groups[operand as string] ?? []]
    }),
  )
}

function conditionOf({ condition, roles }: { condition?: Condition; roles?: string[] }, groups: Groups) {
  const asked = condition && (withGroups(condition as JsonObject, groups) as Condition)
  if (!roles) return asked ? { condition: asked } : {}
  const held: Condition = { roles: { $in: roles } }
  return { condition: asked ? { $and: [held, asked] } : held }
}

function holdoutOf(name: string, holdouts: { [key: string]: Holdout }): Namespace[] {
  const holdout = holdouts[name]
  if (!holdout) return []
  const { coverage, attribute = 'anonymousId', seed = `holdout:${name}`, hashVersion = 3 } = holdout
  return [{ name, holdout: true, attribute, seed, hashVersion, ranges: [[coverage, buckets]] }]
}

function publishRule({ roles, condition, ...rule }: RuleDefinition, groups: Groups): Rule {
  return {
    ...rule,
    ...conditionOf({ ...(condition ? { condition } : {}), ...(roles ? { roles } : {}) }, groups),
  }
}

function publishFlag(definition: FlagDefinition, { groups = {}, experiments }: ConfigDefinition): Flag {
  const { description, createdBy, rules, ...flag } = definition
  const told = rules?.filter(
    ({ experiment }) => experiment === undefined || experiments[experiment]?.status !== 'draft',
  )
  return { ...flag, ...(told ? { rules: told.map((rule) => publishRule(rule, groups)) } : {}) }
}

function publishExperiment(
  definition: ExperimentDefinition,
  { groups = {}, holdouts = {} }: ConfigDefinition,
): Experiment {
  const {
    name,
    hypothesis,
    description,
    targetSampleSize,
    confidenceLevel,
    testing,
    createdBy,
    roles,
    holdouts: held = [],
    condition,
    namespaces = [],
    ...experiment
  } = definition
  const spaces = [...namespaces, ...held.flatMap((key) => holdoutOf(key, holdouts))]
  return {
    ...experiment,
    ...conditionOf({ ...(condition ? { condition } : {}), ...(roles ? { roles } : {}) }, groups),
    ...(spaces.length > 0 ? { namespaces: spaces } : {}),
  }
}

/**
 * What pages get of a definition. Names, hypotheses and people stay behind, and so do drafts and the rules that name
 * them; roles and groups become conditions, holdouts become namespaces.
 *
 * @param definition one that `validate` finds no fault with
 */
export function publish(definition: ConfigDefinition): Config {
  const flags = Object.entries(definition.flags).map(([key, flag]) => [key, publishFlag(flag, definition)])
  const experiments = Object.entries(definition.experiments)
    .filter(([, { status }]) => status !== 'draft')
    .map(([key, experiment]) => [key, publishExperiment(experiment, definition)])
  const config = { flags: Object.fromEntries(flags), experiments: Object.fromEntries(experiments) }
  return { version: configVersion(config), ...config }
}
