/** Corrections for many comparisons: adjusted p values that are compared with the plain level. */
import { type Answer, give, refuse } from '../summary.ts'

/** The p values of one family after each correction, in the order given. */
export interface AdjustedPValues {
  /** m·p (Bonferroni): any wrong claim at most at the level. */
  bonferroni: number[]
  /** The same promise, stepping down from the smallest (Holm 1979): never weaker than Bonferroni. */
  holm: number[]
  /** As Holm, stepping up (Hochberg 1988); needs tests that do not depend negatively. */
  hochberg: number[]
  /** The share of wrong claims among the claims (Benjamini & Hochberg 1995). */
  benjaminiHochberg: number[]
  /** As before, whatever the dependence (Benjamini & Yekutieli 2001). */
  benjaminiYekutieli: number[]
}

/**
 * Adjusts the p values of one family: compare them with the level as they are. Without a unit.
 *
 * When not to use it: guardrails are no part of the family of goals. Holm for few goals of which each claim must hold;
 * Benjamini–Hochberg for many metrics looked through for ideas.
 *
 * @param pValues of one family of comparisons, in any order
 */
export function adjustPValues(pValues: readonly number[]): Answer<AdjustedPValues> {
  if (!pValues.every((p) => p >= 0 && p <= 1)) return refuse('bad-alpha')
  const m = pValues.length
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!)
  const harmonic = pValues.reduce((sum, _, i) => sum + 1 / (i + 1), 0)
  // The rank is counted from 1, as in the books.
  const scaled = (factor: (rank: number) => number): number[] =>
    order.map((i, at) => Math.min(1, factor(at + 1) * pValues[i]!))
  const back = (sorted: number[]): number[] => {
    const adjusted = new Array<number>(m)
    for (const [at, i] of order.entries()) adjusted[i] = sorted[at]!
    return adjusted
  }
  const stepDown = (sorted: number[]): number[] => {
    for (let at = 1; at < m; at++) sorted[at] = Math.max(sorted[at]!, sorted[at - 1]!)
    return sorted
  }
  const stepUp = (sorted: number[]): number[] => {
    for (let at = m - 2; at >= 0; at--) sorted[at] = Math.min(sorted[at]!, sorted[at + 1]!)
    return sorted
  }
  return give({
    bonferroni: back(scaled(() => m)),
    holm: back(stepDown(scaled((rank) => m - rank + 1))),
    hochberg: back(stepUp(scaled((rank) => m - rank + 1))),
    benjaminiHochberg: back(stepUp(scaled((rank) => m / rank))),
    benjaminiYekutieli: back(stepUp(scaled((rank) => (m * harmonic) / rank))),
  })
}
