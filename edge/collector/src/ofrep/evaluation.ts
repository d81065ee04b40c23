/** What OFREP 0.3 says of a flag's value, from our own result. */
import {
  type Compiled,
  evaluateFlag,
  type Json,
  type JsonObject,
  type OpenFeatureReason,
  openFeatureMetadata,
  openFeatureReasons,
} from '@nunchi/protocol'

/** A flag's value. */
export interface Success {
  key: string
  value: Json
  reason: OpenFeatureReason
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
    reason: openFeatureReasons[result.reason],
    ...(variant && { variant }),
    metadata: openFeatureMetadata(result, compiled.version),
  }
}
