/** What OpenFeature is told of a flag, from our own result. */
import type { Flag, FlagReason, FlagResult, Json, Rule } from '@nunchi/protocol'

/** As OpenFeature names them. */
type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR'

/** Which of OpenFeature's four questions is asked. */
export type Kind = 'boolean' | 'string' | 'number' | 'object'

/** OpenFeature's `ResolutionDetails`. */
export interface Resolution {
  value: Json
  reason: Reason
  /** The arm of an experiment, or the rule that gave the value. */
  variant?: string
  flagMetadata?: { [name: string]: string | number | boolean }
  errorCode?: 'PROVIDER_NOT_READY' | 'FLAG_NOT_FOUND' | 'TYPE_MISMATCH' | 'GENERAL'
  errorMessage?: string
}

/** What a resolution is made of. */
export interface Asked {
  key: string
  kind: Kind
  /** What the caller gets where there is no value. */
  fallback: Json
  /** The flag in the config in force, where it is there. */
  flag: Flag | undefined
  /** The version of that config; nothing while there is none. */
  version: string | undefined
}

const reasons: { [reason in FlagReason]: Reason } = {
  value: 'DEFAULT',
  rule: 'TARGETING_MATCH',
  rollout: 'SPLIT',
  experiment: 'SPLIT',
  override: 'STATIC',
  disabled: 'DISABLED',
  prerequisite: 'TARGETING_MATCH',
  cycle: 'ERROR',
  unknown: 'ERROR',
  unsupported: 'ERROR',
}

/** Whether a rule asks nothing of anybody. */
const forAll = ({ condition, schedule, rollout, namespaces, prerequisites }: Rule): boolean =>
  !condition && !schedule && !rollout && !namespaces?.length && !prerequisites?.length

/** A value that is the same for everybody is static; one that is left when no rule held is the default. */
function reasonOf({ reason, rule }: FlagResult, flag: Flag | undefined): Reason {
  const rules = flag?.rules ?? []
  const at = rules.findIndex(({ id }) => id === rule)
  if (reason === 'value') return rules.length ? 'DEFAULT' : 'STATIC'
  if (reason !== 'rule' || !rules[at] || !forAll(rules[at])) return reasons[reason]
  return at ? 'DEFAULT' : 'STATIC'
}

/** What the flag's `meta` says in plain values, and what we know of the result. */
function metadataOf(
  { rule, revision, experiment }: FlagResult,
  { flag, version = '' }: Asked,
): NonNullable<Resolution['flagMetadata']> {
  const plain = Object.entries(flag?.meta ?? {}).filter(([, value]) => /^(str|num|boo)/.test(typeof value))
  return {
    ...(Object.fromEntries(plain) as Resolution['flagMetadata']),
    configVersion: version,
    revision,
    ...(rule && { rule }),
    ...(experiment && {
      experiment: experiment.experiment,
      experimentRevision: experiment.revision,
      assigned: experiment.assigned,
      attribute: experiment.attribute,
      unit: experiment.unit,
    }),
  }
}

const fits = (kind: Kind, value: Json, flag: Flag | undefined): boolean =>
  typeof value === kind || (kind === 'object' && flag?.type === 'json')

/**
 * Makes the resolution. A flag that is `null` is what the caller's default is: the config has no value of its own for
 * this visitor.
 */
export function resolutionOf(result: FlagResult, asked: Asked): Resolution {
  const { key, kind, fallback, flag, version } = asked
  const failed = (errorCode: NonNullable<Resolution['errorCode']>, errorMessage: string): Resolution => ({
    value: fallback,
    reason: 'ERROR',
    errorCode,
    errorMessage,
  })
  const { reason, value, rule, experiment } = result
  if (reason === 'unknown')
    return version === undefined
      ? failed('PROVIDER_NOT_READY', 'There is no config yet.')
      : failed('FLAG_NOT_FOUND', `There is no flag "${key}".`)
  if (reasons[reason] === 'ERROR')
    return failed('GENERAL', `Flag "${key}" cannot be evaluated here: ${reason}.`)
  if (value !== null && !fits(kind, value, flag))
    return failed('TYPE_MISMATCH', `Flag "${key}" is a ${flag?.type ?? typeof value}, not a ${kind}.`)
  const variant = experiment?.variant || rule
  return {
    value: value === null ? fallback : value,
    reason: reasonOf(result, flag),
    ...(variant && { variant }),
    flagMetadata: metadataOf(result, asked),
  }
}
