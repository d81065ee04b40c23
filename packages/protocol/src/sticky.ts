/** Kept assignments: who has been assigned stays so, also when weights or targeting change. */
import type { Experiment } from './config.ts'
import type { ExperimentResult, Sticky, Visit } from './evaluation.ts'
import { defaultAttribute, unitOf } from './scope.ts'

const assignmentOf = (key: string, version = 0): string => `${key}__${version}`

/**
 * Finds a kept assignment: by the hashed attribute, else by the fallback.
 *
 * @returns the variant's position, -1 where there is none, -2 where its bucket version is out
 */
export function findSticky(
  key: string,
  experiment: Experiment,
  { attributes }: Visit,
  sticky: Sticky,
): number {
  const { attribute = defaultAttribute, fallback = attribute, minBucketVersion = 0 } = experiment
  if (experiment.disableSticky) return -1
  const of = (name: string) => sticky[`${name}||${unitOf(attributes, name)}`]
  const kept = { ...of(fallback), ...of(attribute) }
  for (let version = 0; version < minBucketVersion; version++)
    if (kept[assignmentOf(key, version)] !== undefined) return -2
  const variant = kept[assignmentOf(key, experiment.bucketVersion)]
  return experiment.variants.findIndex((one) => one.key === variant)
}

/**
 * The kept assignments with that of `result` added, for whoever keeps them; the same object where nothing changed.
 *
 * @param experiment the experiment that `result` is of
 */
export function keepSticky(sticky: Sticky, experiment: Experiment, result: ExperimentResult): Sticky {
  if (!result.assigned || experiment.disableSticky) return sticky
  const unit = `${result.attribute}||${result.unit}`
  const assignment = assignmentOf(experiment.assignmentKey ?? result.experiment, experiment.bucketVersion)
  if (sticky[unit]?.[assignment] === result.variant) return sticky
  return { ...sticky, [unit]: { ...sticky[unit], [assignment]: result.variant } }
}
