/** Which share of the units each variant was to get: its weight, or the buckets that its range leaves it. */
import type { PlannedExperiment } from './summary.ts'

type Range = readonly [number, number]

/** How many buckets of a range no earlier one has: the first that fits a unit wins. */
function leftOf([start, end]: Range, earlier: readonly Range[]): number {
  const taken = earlier
    .map(([from, to]): Range => [Math.max(start, from), Math.min(end, to)])
    .filter(([from, to]) => from < to)
    .sort(([a], [b]) => a - b)
  let [at, left] = [start, 0]
  for (const [from, to] of taken) {
    left += Math.max(0, from - at)
    at = Math.max(at, to)
  }
  return left + Math.max(0, end - at)
}

/** The experiment with the weights by which its units were really shared out. */
export function plannedShares(planned: PlannedExperiment): PlannedExperiment {
  const { ranges, variants } = planned
  if (!ranges) return planned
  const weights = ranges.map((range, i) => leftOf(range, ranges.slice(0, i)))
  return { ...planned, variants: variants.map((one, i) => ({ ...one, weight: weights[i] ?? 0 })) }
}
