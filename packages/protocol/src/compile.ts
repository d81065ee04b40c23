/** Compiles a config once into closures and number tables; what it does not understand, it passes over by name. */
import { bucketOf } from './bucket.ts'
import { compileExperiment } from './compile-experiment.ts'
import { compileFlag } from './compile-flag.ts'
import { coreOperators } from './condition.ts'
import type { Config, Variant } from './config.ts'
import type { Compiled, Evaluate, ExperimentResult, Extension, FlagResult } from './evaluation.ts'
import type { Scope } from './scope.ts'

/**
 * Compiles a config. Never throws: a flag, rule or experiment that the evaluator does not understand (a newer
 * version's, or one that needs an extension) is passed over, and named in `unsupported`.
 *
 * @param extension what to understand besides the core; `fullEvaluator` is all of it
 */
export function compile(config: Config, extension: Extension = {}): Compiled {
  const nobody: Variant[] = [{ key: '', weight: 0 }]
  const unsupported: string[] = []
  const flags = new Map<string, Evaluate<FlagResult>>()
  const experiments = new Map<string, Evaluate<ExperimentResult>>()
  const noFlag = (key: string, reason: 'unknown' | 'unsupported') =>
    compileFlag(key, { type: 'json', value: null, revision: 0 }, scope, reason)
  const noExperiment = (key: string, status: 'unknown' | 'unsupported', variants: Variant[]) =>
    compileExperiment(key, { status: status as never, revision: 0, variants }, scope)
  const scope: Scope = {
    version: config.version,
    flags,
    experiments,
    unsupported,
    flag: (key) => flags.get(key) ?? noFlag(key, 'unknown'),
    experiment: (key) => experiments.get(key) ?? noExperiment(key, 'unknown', nobody),
    operators: { ...coreOperators, ...extension.operators },
    hashes: { ...extension.hashes, 3: bucketOf },
    extension,
    attempt(path, make) {
      try {
        return make()
      } catch (error) {
        unsupported.push(`${path}: ${(error as Error).message}`)
        return
      }
    },
  }
  for (const [key, one] of Object.entries(config.experiments))
    experiments.set(
      key,
      scope.attempt(`experiments.${key}`, () => compileExperiment(key, one, scope)) ??
        scope.attempt(key, () => noExperiment(key, 'unsupported', one.variants)) ??
        noExperiment(key, 'unsupported', nobody),
    )
  for (const [key, one] of Object.entries(config.flags))
    flags.set(
      key,
      scope.attempt(`flags.${key}`, () => compileFlag(key, one, scope)) ?? noFlag(key, 'unsupported'),
    )
  return scope
}
