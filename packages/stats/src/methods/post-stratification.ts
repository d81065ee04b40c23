/** Post-stratification: compares within strata (steps of a ramp, countries) and combines. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type JointMoments,
  jointFault,
  type Moments,
  momentsFault,
  refuse,
} from '../summary.ts'

/** One stratum: the moments of both arms in it. */
export interface Stratum {
  control: Moments
  treatment: Moments
}

/** A difference combined over strata, treatment − control, in the metric's unit. */
export interface PostStratified {
  difference: number
  /** Given the sizes of the strata. */
  se: number
  z: number
  /** Two-sided. */
  pValue: number
  interval: Interval
  /** The control's mean, weighted in the same way. */
  meanControl: number
  meanTreatment: number
}

/**
 * Compares two means within each stratum and weights by the stratum's share of all units: Σ w·(x̄T − x̄C), variance
 * Σ w²·(s²T/nT + s²C/nC) (Miratrix, Sekhon & Yu 2013). It removes the Simpson effect of a ramp whose steps had different
 * shares on different days. In the metric's unit.
 *
 * When not to use it: with strata that the treatment may change (what a visitor did after the exposure), or of fewer
 * than two units an arm (it refuses; merge them).
 *
 * @param strata the moments of both arms in each
 * @param alpha two-sided level of the interval
 */
export function postStratified(strata: readonly Stratum[], alpha = 0.05): Answer<PostStratified> {
  if (!isLevel(alpha)) return refuse('bad-alpha')
  if (strata.length === 0) return refuse('no-units')
  const fault = momentsFault(...strata.flatMap(({ control, treatment }) => [control, treatment]))
  if (fault) return refuse(fault)
  const units = strata.reduce((sum, { control, treatment }) => sum + control.n + treatment.n, 0)
  let variance = 0
  let meanControl = 0
  let meanTreatment = 0
  let difference = 0
  for (const { control, treatment } of strata) {
    const weight = (control.n + treatment.n) / units
    variance += weight ** 2 * (control.variance / control.n + treatment.variance / treatment.n)
    meanControl += weight * control.mean
    meanTreatment += weight * treatment.mean
    difference += weight * (treatment.mean - control.mean)
  }
  if (variance === 0) return refuse('no-variance')
  const se = Math.sqrt(variance)
  const z = difference / se
  const reach = normalIsf(alpha / 2) * se
  const interval = { low: difference - reach, high: difference + reach }
  return give({
    difference,
    se,
    z,
    pValue: 2 * normalSf(Math.abs(z)),
    interval,
    meanControl,
    meanTreatment,
  })
}

/**
 * The joint moments of each arm as if every arm had the same share of each stratum: means Σ w·x̄, covariance n·Σ w²·S/nₛ,
 * w the stratum's share of the units of all arms (Miratrix, Sekhon & Yu 2013). Any test of means, of ratios or with CUPED
 * may be given them instead of the plain ones. In the values' units.
 *
 * When not to use it: as for `postStratified`.
 *
 * @param strata of each stratum the joint moments of each arm, in the same order
 */
export function postStratify(strata: readonly (readonly JointMoments[])[]): Answer<{ arms: JointMoments[] }> {
  const [first = []] = strata
  if (first.length === 0) return refuse('no-units')
  const width = first[0]!.means.length
  if (strata.some((arms) => arms.length !== first.length)) return refuse('bad-input')
  const fault = jointFault(width, ...strata.flat())
  if (fault) return refuse(fault)
  const sizes = strata.map((arms) => arms.reduce((sum, { n }) => sum + n, 0))
  const units = sizes.reduce((sum, n) => sum + n, 0)
  const weights = sizes.map((size) => size / units)
  const sum = (of: (i: number) => number): number => weights.reduce((all, _, i) => all + of(i), 0)
  const values = Array.from({ length: width }, (_, i) => i)
  const arms = first.map((_, arm) => {
    const n = sum((i) => strata[i]![arm]!.n)
    return {
      n,
      means: values.map((v) => sum((i) => weights[i]! * strata[i]![arm]!.means[v]!)),
      covariance: values.map((v) =>
        values.map((u) =>
          sum((i) => (n / strata[i]![arm]!.n) * weights[i]! ** 2 * strata[i]![arm]!.covariance[v]![u]!),
        ),
      ),
    }
  })
  return give({ arms })
}
