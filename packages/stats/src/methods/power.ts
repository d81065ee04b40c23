/** Power: how many units to plan for, what can be seen with them, and the days until they have come. */
import { noncentralTSf } from '../distributions/noncentral-t.ts'
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { root } from '../distributions/root.ts'
import { tIsf } from '../distributions/student-t.ts'
import { type Answer, give, isLevel, refuse } from '../summary.ts'

/** What a plan asks for. */
export interface PowerGoal {
  /** @default 0.05 */
  alpha?: number
  /** @default 0.8 */
  power?: number
  /** 2 for both directions. @default 2 */
  sided?: 1 | 2
}

/** Units per arm for two rates, by four textbook formulas; not rounded: round up for use. */
export interface ProportionSampleSize {
  /** With the pooled variance under no difference (Fleiss; R's power.prop.test): the one to use. */
  pooled: number
  /** With each arm's own variance throughout. */
  unpooled: number
  /** With the control's variance under no difference (Evan Miller's calculator). */
  baseline: number
  /** By Cohen's h, the difference of arcsines. */
  arcsine: number
  cohenH: number
}

/** Units of the control for two means; not rounded: round up for use. */
export interface MeanSampleSize {
  /** By the noncentral t distribution. */
  t: number
  /** By the normal approximation (z_{α/2} + z_power)²·(1 + 1/ratio)/d². */
  normal: number
}

/** 2·asin √b − 2·asin √a by the sine and cosine of the difference, so that rates that nearly agree lose no digits. */
function arcsineDifference(a: number, b: number): number {
  const across = Math.sqrt(b * (1 - a)) + Math.sqrt(a * (1 - b))
  return 2 * Math.atan2((b - a) / across, Math.sqrt(a * b) + Math.sqrt((1 - a) * (1 - b)))
}

const goalFault = ({ alpha = 0.05, power = 0.8 }: PowerGoal): boolean => !isLevel(alpha) || !isLevel(power)

/**
 * The units per arm to see a change of a rate from one value to another, e.g.
 * n = [z_{α/2}·√(2p̄q̄) + z_power·√(p₁q₁ + p₂q₂)]²/(p₁ − p₂)² (Fleiss, Levin & Paik 2003).
 *
 * When not to use it: for very small expected counts (below some ten conversions an arm), or for sequential tests, which
 * need some per cent more.
 *
 * @param control the rate without the change
 * @param treatment the rate with it
 */
export function sampleSizeProportions(
  control: number,
  treatment: number,
  goal: PowerGoal = {},
): Answer<ProportionSampleSize> {
  const { alpha = 0.05, power = 0.8, sided = 2 } = goal
  if (goalFault(goal)) return refuse('bad-alpha')
  if (!(control >= 0 && control <= 1 && treatment >= 0 && treatment <= 1)) return refuse('bad-input')
  if (control === treatment) return refuse('no-effect')
  const z = normalIsf(alpha / sided)
  const zPower = normalIsf(1 - power)
  const effect = (treatment - control) ** 2
  const middle = (control + treatment) / 2
  const own = control * (1 - control) + treatment * (1 - treatment)
  const size = (nullVariance: number): number =>
    (z * Math.sqrt(nullVariance) + zPower * Math.sqrt(own)) ** 2 / effect
  const cohenH = arcsineDifference(control, treatment)
  return give({
    pooled: size(2 * middle * (1 - middle)),
    unpooled: size(own),
    baseline: size(2 * control * (1 - control)),
    arcsine: 2 * ((z + zPower) / cohenH) ** 2,
    cohenH,
  })
}

/**
 * The units of the control to see a difference of d standard deviations between two means: by the power of the t test,
 * P(T′ > t_crit) + P(T′ < −t_crit), T′ noncentral with δ = d·√(nA·nB/(nA + nB)) (Cohen 1988).
 *
 * When not to use it: for skewed metrics and small samples, whose t test has another power than for normal ones.
 *
 * @param d the difference in standard deviations (Cohen's d), either sign
 * @param ratio units of the treatment for each unit of the control
 */
export function sampleSizeMeans(d: number, goal: PowerGoal = {}, ratio = 1): Answer<MeanSampleSize> {
  const { alpha = 0.05, power = 0.8, sided = 2 } = goal
  if (goalFault(goal)) return refuse('bad-alpha')
  if (!(Number.isFinite(d) && ratio > 0 && Number.isFinite(ratio))) return refuse('bad-input')
  if (d === 0) return refuse('no-effect')
  const size = Math.abs(d)
  const normal = ((normalIsf(alpha / sided) + normalIsf(1 - power)) / size) ** 2 * (1 + 1 / ratio)
  const short = (logN: number): number => {
    const n = Math.exp(logN)
    const df = n * (1 + ratio) - 2
    const delta = size * Math.sqrt((n * ratio) / (1 + ratio))
    const critical = tIsf(alpha / sided, df)
    const below = sided === 2 ? noncentralTSf(critical, df, -delta) : 0
    return noncentralTSf(critical, df, delta) + below - power
  }
  // Two degrees of freedom at least are needed for anything: from a little above none.
  const least = Math.log((2 + 1e-3) / (1 + ratio))
  const most = Math.max(least + 1, Math.log(normal + 100) + 1)
  return give({ t: Math.exp(root(short, least, most)), normal })
}

/**
 * The power of a test with a normal statistic: Φ(δ − z) + Φ(−δ − z), δ = effect/se, z = z_{α/2}; one-sided without the
 * second term. At an effect of zero it is alpha.
 *
 * When not to use it: with the effect that was observed (post-hoc power says nothing that p does not say).
 *
 * @param effect the true difference, in the metric's unit
 * @param se its standard error
 * @param alpha level
 * @param sided 2 for both directions
 */
export function power(effect: number, se: number, alpha = 0.05, sided: 1 | 2 = 2): Answer<{ power: number }> {
  if (!isLevel(alpha)) return refuse('bad-alpha')
  if (!Number.isFinite(effect) || !(se >= 0 && Number.isFinite(se))) return refuse('bad-input')
  if (se === 0) return refuse('no-variance')
  const z = normalIsf(alpha / sided)
  const delta = effect / se
  return give({ power: normalSf(z - delta) + (sided === 2 ? normalSf(z + delta) : 0) })
}

/**
 * The smallest effect that is seen with the given power: (z_{α/2} + z_power)·se, in the metric's unit (Bloom 1995).
 *
 * When not to use it: as a bound on the effect that is there (that is the interval), or for a look before the last one
 * without that look's own level.
 *
 * @param se standard error of the difference
 * @param alpha level
 * @param wanted power, such as 0.8
 * @param sided 2 for both directions
 */
export function minimumDetectableEffect(
  se: number,
  alpha = 0.05,
  wanted = 0.8,
  sided: 1 | 2 = 2,
): Answer<{ effect: number }> {
  if (!isLevel(alpha) || !isLevel(wanted)) return refuse('bad-alpha')
  if (!(se >= 0 && Number.isFinite(se))) return refuse('bad-input')
  if (se === 0) return refuse('no-variance')
  return give({ effect: (normalIsf(alpha / sided) + normalIsf(1 - wanted)) * se })
}

/**
 * Whole days until enough units have come: ⌈(needed − have)/perDay⌉, 0 when they have.
 *
 * When not to use it: to stop earlier than a full week, since days of the week differ.
 *
 * @param needed units wanted in all
 * @param have units so far
 * @param perDay units that come each day
 */
export function daysLeft(needed: number, have: number, perDay: number): Answer<{ days: number }> {
  if (!(Number.isFinite(needed) && have >= 0 && Number.isFinite(have) && Number.isFinite(perDay)))
    return refuse('bad-input')
  if (have >= needed) return give({ days: 0 })
  return perDay > 0 ? give({ days: Math.ceil((needed - have) / perDay) }) : refuse('no-traffic')
}
