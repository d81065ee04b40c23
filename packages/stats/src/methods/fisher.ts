/** Fisher's exact test of two conversion rates, for small counts. */
import { type Answer, give, type Proportion, proportionFault, refuse } from '../summary.ts'

/** The p values of Fisher's test; `greater` speaks for a higher rate of the treatment. */
export interface FisherExact {
  /** Sum over all tables that are no likelier than the observed one. */
  twoSided: number
  less: number
  greater: number
}

/** More tables than this are not summed. */
const mostTables = 5e7

/**
 * Fisher's exact test: given both margins, the treatment's conversions follow a hypergeometric distribution (Fisher
 * 1935). Two-sided as in R: all tables of probability ≤ observed·(1 + 1e-7). p only; it has no interval of its own.
 *
 * When not to use it: from an expected count of 5 on it is needlessly careful (its true level is below the nominal one).
 * Counts must be whole.
 *
 * @param control units and conversions of the control
 * @param treatment units and conversions of the treatment
 */
export function fisherExact(control: Proportion, treatment: Proportion): Answer<FisherExact> {
  const fault = proportionFault(control, treatment)
  if (fault) return refuse(fault)
  const { n: nA, successes: xA } = control
  const { n: nB, successes: xB } = treatment
  if (![nA, xA, nB, xB].every(Number.isInteger)) return refuse('bad-input')
  const x = xA + xB
  const low = Math.max(0, x - nA)
  const high = Math.min(x, nB)
  if (high - low > mostTables) return refuse('too-many-successes')
  return give({ ...tails(walk(nA, nB, x, low, high), xB - low) })
}

/** The tables' probabilities relative to the likeliest, from `low` to `high` conversions of the treatment. */
function walk(nA: number, nB: number, x: number, low: number, high: number): Float64Array {
  const weights = new Float64Array(high - low + 1)
  const mode = Math.min(high, Math.max(low, Math.floor(((x + 1) * (nB + 1)) / (nA + nB + 2))))
  // From one table to the next: (x − k)(nB − k)/((k + 1)(nA − x + k + 1)).
  const step = (k: number): number => ((x - k) / (k + 1)) * ((nB - k) / (nA - x + k + 1))
  weights[mode - low] = 1
  for (let k = mode; k < high; k++) weights[k + 1 - low] = weights[k - low]! * step(k)
  for (let k = mode - 1; k >= low; k--) weights[k - low] = weights[k + 1 - low]! / step(k)
  return weights
}

function tails(weights: Float64Array, at: number): FisherExact {
  const limit = weights[at]! * (1 + 1e-7)
  let total = 0
  let twoSided = 0
  let less = 0
  let greater = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!
    total += weight
    if (weight <= limit) twoSided += weight
    if (i <= at) less += weight
    if (i >= at) greater += weight
  }
  return {
    twoSided: Math.min(1, twoSided / total),
    less: Math.min(1, less / total),
    greater: Math.min(1, greater / total),
  }
}
