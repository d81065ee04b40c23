/** What the numbers of an experiment stand on: its variants in order, its metrics, and what to ask of the database. */
import type { PlannedExperiment, ResultsFrame } from './summary.ts'

/** They. */
export interface Grounds {
  /** The control first, each with its share and its units. */
  variants: { key: string; weight: number; units: number }[]
  /** Their keys. */
  keys: string[]
  /** The metrics that judge it. */
  metrics: ResultsFrame['metrics']
  about: { experiment: string; revision: number; until?: number }
}

/** Reads them off the frame. */
export function groundsOf(frame: ResultsFrame, planned: PlannedExperiment, experiment: string): Grounds {
  const control = planned.variants.find(({ isControl }) => isControl) ?? planned.variants[0]
  const ordered = [...planned.variants].sort((a, b) => Number(b === control) - Number(a === control))
  const unitsOf = (key: string): number => frame.variants.find(({ variant }) => variant === key)?.units ?? 0
  return {
    variants: ordered.map(({ key, weight }) => ({ key, weight, units: unitsOf(key) })),
    keys: ordered.map(({ key }) => key),
    metrics: frame.metrics.filter(
      ({ definition: { experiments } }) => experiments?.includes(experiment) ?? true,
    ),
    about: {
      experiment,
      revision: frame.revision,
      ...(frame.endedAt === null ? {} : { until: frame.endedAt }),
    },
  }
}
