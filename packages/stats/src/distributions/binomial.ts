/** The binomial distribution: probabilities and tails of counts. */
import { betaTerm, incompleteBeta } from './beta.ts'

/**
 * P(X = k) of the binomial distribution, by the saddle point (Loader 2000).
 *
 * @param k successes, a whole number from 0 to n
 * @param n trials
 * @param p probability of a success
 */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0
  if (k === 0) return Math.exp(n * Math.log1p(-p))
  if (k === n) return p ** n
  return p <= 0 || p >= 1 ? 0 : (betaTerm(k, n - k, p, 1 - p) * n) / (k * (n - k))
}

/**
 * P(X ≥ k) of the binomial distribution, computed as a tail.
 *
 * @param k successes
 * @param n trials
 * @param p probability of a success
 */
export function binomialSf(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  return k > n ? 0 : incompleteBeta(k, n - k + 1, p, 1 - p)
}

/**
 * P(X ≤ k) of the binomial distribution, computed as a tail.
 *
 * @param k successes
 * @param n trials
 * @param p probability of a success
 */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  return k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p, p)
}
