/** How an interaction loses weight as it gets older, and how a flood of them by one visitor is damped. */

/**
 * The share of its weight that something keeps after `ageMs`: 2^(−age / half-life). What lies in the future counts as
 * now. A half-life of `Infinity` keeps everything.
 *
 * Source: exponential decay; forward decay (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009) is the same with a fixed
 * landmark instead of a moving now.
 *
 * @param ageMs in ms
 * @param halfLifeMs in ms, above 0
 */
export function decay(ageMs: number, halfLifeMs: number): number {
  return 2 ** -(Math.max(0, ageMs) / halfLifeMs)
}

/**
 * Damps what one visitor did with one item: ln(1 + sum), at most `cap`, so that the hundredth click says less than the
 * first and no visitor says more than `cap`.
 *
 * @param sum of event weights, decayed; 0 and less say nothing (a dismissal outweighs views)
 * @param cap @default 2
 */
export function damp(sum: number, cap = 2): number {
  return sum > 0 ? Math.min(cap, Math.log1p(sum)) : 0
}
