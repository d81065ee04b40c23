/** Ratio metrics, a sum over a sum such as clicks per page view, whose denominator varies by unit: the delta method. */
import { normalSf } from '../distributions/normal.ts'
import { tIsf, tSf } from '../distributions/student-t.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type JointMoments,
  jointFault,
  refuse,
  welchDf,
} from '../summary.ts'

/** Two ratios compared; differences are treatment − control, in the ratio's unit. */
export interface RatioMetric {
  ratioControl: number
  ratioTreatment: number
  /** Variance of one unit's contribution to the ratio; divided by n it is the ratio's own. */
  varianceControl: number
  varianceTreatment: number
  difference: number
  se: number
  z: number
  /** Two-sided, by the normal distribution. */
  pNormal: number
  df: number
  /** Two-sided, by Student's distribution with Welch's degrees of freedom: the one to report. */
  pValue: number
  interval: Interval
}

/** The linearised variance of one unit: (s²m − 2R·s_md + R²·s²d)/d̄². */
function unitVariance({ means, covariance }: JointMoments): number {
  const [[mm = 0, md = 0] = [], [, dd = 0] = []] = covariance
  const denominator = means[1]!
  const ratio = means[0]! / denominator
  return Math.max(0, (mm - 2 * ratio * md + ratio * ratio * dd) / denominator ** 2)
}

/**
 * Compares two ratios Σm/Σd, where each unit brings a numerator m and a denominator d. The delta method (Deng, Knoblich
 * & Lu 2018) takes the covariance of both into account; treating each page view as a unit does not, and errs far too
 * often. Welch's degrees of freedom over the units.
 *
 * When not to use it: with fewer than some fifty units an arm, or where denominators may sum to zero (it refuses).
 *
 * @param control joint moments of [numerator, denominator] per unit of the control
 * @param treatment the same of the treatment
 * @param alpha two-sided level of the interval
 */
export function ratioMetric(
  control: JointMoments,
  treatment: JointMoments,
  alpha = 0.05,
): Answer<RatioMetric> {
  const fault = jointFault(2, control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  if (control.means[1] === 0 || treatment.means[1] === 0) return refuse('control-zero')
  const [varianceControl, varianceTreatment] = [unitVariance(control), unitVariance(treatment)]
  const a = varianceControl / control.n
  const b = varianceTreatment / treatment.n
  if (a + b === 0) return refuse('no-variance')
  const ratioControl = control.means[0]! / control.means[1]!
  const ratioTreatment = treatment.means[0]! / treatment.means[1]!
  const difference = ratioTreatment - ratioControl
  const se = Math.sqrt(a + b)
  const df = welchDf(a, control.n, b, treatment.n)
  const z = difference / se
  const reach = tIsf(alpha / 2, df) * se
  return give({
    ratioControl,
    ratioTreatment,
    varianceControl,
    varianceTreatment,
    difference,
    se,
    z,
    pNormal: 2 * normalSf(Math.abs(z)),
    df,
    pValue: 2 * tSf(Math.abs(z), df),
    interval: { low: difference - reach, high: difference + reach },
  })
}
