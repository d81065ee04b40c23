/** Results that may be looked at any time: the asymptotic confidence sequence and the mixture SPRT. */
import { type Answer, give, type Interval, isLevel, refuse } from '../summary.ts'

/** An estimate and its standard error, of whatever was compared. */
export interface Estimate {
  difference: number
  se: number
}

/** A comparison that holds at every look at once. */
export interface AlwaysValid {
  /** Logarithm of the evidence against no difference; it grows without end while pValue is already 0 for a double. */
  logEvidence: number
  /** Two-sided, valid at any time: min(1, 1/evidence). */
  pValue: number
  halfWidth: number
  /** At a level 1 − alpha over all looks together. */
  interval: Interval
}

/** A confidence sequence with the parameter that it was tuned to. */
export interface ConfidenceSequence extends AlwaysValid {
  rho: number
}

/** A normal mixture of variance k·se²: log evidence ½(z²·k/(1 + k) − ln(1 + k)), and where it reaches ln 1/α. */
function mixture({ difference, se }: Estimate, k: number, alpha: number): AlwaysValid {
  const z = difference / se
  const logEvidence = ((z * z * k) / (1 + k) - Math.log1p(k)) / 2
  const halfWidth = se * Math.sqrt(((1 + k) / k) * (Math.log1p(k) - 2 * Math.log(alpha)))
  return {
    logEvidence,
    pValue: Math.min(1, Math.exp(-logEvidence)),
    halfWidth,
    interval: { low: difference - halfWidth, high: difference + halfWidth },
  }
}

function estimateFault(
  { difference, se }: Estimate,
  alpha: number,
): 'bad-input' | 'no-variance' | 'bad-alpha' | undefined {
  if (!Number.isFinite(difference) || !Number.isFinite(se) || se < 0) return 'bad-input'
  if (!isLevel(alpha)) return 'bad-alpha'
  return se === 0 ? 'no-variance' : undefined
}

/**
 * The asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021, eq. 9; the parameterisation
 * that GrowthBook uses): a normal mixture with n·ρ², ρ² = (−2·ln α + ln(1 − 2·ln α))/tuningN, narrowest near
 * n = tuningN. It holds at every look at once, so that one may stop whenever one likes. In the estimate's unit.
 *
 * When not to use it: when a sample size was planned, a group sequential test is shorter; below some hundred units the
 * standard error is itself too uncertain.
 *
 * @param estimate the difference and its standard error
 * @param n units of both arms together
 * @param alpha two-sided level
 * @param tuningN the number of units for which to be narrowest; fixed before the start, never tuned to what was seen
 * @param tuningAlpha the level for which to be narrowest; `pValue` agrees with the intervals of all levels that share it
 */
export function confidenceSequence(
  estimate: Estimate,
  n: number,
  alpha = 0.05,
  tuningN = 5000,
  tuningAlpha: number = alpha,
): Answer<ConfidenceSequence> {
  const fault = estimateFault(estimate, alpha) ?? estimateFault(estimate, tuningAlpha)
  if (fault) return refuse(fault)
  if (!(n > 0)) return refuse('no-units')
  if (!(tuningN > 0 && Number.isFinite(n))) return refuse('bad-input')
  const log = -2 * Math.log(tuningAlpha)
  const rho2 = (log + Math.log1p(log)) / tuningN
  return give({ rho: Math.sqrt(rho2), ...mixture(estimate, n * rho2, alpha) })
}

/**
 * The mixture sequential probability ratio test with a normal mixture N(0, τ²) (Johari, Koomen, Pekelis & Walsh 2017):
 * Λ = √(se²/(se² + τ²))·exp(z²/2·τ²/(se² + τ²)), p = min(1, 1/Λ). In the estimate's unit.
 *
 * When not to use it: without an idea of the size of effects to expect, `confidenceSequence` asks for less. The smallest
 * p of all looks is a valid p, too.
 *
 * @param estimate the difference and its standard error
 * @param tau how large effects are expected to be (their standard deviation), fixed before the start
 * @param alpha two-sided level
 */
export function msprt(estimate: Estimate, tau: number, alpha = 0.05): Answer<AlwaysValid> {
  const fault = estimateFault(estimate, alpha)
  if (fault) return refuse(fault)
  if (!(tau > 0 && Number.isFinite(tau))) return refuse('bad-input')
  return give({ ...mixture(estimate, (tau / estimate.se) ** 2, alpha) })
}
