/** What two peers answer, by their published formulas; gbstats' is held to answers that gbstats itself gave. */
import { normalIsf, normalSf, tIsf, tSf } from '../../src/distributions.ts'
import type { Interval } from '../../src/index.ts'

/** An arm as both take it: units, and sums of a value and of its square. */
export interface Sums {
  n: number
  sum: number
  /** Absent of a share. */
  sumSquares?: number
}

/** What a peer answers; a sentence where it refuses. */
export type PeerAnswer = { pValue: number; interval: Interval; chanceToWin: number } | { refuses: string }

const mean = ({ n, sum }: Sums): number => sum / n

/** Of a share p(1 − p), of a value (Σx² − (Σx)²/n)/(n − 1), as both write it. */
function variance(arm: Sums): number {
  if (arm.sumSquares === undefined) return mean(arm) * (1 - mean(arm))
  return (arm.sumSquares - arm.sum ** 2 / arm.n) / (arm.n - 1)
}

/** The difference, relative to the control's mean or not, and its variance by the delta method. */
function effect(a: Sums, b: Sums, relative: boolean): { value: number; variance: number } {
  const [va, vb] = [variance(a) / a.n, variance(b) / b.n]
  if (!relative) return { value: mean(b) - mean(a), variance: va + vb }
  const value = (mean(b) - mean(a)) / mean(a)
  return { value, variance: vb / mean(a) ** 2 + (va * mean(b) ** 2) / mean(a) ** 4 }
}

/**
 * gbstats' two-sided t test, of the relative lift unless said otherwise (growthbook/growthbook,
 * packages/stats/gbstats: models/tests.py, frequentist/tests.py; MIT).
 */
export function gbstats(a: Sums, b: Sums, relative = true): PeerAnswer {
  if (variance(a) <= 0 || variance(b) <= 0) return { refuses: 'zero variance' }
  if (mean(a) === 0) return { refuses: 'the control is zero' }
  const { value, variance: squared } = effect(a, b, relative)
  const se = Math.sqrt(squared)
  const [va, vb] = [variance(a) / a.n, variance(b) / b.n]
  const df = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1))
  // Twice what is missing to 1, not twice the tail: below 1e-16 nothing is left.
  const pValue = 2 * (1 - (1 - tSf(Math.abs(value / se), df)))
  const reach = tIsf(0.025, df) * se
  return { pValue, interval: { low: value - reach, high: value + reach }, chanceToWin: normalSf(-value / se) }
}

/**
 * PostHog's Bayesian method with its default, a flat prior on the relative lift (PostHog/posthog,
 * products/experiments/stats: bayesian/method.py, bayesian/utils.py, shared/statistics.py; MIT).
 */
export function posthog(a: Sums, b: Sums): PeerAnswer {
  for (const { n, sum, sumSquares } of [a, b])
    if (sumSquares !== undefined && sumSquares < sum ** 2 / n) return { refuses: 'the sums do not fit' }
  if (mean(a) <= 0) return { refuses: 'the control must be above zero' }
  const { value, variance: squared } = effect(a, b, true)
  if (squared <= 0) return { refuses: 'the variance must be above zero' }
  const se = Math.sqrt(squared)
  const reach = normalIsf(0.025) * se
  const chanceToWin = normalSf(-value / se)
  return {
    pValue: 2 * Math.min(chanceToWin, 1 - chanceToWin),
    interval: { low: value - reach, high: value + reach },
    chanceToWin,
  }
}
