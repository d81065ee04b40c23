/** Sample ratio mismatch: whether the arms hold the shares of units that they should, once or at every look. */
import { chiSquareSf } from '../distributions/gamma.ts'
import { deviance, logGamma, stirlingRemainder } from '../distributions/stirling.ts'
import { type Answer, give, type Reason, refuse } from '../summary.ts'

/** The chi-square test of the shares. */
export interface SampleRatio {
  chiSquare: number
  df: number
  pValue: number
  /** The units that each arm should hold. */
  expected: number[]
}

/** The sequential test of the shares. */
export interface SampleRatioSequential {
  /** Logarithm of the evidence against the planned shares. */
  logEvidence: number
  /** Valid at every look: min(1, 1/evidence). */
  pValue: number
}

function ratioFault(observed: readonly number[], weights: readonly number[]): Reason | undefined {
  if (observed.length !== weights.length) return 'bad-input'
  if (observed.length < 2) return 'one-variant'
  if (!observed.every((x) => Number.isFinite(x) && x >= 0)) return 'bad-input'
  return weights.every((w) => Number.isFinite(w) && w > 0) ? undefined : 'bad-input'
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

/**
 * Pearson's chi-square test of the arms' sizes against their weights (Pearson 1900; Fabijan et al. 2019 on why). Below
 * 0.001 something is wrong with the assignment, the exposures or a filter: do not read the results. Counts of units.
 *
 * When not to use it: at every look (`sampleRatioSequential`), with counts of events instead of units, or while a ramp
 * changed the weights (test each step alone).
 *
 * @param observed units of each arm
 * @param weights the planned shares, in any scale, all positive
 */
export function sampleRatio(observed: readonly number[], weights: readonly number[]): Answer<SampleRatio> {
  const fault = ratioFault(observed, weights)
  if (fault) return refuse(fault)
  const n = total(observed)
  if (n === 0) return refuse('no-units')
  const whole = total(weights)
  const expected = weights.map((weight) => (n * weight) / whole)
  const chiSquare = total(observed.map((x, i) => (x - expected[i]!) ** 2 / expected[i]!))
  const df = observed.length - 1
  return give({ chiSquare, df, pValue: chiSquareSf(chiSquare, df), expected })
}

/**
 * The sequential test of the arms' sizes: the Bayes factor of a Dirichlet–multinomial with parameters K·w against the
 * planned shares w (Lindon & Malek 2022), whose reciprocal is a p valid at every look. Before anybody came it is 1.
 * Written in deviances, so that millions of units lose no digits.
 *
 * When not to use it: for one look at the end, where `sampleRatio` sees smaller differences.
 *
 * @param observed units of each arm so far
 * @param weights the planned shares, in any scale, all positive
 */
export function sampleRatioSequential(
  observed: readonly number[],
  weights: readonly number[],
): Answer<SampleRatioSequential> {
  const fault = ratioFault(observed, weights)
  if (fault) return refuse(fault)
  const whole = total(weights)
  const k = weights.length
  const n = total(observed)
  if (n === 0) return give({ logEvidence: 0, pValue: 1 })
  let logEvidence =
    logGamma(k) + Math.log(n + k) / 2 - stirlingRemainder(n + k) + ((k - 1) * Math.log(2 * Math.PI)) / 2
  for (let i = 0; i < k; i++) {
    const share = weights[i]! / whole
    const prior = k * share
    const y = prior + observed[i]!
    logEvidence +=
      deviance(y, (n + k) * share) +
      prior * Math.log(share) -
      Math.log(y) / 2 +
      stirlingRemainder(y) -
      logGamma(prior)
  }
  return give({ logEvidence, pValue: Math.min(1, Math.exp(-logEvidence)) })
}
