/** Evaluates flags and experiments of a compiled config: pure, synchronous, the same everywhere. */

import type { Compiled, EvaluateOptions, ExperimentResult, FlagResult } from './evaluation.ts'
import type { JsonObject } from './event.ts'

/**
 * What a flag is for someone with these attributes. Evaluating changes nothing and records nothing.
 *
 * @param attributes what is known: `anonymousId`, `userId`, `roles`, country, plan and the like
 */
export function evaluateFlag(
  compiled: Compiled,
  key: string,
  attributes: JsonObject,
  options?: EvaluateOptions,
): FlagResult {
  return compiled.flag(key)(options ? { ...options, attributes } : { attributes })
}

/** Which variant of an experiment someone with these attributes has. Evaluating changes nothing and records nothing. */
export function evaluateExperiment(
  compiled: Compiled,
  key: string,
  attributes: JsonObject,
  options?: EvaluateOptions,
): ExperimentResult {
  return compiled.experiment(key)(options ? { ...options, attributes } : { attributes })
}
