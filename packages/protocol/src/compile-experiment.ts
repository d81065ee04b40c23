/** Compiles one experiment into a function from a visit to a variant. */
import { armRanges, findRange } from './bucket.ts'
import { has } from './condition.ts'
import type { Experiment } from './config.ts'
import type { Evaluate, ExperimentReason, ExperimentResult } from './evaluation.ts'
import { compileGates, defaultAttribute, hashOf, onlyKnown, type Scope, unitOf } from './scope.ts'

/**
 * Compiles an experiment. The order of its checks is the guide's, "How an experiment is evaluated".
 *
 * @throws for what the evaluator does not know, naming it
 */
export function compileExperiment(
  key: string,
  experiment: Experiment,
  scope: Scope,
): Evaluate<ExperimentResult> {
  const {
    status,
    revision,
    variants,
    coverage,
    attribute = defaultAttribute,
    fallback,
    seed = key,
    hashVersion,
    ranges = armRanges(
      variants.map(({ weight }) => weight),
      coverage,
    ),
    namespaces,
    condition,
    prerequisites,
    schedule,
    forced,
    force,
    winner,
    assignmentKey = key,
    bucketVersion,
    disableSticky,
    meta,
    ...rest
  } = experiment
  for (const { key, weight, isControl, configuration, passthrough, meta, ...rest } of variants)
    onlyKnown(rest)
  const extended = scope.extension.experiment?.(assignmentKey, experiment, rest)
  if (!extended) onlyKnown(rest)
  const control = Math.max(
    0,
    variants.findIndex(({ isControl }) => isControl),
  )
  if (!variants[control]) throw new Error('variants')
  const bucketOf = hashOf(scope, hashVersion)
  const stopped = compileGates(experiment, scope)
  const position = (variant: string | number | undefined): number =>
    typeof variant === 'number' ? variant : variants.findIndex(({ key }) => key === variant)

  const give = (
    reason: ExperimentReason,
    hashed: string,
    unit: string,
    at = -1,
    bucket: number | null = null,
    assigned = false,
  ): ExperimentResult => {
    const index = variants[at] ? at : control
    const { key: variant, configuration = null, passthrough = false } = variants[index]!
    return {
      experiment: key,
      variant,
      index,
      value: configuration,
      inExperiment: at === index,
      passthrough,
      assigned,
      reason,
      revision,
      attribute: hashed,
      unit,
      bucket,
    }
  }

  return (visit) => {
    const { attributes, overrides } = visit
    let hashed = attribute
    let unit = unitOf(attributes, attribute)
    if (!unit && fallback) {
      unit = unitOf(attributes, fallback)
      if (unit) hashed = fallback
    }
    const before = extended?.(visit)
    const kept = before?.kept ?? -1
    if (before?.stop === 'url') return give('url', hashed, unit)
    if (before?.asked !== undefined) return give('override', hashed, unit, before.asked)
    if (overrides?.experiments && has(overrides.experiments, assignmentKey))
      return give('override', hashed, unit, position(overrides.experiments[assignmentKey]))
    if (status === 'completed' && winner !== undefined) return give('winner', hashed, unit, position(winner))
    if (status !== 'running') return give(status, hashed, unit)
    if (!unit) return give('no_unit', hashed, unit)
    if (forced && has(forced, unit)) return give('forced', hashed, unit, position(forced[unit]))
    const reason = before?.stop ?? (kept < 0 && stopped(visit, unit))
    if (reason) return give(reason, hashed, unit)
    const bucket = bucketOf(seed, unit)
    const arm = kept < 0 ? findRange(bucket, ranges) : kept
    if (!variants[arm]) return give('coverage', hashed, unit, -1, bucket)
    if (force !== undefined) return give('forced', hashed, unit, position(force))
    const result = give(kept < 0 ? 'split' : 'sticky', hashed, unit, arm, bucket, true)
    visit.assignments?.push(result)
    return result
  }
}
