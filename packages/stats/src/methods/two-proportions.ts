/** Two conversion rates: the pooled score test, and the intervals of Wald, Newcombe and Wilson. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type Proportion,
  proportionFault,
  refuse,
} from '../summary.ts'

/** Two rates compared; all differences are treatment − control, in absolute points (0.02 is two points). */
export interface TwoProportions {
  rateControl: number
  rateTreatment: number
  difference: number
  /** Standard error under the hypothesis of equal rates, which the test uses. */
  sePooled: number
  seUnpooled: number
  /** (rateTreatment − rateControl)/sePooled; 0 where nobody or everybody converted in both arms. */
  z: number
  /** Two-sided. */
  pValue: number
  /** difference ± z·seUnpooled: for comparison with other tools only; too narrow at small counts. */
  wald: Interval
  /** Newcombe's hybrid score interval. */
  newcombe: Interval
  wilsonControl: Interval
  wilsonTreatment: Interval
}

/**
 * Wilson's score interval of one rate: the rates p with |p̂ − p| ≤ z·√(p(1 − p)/n) (Wilson 1927). In absolute points.
 *
 * When not to use it: for a comparison. Arms whose intervals overlap may still differ.
 *
 * @param arm units and conversions
 * @param alpha 1 − confidence level
 */
export function wilson(arm: Proportion, alpha = 0.05): Answer<Interval> {
  const fault = proportionFault(arm) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  return fault ? refuse(fault) : give(wilsonLimits(arm, normalIsf(alpha / 2)).interval)
}

interface Limits {
  interval: Interval
  /** From the rate to the lower limit, and to the upper one. */
  below: number
  above: number
}

function wilsonLimits({ n, successes: x }: Proportion, z: number): Limits {
  const zz = z * z
  const spread = z * Math.sqrt(zz / 4 + (x * (n - x)) / n)
  // The limit next to 0 would be a difference of equal numbers: it is taken from the product of both instead, and that
  // next to 1 likewise, from the failures. The other one is a sum of positive numbers.
  const near = (count: number): number => (count * count) / n / (count + zz / 2 + spread)
  const far = (count: number): number => (count + zz / 2 + spread) / (n + zz)
  const reach = (count: number): number => (zz * (0.5 - count / n) + spread) / (n + zz)
  const few = x <= n / 2
  const low = near(x)
  const missing = near(n - x)
  return {
    interval: { low: few ? low : 1 - far(n - x), high: few ? far(x) : 1 - missing },
    below: few ? x / n - low : reach(n - x),
    above: few ? reach(x) : (n - x) / n - missing,
  }
}

/**
 * Compares two conversion rates. p by the score test with the pooled rate, z = (p̂T − p̂C)/√(p̄(1 − p̄)(1/nC + 1/nT));
 * intervals by Newcombe (1998, method 10), Wilson (1927) and Wald. Differences are in absolute points.
 *
 * When not to use it: if an expected count is below 5 take `fisherExact`; for the interval that belongs to this p take
 * `scoreDifference`; if you look more than once, a sequential method; for units that convert many times, `welch`.
 *
 * @param control units and conversions of the control
 * @param treatment units and conversions of the treatment
 * @param alpha two-sided level of the intervals
 */
export function twoProportions(
  control: Proportion,
  treatment: Proportion,
  alpha = 0.05,
): Answer<TwoProportions> {
  const fault = proportionFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  const a = control.successes / control.n
  const b = treatment.successes / treatment.n
  // From the whole counts, so that rates that nearly agree lose no digits.
  const difference =
    (treatment.successes * control.n - control.successes * treatment.n) / control.n / treatment.n
  const n = control.n + treatment.n
  const x = control.successes + treatment.successes
  const sePooled = Math.sqrt((x / n) * ((n - x) / n) * (1 / control.n + 1 / treatment.n))
  const seUnpooled = Math.sqrt((a * (1 - a)) / control.n + (b * (1 - b)) / treatment.n)
  const z = sePooled > 0 ? difference / sePooled : 0
  const critical = normalIsf(alpha / 2)
  const wilsonControl = wilsonLimits(control, critical)
  const wilsonTreatment = wilsonLimits(treatment, critical)
  return give({
    rateControl: a,
    rateTreatment: b,
    difference,
    sePooled,
    seUnpooled,
    z,
    pValue: 2 * normalSf(Math.abs(z)),
    wald: { low: difference - critical * seUnpooled, high: difference + critical * seUnpooled },
    newcombe: {
      low: difference - Math.hypot(wilsonTreatment.below, wilsonControl.above),
      high: difference + Math.hypot(wilsonTreatment.above, wilsonControl.below),
    },
    wilsonControl: wilsonControl.interval,
    wilsonTreatment: wilsonTreatment.interval,
  })
}
