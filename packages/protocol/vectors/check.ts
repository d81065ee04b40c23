/** Asks an evaluator every vector; run in Node, in Chromium and in workerd. */

import { bucketOf } from '../src/bucket.ts'
import { compile } from '../src/compile.ts'
import { compileCondition, coreOperators } from '../src/condition.ts'
import type { Condition, Config } from '../src/config.ts'
import { evaluateExperiment, evaluateFlag } from '../src/evaluate.ts'
import type { EvaluateOptions } from '../src/evaluation.ts'
import type { JsonObject } from '../src/event.ts'
import { fullEvaluator } from '../src/full-evaluator.ts'
import conditions from './conditions.json' with { type: 'json' }
import experiments from './experiments.json' with { type: 'json' }
import flags from './flags.json' with { type: 'json' }
import hashes from './hashes.json' with { type: 'json' }

/** How many vectors there are, and a sentence for each that comes out otherwise. */
export interface Checked {
  asked: number
  failures: string[]
}

/** Asks all vectors. */
export function checkVectors(): Checked {
  const failures: string[] = []
  let asked = 0
  const check = (name: string, actual: unknown, expected: unknown): void => {
    asked++
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      failures.push(`${name}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
  }
  const hashOf: { [version: number]: (seed: string, value: string) => number } = {
    ...fullEvaluator.hashes,
    3: bucketOf,
  }
  for (const { version, seed, value, bucket } of hashes)
    check(`hash ${version} ${JSON.stringify([seed, value])}`, hashOf[version]!(seed, value), bucket)

  const operators = { ...coreOperators, ...fullEvaluator.operators }
  for (const { operator, condition, attributes, answer } of conditions) {
    const matches = compileCondition(condition as unknown as Condition, operators)
    check(`${operator} ${JSON.stringify([condition, attributes])}`, matches(attributes as JsonObject), answer)
  }
  for (const { kind, key, experiment, attributes, expected, ...more } of experiments) {
    const config = { version: '', flags: {}, experiments: { [key]: experiment } } as unknown as Config
    const options: EvaluateOptions = 'now' in more ? { now: more.now as number } : {}
    const result = evaluateExperiment(compile(config, fullEvaluator), key, attributes as JsonObject, options)
    const { variant, reason, inExperiment, bucket } = result
    check(`${kind} ${JSON.stringify(attributes)}`, { variant, reason, inExperiment, bucket }, expected)
  }
  for (const { kind, flags: all, experiments: tests, attributes, options, expected } of flags) {
    const config = { version: '', flags: all, experiments: tests } as unknown as Config
    const result = evaluateFlag(compile(config), 'flag', attributes as JsonObject, options as EvaluateOptions)
    const { value, reason, rule } = result
    check(`${kind} ${JSON.stringify([attributes, options])}`, { value, reason, rule }, expected)
  }
  return { asked, failures }
}
