/** Student's t distribution: tails and critical values for any degrees of freedom, whole or not. */
import { incompleteBeta } from './beta.ts'
import { normalIsf } from './normal.ts'
import { root } from './root.ts'
import { logGamma } from './stirling.ts'

/**
 * P(T > t) of Student's distribution, as a tail: ½·I_x(df/2, ½) with x = df/(df + t²).
 *
 * @param t the statistic
 * @param df degrees of freedom, positive, not necessarily whole
 */
export function tSf(t: number, df: number): number {
  if (t < 0) return 1 - tSf(-t, df)
  const r = t / Math.sqrt(df)
  // Beyond this only the leading power of r is left, and its square may be too large for a double.
  if (r > 1e8) {
    const logBeta = logGamma(df / 2) + logGamma(0.5) - logGamma((df + 1) / 2)
    return Math.exp(-df * Math.log(r) - logBeta - Math.log(df))
  }
  const r2 = r * r
  return 0.5 * incompleteBeta(df / 2, 0.5, 1 / (1 + r2), r2 / (1 + r2))
}

/** P(0 < T < t), which keeps the digits that a tail near one half has lost. */
function centralMass(t: number, df: number): number {
  const r = t / Math.sqrt(df)
  const r2 = r * r
  return 0.5 * incompleteBeta(0.5, df / 2, r2 / (1 + r2), 1 / (1 + r2))
}

/**
 * The t with P(T > t) = p: a root in ln t of ln P, or near the middle of the logarithm of what lies below t.
 *
 * @param p a probability; 0 gives Infinity, 1 gives −Infinity
 * @param df degrees of freedom, positive
 */
export function tIsf(p: number, df: number): number {
  if (p > 0.5) return -tIsf(1 - p, df)
  if (p <= 0) return Number.POSITIVE_INFINITY
  if (p === 0.5) return 0
  // A t quantile is further out than the normal one.
  const low = Math.log(normalIsf(p)) - 1e-9
  const logOf = (u: number): number =>
    p > 0.25 ? -Math.log(centralMass(Math.exp(u), df)) : Math.log(tSf(Math.exp(u), df))
  const target = p > 0.25 ? -Math.log(0.5 - p) : Math.log(p)
  return Math.exp(root((u) => logOf(u) - target, low, Math.max(low + 1, 709)))
}
