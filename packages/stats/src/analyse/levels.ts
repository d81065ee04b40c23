/** From the goals' p values to adjusted ones, and to the level at which each interval agrees with what is decided. */
import { adjustPValues } from '../methods/corrections.ts'
import type { Correction } from './plan.ts'

/** One comparison of a family. */
export interface Corrected {
  /** Compare it with the level of the whole family. */
  adjustedPValue: number
  /** The level at which this one was tested: its interval at it leaves out zero exactly where the adjusted p is below. */
  level: number
}

/**
 * Corrects a family. Holm's interval is of the level at which Holm tested it, α/(m − rank + 1), and of all that it did not
 * reject α/(m − rejected). Benjamini and Hochberg's is of the level α·rejected/m (Benjamini & Yekutieli 2005), which
 * bounds the share of the shown intervals of claims that miss.
 *
 * @param pValues of the family, each between 0 and 1
 * @param alpha level of the whole family
 */
export function correctedLevels(
  pValues: readonly number[],
  alpha: number,
  correction: Correction,
): Corrected[] {
  const m = pValues.length
  const adjusted = adjustPValues(pValues)
  if (!adjusted.ok || correction === 'none')
    return pValues.map((adjustedPValue) => ({ adjustedPValue, level: alpha }))
  const told = adjusted[correction]
  const rejected = told.filter((p) => p < alpha).length
  if (correction === 'benjaminiHochberg')
    return told.map((adjustedPValue) => ({ adjustedPValue, level: (alpha * Math.max(1, rejected)) / m }))
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!)
  return told.map((adjustedPValue, i) => {
    const rank = Math.min(order.indexOf(i), rejected)
    return { adjustedPValue, level: alpha / Math.max(1, m - rank) }
  })
}
