/** Power: the chance to see an effect, the smallest one that can be seen, and the days until it can. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { type Answer, give, isLevel, refuse } from '../summary.ts'

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
 * The smallest effect that is seen with the given power: (z_{α/2} + z_power)·se, in the metric's unit.
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
