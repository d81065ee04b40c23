/** What every method takes and gives: sufficient statistics that add up without losing digits, and answers that say why not. */

/** Why a result cannot be given. */
export type Reason =
  | 'bad-input' // not finite, negative where it may not be, or of unequal lengths
  | 'bad-alpha' // a level or probability that is not between 0 and 1
  | 'no-units' // nobody in an arm
  | 'too-few-units' // one unit has no variance
  | 'more-successes-than-units'
  | 'no-variance' // nothing varies, so that nothing can be tested
  | 'no-conversions' // nobody converted in any arm: a ratio is not defined
  | 'control-zero' // the control is zero (or not distinguishable from it): no ratio to it
  | 'not-positive' // a logarithm needs positive means
  | 'one-variant' // nothing to compare
  | 'no-effect' // an effect of zero needs an endless sample
  | 'no-traffic' // nobody arrives: no day on which it ends
  | 'too-many-successes' // an exact sum of this length would not end in reasonable time
  | 'out-of-range' // numbers so large or small that their squares are no doubles any more

/** A result that cannot be given, and why. */
export interface Refusal {
  ok: false
  reason: Reason
}

/** Either the numbers with `ok: true`, or the reason why there are none: never NaN. */
export type Answer<T> = (T & { ok: true }) | Refusal

/** An interval. Where there is no bound it is ±Infinity (which JSON writes as null). */
export interface Interval {
  low: number
  high: number
}

/** How many units of an arm did it. */
export interface Proportion {
  /** Units in the arm. */
  n: number
  /** Units among them that converted. */
  successes: number
}

/** The first two moments of one value per unit. */
export interface Moments {
  /** Units. */
  n: number
  mean: number
  /** Sample variance (n − 1 below); 0 for fewer than two units. */
  variance: number
}

/** The moments of several values per unit, such as a metric and what it was before. */
export interface JointMoments {
  /** Units. */
  n: number
  means: number[]
  /** Sample covariances (n − 1 below), variances on the diagonal. */
  covariance: number[][]
}

/** Sums over units of two values x and y, as SQL without variance functions would give them. */
export interface PairSums {
  n: number
  sumX: number
  sumY: number
  sumXX: number
  sumYY: number
  sumXY: number
}

/** No answer, and why. */
export function refuse(reason: Reason): Refusal {
  return { ok: false, reason }
}

const hasNaN = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(hasNaN) : Number.isNaN(value)

/** An answer, unless a number in it was lost on the way: nobody gets NaN. */
export function give<T extends object>(values: T): Answer<T> {
  return hasNaN(values) ? refuse('out-of-range') : { ...values, ok: true }
}

/** Whether a number is a level or a probability strictly between 0 and 1. */
export function isLevel(alpha: number): boolean {
  return alpha > 0 && alpha < 1
}

/** Why proportions cannot be compared, or undefined when they can. */
export function proportionFault(...arms: Proportion[]): Reason | undefined {
  for (const { n, successes } of arms) {
    if (!(Number.isFinite(n) && Number.isFinite(successes) && successes >= 0)) return 'bad-input'
    if (n <= 0) return 'no-units'
    if (successes > n) return 'more-successes-than-units'
  }
  return undefined
}

/** Why means cannot be compared, or undefined when they can; variances of zero are allowed. */
export function momentsFault(...arms: Moments[]): Reason | undefined {
  for (const { n, mean, variance } of arms) {
    if (!(Number.isFinite(n) && Number.isFinite(mean) && Number.isFinite(variance) && variance >= 0))
      return 'bad-input'
    if (n <= 0) return 'no-units'
    if (n < 2) return 'too-few-units'
  }
  return undefined
}

/** Why joint moments of this many values cannot be used, or undefined when they can. */
export function jointFault(values: number, ...arms: JointMoments[]): Reason | undefined {
  for (const { n, means, covariance } of arms) {
    const shaped = means.length === values && covariance.length === values
    if (!shaped || covariance.some((row) => row.length !== values)) return 'bad-input'
    if (![n, ...means, ...covariance.flat()].every(Number.isFinite)) return 'bad-input'
    for (let i = 0; i < values; i++) {
      const fault = momentsFault({ n, mean: means[i]!, variance: covariance[i]![i]! })
      if (fault) return fault
    }
  }
  return undefined
}

/**
 * The joint moments of rows, one row a unit, by Welford's updates: right where sums of squares would cancel.
 *
 * @param rows one row per unit, all of the same length
 * @param width values in a row; needed only when there are no rows
 */
export function jointMoments(
  rows: readonly (readonly number[])[],
  width: number = rows[0]?.length ?? 0,
): JointMoments {
  const means = new Array<number>(width).fill(0)
  const sums = means.map(() => [...means])
  let n = 0
  for (const row of rows) {
    n++
    const before = means.map((mean, i) => row[i]! - mean)
    for (let i = 0; i < width; i++) means[i]! += before[i]! / n
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) sums[i]![j]! += before[i]! * (row[j]! - means[j]!)
  }
  return { n, means, covariance: sums.map((row) => row.map((sum) => (n > 1 ? sum / (n - 1) : 0))) }
}

/**
 * Merges the joint moments of disjoint sets of units (Chan, Golub & LeVeque 1979): days, shards or strata.
 *
 * @param parts the moments of each set
 */
export function mergeJoint(parts: readonly JointMoments[]): JointMoments {
  const [first = { n: 0, means: [], covariance: [] }, ...rest] = parts.filter(({ n }) => n > 0)
  return rest.reduce((a, b) => {
    const n = a.n + b.n
    const delta = a.means.map((mean, i) => b.means[i]! - mean)
    return {
      n,
      means: a.means.map((mean, i) => mean + (delta[i]! * b.n) / n),
      covariance: a.covariance.map((row, i) =>
        row.map(
          (value, j) =>
            ((a.n - 1) * value + (b.n - 1) * b.covariance[i]![j]! + delta[i]! * delta[j]! * a.n * (b.n / n)) /
            (n - 1),
        ),
      ),
    }
  }, first)
}

/** The moments of one of several values. */
export function marginal({ n, means, covariance }: JointMoments, index: number): Moments {
  return { n, mean: means[index] ?? 0, variance: covariance[index]?.[index] ?? 0 }
}

/**
 * The moments of one value per unit.
 *
 * @param values one value per unit
 */
export function moments(values: readonly number[]): Moments {
  return marginal(
    jointMoments(
      values.map((value) => [value]),
      1,
    ),
    0,
  )
}

/**
 * Merges the moments of disjoint sets of units.
 *
 * @param parts the moments of each set
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  return marginal(
    mergeJoint(parts.map(({ n, mean, variance }) => ({ n, means: [mean], covariance: [[variance]] }))),
    0,
  )
}

/**
 * Joint moments from sums. Sums of squares of large values cancel: where the spread is below a millionth of the mean,
 * take averages and covariances (`avg`, `covar_samp`) from the database instead.
 */
export function momentsFromSums({ n, sumX, sumY, sumXX, sumYY, sumXY }: PairSums): JointMoments {
  const cov = (both: number, a: number, b: number): number => (n > 1 ? (both - (a / n) * b) / (n - 1) : 0)
  const xy = cov(sumXY, sumX, sumY)
  return {
    n,
    means: [sumX / n, sumY / n],
    covariance: [
      [Math.max(0, cov(sumXX, sumX, sumX)), xy],
      [xy, Math.max(0, cov(sumYY, sumY, sumY))],
    ],
  }
}

/** A proportion as the moments of its zeros and ones. */
export function proportionMoments({ n, successes }: Proportion): Moments {
  const mean = successes / n
  return { n, mean, variance: n > 1 ? (mean * (1 - mean) * n) / (n - 1) : 0 }
}

/**
 * Welch–Satterthwaite degrees of freedom of a difference of means.
 *
 * @param a squared standard error of one mean, of nA units
 * @param b squared standard error of the other, of nB units
 */
export function welchDf(a: number, nA: number, b: number, nB: number): number {
  // Of shares, not of squares: the squares of tiny variances are no doubles any more.
  const share = a / (a + b)
  return 1 / ((share * share) / (nA - 1) + ((1 - share) * (1 - share)) / (nB - 1))
}
