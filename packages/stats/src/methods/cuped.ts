/** CUPED: less variance by what was known of each unit before the experiment, for means and for ratios. */
import { tIsf, tSf } from '../distributions/student-t.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type JointMoments,
  jointFault,
  mergeJoint,
  refuse,
  welchDf,
} from '../summary.ts'

/** An adjusted comparison; differences are treatment − control, in the metric's unit. */
export interface Cuped {
  /** How much of the covariate is taken off; 0 where the covariate does not vary. */
  theta: number
  /** The slope within the arms, as an analysis of covariance has it, for comparison. */
  thetaWithin: number
  difference: number
  /** Variance of one unit after the adjustment. */
  varianceControl: number
  varianceTreatment: number
  se: number
  t: number
  df: number
  /** Two-sided. */
  pValue: number
  interval: Interval
  /** The share of the variance of the difference that the covariate took away; may be slightly negative by chance. */
  varianceReduction: number
  unadjustedDifference: number
  unadjustedSe: number
  /** The adjusted difference over the control's plain mean: 0.1 is ten per cent. Refused where that mean is zero. */
  lift: Answer<{ value: number; se: number }>
}

/** One arm: the metric y and the covariate x. */
interface Arm {
  n: number
  y: number
  x: number
  yy: number
  xx: number
  xy: number
}

const over = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

function within(a: Arm, b: Arm): number {
  return over((a.n - 1) * a.xy + (b.n - 1) * b.xy, (a.n - 1) * a.xx + (b.n - 1) * b.xx)
}

function adjust(a: Arm, b: Arm, theta: number, alpha: number): Answer<Cuped> {
  const left = ({ yy, xx, xy }: Arm): number => Math.max(0, yy + theta * theta * xx - 2 * theta * xy)
  const [varianceControl, varianceTreatment] = [left(a), left(b)]
  const [va, vb] = [varianceControl / a.n, varianceTreatment / b.n]
  const unadjusted = a.yy / a.n + b.yy / b.n
  if (va + vb === 0) return refuse('no-variance')
  const difference = b.y - a.y - theta * (b.x - a.x)
  const se = Math.sqrt(va + vb)
  const df = welchDf(va, a.n, vb, b.n)
  const reach = tIsf(alpha / 2, df) * se
  // The control's adjusted and plain means go together, which the error of their ratio takes into account.
  const share = difference / a.y
  const liftVariance = vb + va + (2 * share * (a.yy - theta * a.xy) + share * share * a.yy) / a.n
  return give({
    theta,
    thetaWithin: within(a, b),
    difference,
    varianceControl,
    varianceTreatment,
    se,
    t: difference / se,
    df,
    pValue: 2 * tSf(Math.abs(difference / se), df),
    interval: { low: difference - reach, high: difference + reach },
    varianceReduction: 1 - over(va + vb, unadjusted),
    unadjustedDifference: b.y - a.y,
    unadjustedSe: Math.sqrt(unadjusted),
    lift:
      a.y === 0
        ? refuse('control-zero')
        : give({ value: share, se: Math.sqrt(Math.max(0, liftVariance)) / Math.abs(a.y) }),
  })
}

function mean({ n, means, covariance }: JointMoments): Arm {
  const [[yy = 0, xy = 0] = [], [, xx = 0] = []] = covariance
  return { n, y: means[0]!, x: means[1]!, yy, xx, xy }
}

/**
 * Compares two means adjusted by a covariate from before the experiment (Deng, Xu, Kohavi & Walker 2013): each arm's
 * ȳ − θ·x̄, θ = cov(y, x)/var(x) over the units of both arms. Welch's t on the adjusted variances
 * s²y + θ²·s²x − 2θ·s_xy. The lift is relative to the control's plain mean, its error by the delta method. In the
 * metric's unit.
 *
 * When not to use it: with a covariate that the experiment may have changed (anything after the first exposure). Units
 * without a past bring 0 for it; with new visitors only it changes nothing.
 *
 * @param control joint moments of [metric, covariate] per unit of the control
 * @param treatment the same of the treatment
 * @param alpha two-sided level of the interval
 */
export function cuped(control: JointMoments, treatment: JointMoments, alpha = 0.05): Answer<Cuped> {
  const fault = jointFault(2, control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  const all = mean(mergeJoint([control, treatment]))
  return adjust(mean(control), mean(treatment), over(all.xy, all.xx), alpha)
}

/** The ratio Σm/Σd and the one before, each linearised in its own sums. */
function ratio({ n, means, covariance }: JointMoments): Arm {
  const [m, d, m0, d0] = means as [number, number, number, number]
  const now = [1 / d, -m / d / d, 0, 0]
  const before = d0 === 0 ? [0, 0, 0, 0] : [0, 0, 1 / d0, -m0 / d0 / d0]
  const form = (u: number[], v: number[]): number =>
    covariance.reduce((sum, row, i) => sum + u[i]! * row.reduce((part, c, j) => part + c * v[j]!, 0), 0)
  return {
    n,
    y: m / d,
    x: d0 === 0 ? 0 : m0 / d0,
    yy: Math.max(0, form(now, now)),
    xx: Math.max(0, form(before, before)),
    xy: form(now, before),
  }
}

/**
 * CUPED for ratios Σm/Σd: both the ratio and the ratio before are linearised (delta method), then adjusted as `cuped`
 * does, with the slope within the arms (Deng, Knoblich & Lu 2018). In the ratio's unit.
 *
 * When not to use it: as for `cuped` and `ratioMetric`.
 *
 * @param control joint moments of [numerator, denominator, numerator before, denominator before] per unit
 * @param treatment the same of the treatment
 * @param alpha two-sided level of the interval
 */
export function cupedRatio(control: JointMoments, treatment: JointMoments, alpha = 0.05): Answer<Cuped> {
  const fault = jointFault(4, control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  if (control.means[1] === 0 || treatment.means[1] === 0) return refuse('control-zero')
  const [a, b] = [ratio(control), ratio(treatment)]
  // A past that one arm alone has cannot be compared.
  const past = control.means[3] !== 0 && treatment.means[3] !== 0
  return adjust(a, b, past ? within(a, b) : 0, alpha)
}
