/** What OFREP 0.3 says of a flag's value, from our own result. */
import { type Compiled, evaluateFlag, type FlagResult, type Json, type JsonObject } from '@nunchi/protocol'

/** OpenFeature's standard reasons. */
export type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'UNKNOWN'

/** A flag's value. */
export interface Success {
  key: string
  value: Json
  reason: Reason
  /** The arm of an experiment, or the rule that gave the value. */
  variant?: string
  metadata: { [name: string]: string | number | boolean }
}

/** Why a flag has none. */
export interface Failure {
  key: string
  errorCode: 'FLAG_NOT_FOUND' | 'GENERAL'
  errorDetails: string
}

const reasons: { [reason in FlagResult['reason']]: Reason } = {
  value: 'DEFAULT',
  rule: 'TARGETING_MATCH',
  rollout: 'SPLIT',
  experiment: 'SPLIT',
  override: 'STATIC',
  disabled: 'DISABLED',
  prerequisite: 'TARGETING_MATCH',
  cycle: 'UNKNOWN',
  unknown: 'UNKNOWN',
  unsupported: 'UNKNOWN',
}

function metadataOf({ rule, revision, experiment }: FlagResult, version: string): Success['metadata'] {
  return {
    configVersion: version,
    revision,
    ...(rule && { rule }),
    ...(experiment && {
      experiment: experiment.experiment,
      experimentRevision: experiment.revision,
      // Whether this is an exposure: what a client that counts results has to report.
      assigned: experiment.assigned,
      attribute: experiment.attribute,
      unit: experiment.unit,
    }),
  }
}

/**
 * The attributes of an evaluation context: `targetingKey` is the visitor, unless the context names the visitor's
 * `anonymousId` itself.
 */
export function attributesOf(context: JsonObject): JsonObject {
  const { targetingKey, ...rest } = context
  return targetingKey === undefined ? rest : { anonymousId: targetingKey, ...rest, targetingKey }
}

/** Evaluates one flag. */
export function evaluation(compiled: Compiled, key: string, attributes: JsonObject): Success | Failure {
  const result = evaluateFlag(compiled, key, attributes)
  if (result.reason === 'unknown')
    return { key, errorCode: 'FLAG_NOT_FOUND', errorDetails: `There is no flag "${key}".` }
  if (result.reason === 'unsupported' || result.reason === 'cycle')
    return {
      key,
      errorCode: 'GENERAL',
      errorDetails: `Flag "${key}" cannot be evaluated here: ${result.reason}.`,
    }
  const variant = result.experiment?.variant || result.rule
  return {
    key,
    value: result.value,
    reason: reasons[result.reason],
    ...(variant && { variant }),
    metadata: metadataOf(result, compiled.version),
  }
}
