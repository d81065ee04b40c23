/** Score intervals of two conversion rates: Miettinen–Nurminen for the difference, Koopman's for the ratio, and Katz'. */
import { normalIsf } from '../distributions/normal.ts'
import { root } from '../distributions/root.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type Proportion,
  proportionFault,
  refuse,
} from '../summary.ts'

/** Whether n/(n − 1) widens the variance, as Miettinen and Nurminen have it; without it the interval is Mee's. */
function inflation(a: Proportion, b: Proportion): number {
  const n = a.n + b.n
  return n > 1 ? n / (n - 1) : 1
}

/**
 * The likeliest rate of the arm that is δ ≥ 0 below the other: where the score is zero. The score falls from end to
 * end, so that a bracket finds it in any case, without the trigonometry that loses digits at small counts.
 */
function restrictedRate(below: Proportion, above: Proportion, delta: number): number {
  const top = 1 - delta
  const per = (count: number, rate: number): number => (count === 0 ? 0 : count / rate)
  const score = (p: number): number =>
    per(below.successes, p) -
    per(below.n - below.successes, 1 - p) +
    per(above.successes, p + delta) -
    per(above.n - above.successes, top - p)
  if (score(0) <= 0) return 0
  return score(top) >= 0 ? top : root(score, 0, top)
}

/** p̂B − p̂A from the whole counts, so that rates that nearly agree lose no digits. */
function observedDifference(a: Proportion, b: Proportion): number {
  return (b.successes * a.n - a.successes * b.n) / a.n / b.n
}

const failures = ({ n, successes }: Proportion): Proportion => ({ n, successes: n - successes })

/** |observed − δ| − z·se(δ): negative inside the interval. */
function excess(control: Proportion, treatment: Proportion, z: number): (delta: number) => number {
  const observed = observedDifference(control, treatment)
  const factor = inflation(control, treatment)
  return (delta) => {
    // At the observed difference itself nothing is in excess, also where both rates are 0 or 1 and the error is zero.
    if (delta === observed) return -1
    const [below, above] = delta >= 0 ? [control, treatment] : [treatment, control]
    const size = Math.abs(delta)
    const low = restrictedRate(below, above, size)
    const variance = (low * (1 - low)) / below.n + ((low + size) * Math.max(0, 1 - size - low)) / above.n
    return Math.abs(observed - delta) - z * Math.sqrt(factor * variance)
  }
}

/**
 * The interval of the difference treatment − control by inverting the score test (Miettinen & Nurminen 1985): all δ
 * with |p̂T − p̂C − δ| ≤ z·√(N/(N − 1)·(p̃C(1 − p̃C)/nC + p̃T(1 − p̃T)/nT)), p̃ the likeliest rates that are δ apart.
 * In absolute points. Good from the first conversions on.
 *
 * When not to use it: when you look more than once (see `confidenceSequence`), or units convert many times (`welch`).
 *
 * @param control units and conversions of the control
 * @param treatment units and conversions of the treatment
 * @param alpha two-sided level
 */
export function scoreDifference(control: Proportion, treatment: Proportion, alpha = 0.05): Answer<Interval> {
  const fault = proportionFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  // Near 1 a rate is known better by what is missing to it, whose difference is the same with the other sign.
  const often = control.successes + treatment.successes > (control.n + treatment.n) / 2
  const [a, b] = often ? [failures(treatment), failures(control)] : [control, treatment]
  const observed = observedDifference(a, b)
  const f = excess(a, b, normalIsf(alpha / 2))
  return give({
    low: observed <= -1 ? -1 : root(f, -1, observed),
    high: observed >= 1 ? 1 : root(f, observed, 1),
  })
}

/** As `excess`, of the ratio φ = e^u: observed p̂T − φ·p̂C against its error under rates that stand in this ratio. */
function ratioExcess(control: Proportion, treatment: Proportion, z: number): (u: number) => number {
  const { n: nA, successes: xA } = control
  const { n: nB, successes: xB } = treatment
  const factor = inflation(control, treatment)
  return (u) => {
    const ratio = Math.exp(u)
    // The smaller root of the quadratic score equation; its discriminant is written as a sum of positive terms.
    const sum = nA + xB + ratio * (nB + xA)
    const apart = nA + xB - ratio * (nB + xA)
    const square = Math.hypot(apart, 2 * Math.sqrt(ratio * (nA - xA) * (nB - xB)))
    const p = (2 * (xA + xB)) / (sum + square)
    const failA = Math.max(0, 1 - p)
    const failB = Math.max(0, 1 - ratio * p)
    const variance = ratio * p * (failB / nB + (ratio * failA) / nA)
    const scale = 1 + ratio
    return (Math.abs(xB / nB - (ratio * xA) / nA) - z * Math.sqrt(factor * variance)) / scale
  }
}

/**
 * The interval of the ratio treatment/control by inverting the score test (Koopman 1984, with Miettinen & Nurminen's
 * N/(N − 1)). 1.1 is ten per cent more. With no conversion in the control `high` is Infinity, with none in the treatment
 * `low` is 0.
 *
 * When not to use it: with no conversion at all (it refuses), or when you look more than once.
 *
 * @param control units and conversions of the control
 * @param treatment units and conversions of the treatment
 * @param alpha two-sided level
 */
export function scoreRatio(control: Proportion, treatment: Proportion, alpha = 0.05): Answer<Interval> {
  const fault = proportionFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  if (control.successes + treatment.successes === 0) return refuse('no-conversions')
  const f = ratioExcess(control, treatment, normalIsf(alpha / 2))
  const observed = Math.log(treatment.successes / treatment.n) - Math.log(control.successes / control.n)
  const inside = (u: number): number => (u === observed ? -1 : f(u))
  const middle = Math.min(300, Math.max(-300, observed))
  return give({
    low: treatment.successes === 0 ? 0 : Math.exp(root(inside, -300, middle)),
    high: control.successes === 0 ? Number.POSITIVE_INFINITY : Math.exp(root(inside, middle, 300)),
  })
}

/**
 * Katz' interval of the ratio treatment/control: exp(ln(p̂T/p̂C) ± z·√((1 − p̂T)/xT + (1 − p̂C)/xC)) (Katz 1978).
 *
 * When not to use it: for anything but a comparison with other tools; `scoreRatio` covers better below ten conversions an arm.
 *
 * @param control units and conversions of the control
 * @param treatment units and conversions of the treatment
 * @param alpha two-sided level
 */
export function katzRatio(control: Proportion, treatment: Proportion, alpha = 0.05): Answer<Interval> {
  const fault = proportionFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  const { n: nA, successes: xA } = control
  const { n: nB, successes: xB } = treatment
  if (xA === 0) return refuse('control-zero')
  if (xB === 0) return refuse('not-positive')
  const ratio = xB / nB / (xA / nA)
  const reach = normalIsf(alpha / 2) * Math.sqrt((nB - xB) / nB / xB + (nA - xA) / nA / xA)
  return give({ low: ratio * Math.exp(-reach), high: ratio * Math.exp(reach) })
}
