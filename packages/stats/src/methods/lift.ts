/** The relative lift of a mean over the control's: log ratio, delta method and Fieller. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { type Answer, give, type Interval, isLevel, type Moments, momentsFault, refuse } from '../summary.ts'

/** A relative lift: 0.1 is ten per cent more than the control. */
export interface RelativeLift {
  /** x̄T/x̄C − 1. */
  lift: number
  /** Standard error of the lift by the delta method. */
  se: number
  z: number
  /** Two-sided, of the delta method. */
  pValue: number
  /** lift ± z·se: symmetric, and wrong where the control's mean is uncertain; for comparison with other tools. */
  delta: Interval
  /** By the logarithm of the ratio: the one to report. Refused unless both means are positive. */
  log: Answer<Interval>
  /** Fieller's, exact for normal means. Refused where the control's mean is not distinguishable from zero. */
  fieller: Answer<Interval>
}

/**
 * The relative lift treatment/control − 1. Delta method: se² = s²T/(nT·x̄C²) + x̄T²·s²C/(nC·x̄C⁴); logarithm: ln ratio ±
 * z·√(s²C/(nC·x̄C²) + s²T/(nT·x̄T²)); Fieller (1954): the ratios θ with |x̄T − θ·x̄C| ≤ z·√(s²T/nT + θ²·s²C/nC). A share,
 * without a unit.
 *
 * When not to use it: with a control near zero (only Fieller notices), for rates with fewer than ten conversions an arm
 * (`scoreRatio`), or for metrics that may be negative (report the difference).
 *
 * @param control the moments of the control
 * @param treatment the moments of the treatment
 * @param alpha two-sided level of the intervals
 */
export function relativeLift(control: Moments, treatment: Moments, alpha = 0.05): Answer<RelativeLift> {
  const fault = momentsFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  if (control.mean === 0) return refuse('control-zero')
  const a = control.variance / control.n / control.mean ** 2
  const b = treatment.variance / treatment.n / control.mean ** 2
  if (a + b === 0) return refuse('no-variance')
  const ratio = treatment.mean / control.mean
  const lift = (treatment.mean - control.mean) / control.mean
  const se = Math.sqrt(b + ratio * ratio * a)
  const critical = normalIsf(alpha / 2)
  // Without variance in the treatment, a treatment of zero has no error at all.
  if (se === 0) return refuse('no-variance')
  const z = lift / se
  return give({
    lift,
    se,
    z,
    pValue: 2 * normalSf(Math.abs(z)),
    delta: { low: lift - critical * se, high: lift + critical * se },
    log: logInterval(control, treatment, ratio, critical * Math.sqrt(a + b / (ratio * ratio))),
    fieller: fieller(a, b, ratio, critical * critical),
  })
}

function logInterval(control: Moments, treatment: Moments, ratio: number, reach: number): Answer<Interval> {
  if (control.mean <= 0 || treatment.mean <= 0) return refuse('not-positive')
  const log = Math.log(ratio)
  return give({ low: Math.expm1(log - reach), high: Math.expm1(log + reach) })
}

/** With a, b the squared errors of both means in units of the control's mean, whose g = zz·a must stay below 1. */
function fieller(a: number, b: number, ratio: number, zz: number): Answer<Interval> {
  const rest = 1 - zz * a
  if (rest <= 0) return refuse('control-zero')
  const reach = Math.sqrt(zz * Math.max(0, b + ratio * ratio * a - zz * a * b))
  return give({ low: (ratio - reach) / rest - 1, high: (ratio + reach) / rest - 1 })
}
