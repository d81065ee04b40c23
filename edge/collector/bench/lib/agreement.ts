/** Whether the sums that the database keeps of a metric are those of a recount from the raw events, number by number. */

import type { MetricSummary, VariantSummary } from '../../src/results/summary.ts'
import type { Recounted } from '../../test/recount-metric.ts'

/** How many numbers were held to each other, and those that differ. */
export interface Agreement {
  numbers: number
  differences: string[]
}

const flat = ({ units, multiple, means = [], covariance = [] }: VariantSummary | Recounted): number[] => [
  units,
  multiple,
  ...means,
  ...covariance.flat().map((one) => one ?? 0),
]

/** Floats are added up in another order: nine digits of them. */
const same = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))

/** Compares them. */
export function agreement(name: string, summary: MetricSummary, expected: readonly Recounted[]): Agreement {
  const keys = [...new Set([...summary.variants, ...expected].map(({ variant }) => variant))]
  const told = keys.map((key) => {
    const find = (some: readonly (VariantSummary | Recounted)[]) =>
      some.find(({ variant }) => variant === key)
    const [found, wanted] = [find(summary.variants), find(expected)]
    return { key, found: found ? flat(found) : [], wanted: wanted ? flat(wanted) : [] }
  })
  const wrong = told.flatMap(({ key, found, wanted }) =>
    Array.from({ length: Math.max(found.length, wanted.length) }, (_, i) => [found[i], wanted[i]] as const)
      .filter(([a, b]) => a === undefined || b === undefined || !same(a, b))
      .map(([a, b]) => `${name}, ${key}: ${a} in SQL, ${b} recounted`),
  )
  return { numbers: told.reduce((sum, { wanted }) => sum + wanted.length, 0), differences: wrong }
}
