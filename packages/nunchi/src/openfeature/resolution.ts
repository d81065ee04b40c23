/** What OpenFeature is told of a flag, from our own result. */
import {
  type Flag,
  type FlagResult,
  type Json,
  type OpenFeatureReason,
  openFeatureMetadata,
  openFeatureReasons,
  type Rule,
} from '@nunchi/protocol'

/** Which of OpenFeature's four questions is asked. */
export type Kind = 'boolean' | 'string' | 'number' | 'object'

/** OpenFeature's `ResolutionDetails`. */
export interface Resolution {
  value: Json
  reason: OpenFeatureReason
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

/** Whether a rule asks nothing of anybody. */
const forAll = ({ condition, schedule, rollout, namespaces, prerequisites }: Rule): boolean =>
  !condition && !schedule && !rollout && !namespaces?.length && !prerequisites?.length

/** A value that is the same for everybody is static; one that is left when no rule held is the default. */
function reasonOf({ reason, rule }: FlagResult, flag: Flag | undefined): OpenFeatureReason {
  const rules = flag?.rules ?? []
  const at = rules.findIndex(({ id }) => id === rule)
  if (reason === 'value') return rules.length ? 'DEFAULT' : 'STATIC'
  if (reason !== 'rule' || !rules[at] || !forAll(rules[at])) return openFeatureReasons[reason]
  return at ? 'DEFAULT' : 'STATIC'
}

/** What the flag's `meta` says in plain values, and what we know of the result. */
function metadataOf(
  result: FlagResult,
  { flag, version = '' }: Asked,
): NonNullable<Resolution['flagMetadata']> {
  const plain = Object.entries(flag?.meta ?? {}).filter(([, value]) => /^(str|num|boo)/.test(typeof value))
  return {
    ...(Object.fromEntries(plain) as Resolution['flagMetadata']),
    ...openFeatureMetadata(result, version),
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
  if (openFeatureReasons[reason] === 'ERROR')
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
