/** Quantiles and winsorising: what to do about metrics with a long tail. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { type Answer, give, type Interval, isLevel, type Moments, moments, refuse } from '../summary.ts'

/** A quantile of one arm and how well it is known. */
export interface QuantileEstimate {
  n: number
  value: number
  /** Standard error by order statistics. */
  se: number
}

/** Two quantiles compared; the difference is treatment − control, in the metric's unit. */
export interface QuantileDifference {
  difference: number
  se: number
  z: number
  /** Two-sided. */
  pValue: number
  interval: Interval
}

const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort()

function interpolated(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p
  const below = Math.floor(at)
  const low = sorted[below]!
  return low + (at - below) * ((sorted[below + 1] ?? low) - low)
}

function valuesFault(values: readonly number[]): 'no-units' | 'bad-input' | undefined {
  if (values.length === 0) return 'no-units'
  return values.every(Number.isFinite) ? undefined : 'bad-input'
}

/**
 * Quantiles with linear interpolation between order statistics (Hyndman & Fan 1996, type 7; R's and NumPy's default).
 * In the values' unit.
 *
 * When not to use it: to compare arms (`quantileEstimate` has the error as well), or for tails of few values.
 *
 * @param values in any order
 * @param probs each between 0 and 1, both included
 */
export function quantiles(values: readonly number[], probs: readonly number[]): Answer<{ values: number[] }> {
  const fault = valuesFault(values)
  if (fault) return refuse(fault)
  if (!probs.every((p) => p >= 0 && p <= 1)) return refuse('bad-alpha')
  const sorted = ascending(values)
  return give({ values: probs.map((p) => interpolated(sorted, p)) })
}

/**
 * Pulls the values beyond two quantiles in to them, so that a few very large orders do not decide. The limits belong to
 * all arms together: winsorise the pooled values, or take the limits from `quantiles` of all arms and clip each.
 *
 * When not to use it: where the tail is what the experiment is about; never with limits of each arm its own.
 *
 * @param values one value per unit
 * @param lower share below which values are pulled up, such as 0
 * @param upper share above which values are pulled down, such as 0.99
 */
export function winsorize(
  values: readonly number[],
  lower: number,
  upper: number,
): Answer<{ values: number[]; limits: Interval; moments: Moments }> {
  const ends = quantiles(values, [lower, upper])
  if (!ends.ok) return ends
  if (lower > upper) return refuse('bad-alpha')
  const [low, high] = ends.values as [number, number]
  const clipped = values.map((value) => Math.min(high, Math.max(low, value)))
  return give({ values: clipped, limits: { low, high }, moments: moments(clipped) })
}

/**
 * A quantile with its standard error: the distance of the order statistics at ranks n·p ± z·√(n·p(1 − p)), over 2z
 * (Deng, Knoblich & Lu 2018, "outer confidence interval"). In the values' unit.
 *
 * When not to use it: with several values a unit (pages of one visitor), which depend on each other; or where fewer than
 * some twenty values lie beyond the quantile.
 *
 * @param values one value per unit
 * @param p between 0 and 1
 */
export function quantileEstimate(values: readonly number[], p: number): Answer<QuantileEstimate> {
  const fault = valuesFault(values) ?? (isLevel(p) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  const n = values.length
  const sorted = ascending(values)
  const z = normalIsf(0.025)
  const reach = z * Math.sqrt(n * p * (1 - p))
  const low = Math.floor(n * p - reach)
  const high = Math.ceil(n * p + reach)
  // Ranks beyond the ends: the sample says nothing about how far the quantile may lie.
  if (low < 1 || high > n) return refuse('too-few-units')
  const se = (sorted[high - 1]! - sorted[low - 1]!) / (2 * z)
  return give({ n, value: interpolated(sorted, p), se })
}

/**
 * Compares two quantiles by a normal test on their difference. In the values' unit.
 *
 * When not to use it: as for `quantileEstimate`; on metrics of few distinct values, whose quantiles jump.
 *
 * @param control the quantile of the control
 * @param treatment the quantile of the treatment
 * @param alpha two-sided level of the interval
 */
export function quantileDifference(
  control: QuantileEstimate,
  treatment: QuantileEstimate,
  alpha = 0.05,
): Answer<QuantileDifference> {
  if (!isLevel(alpha)) return refuse('bad-alpha')
  const difference = treatment.value - control.value
  const se = Math.hypot(control.se, treatment.se)
  if (!Number.isFinite(difference) || !Number.isFinite(se)) return refuse('bad-input')
  if (se === 0) return refuse('no-variance')
  const z = difference / se
  const reach = normalIsf(alpha / 2) * se
  const interval = { low: difference - reach, high: difference + reach }
  return give({ difference, se, z, pValue: 2 * normalSf(Math.abs(z)), interval })
}
