/** The noncentral t distribution, for the power of t tests. */
import { normalSf } from './normal.ts'
import { gaussLegendre, integrate } from './quadrature.ts'
import { stirlingRemainder } from './stirling.ts'

/**
 * P(T > t) of the noncentral t distribution with noncentrality δ: the normal tail P(Z > t·s − δ) averaged over
 * s = √(χ²/df), whose logarithm is integrated over, since its density falls off smoothly on both sides.
 *
 * @param t the statistic
 * @param df degrees of freedom, positive
 * @param delta the noncentrality, the expected value of the statistic in standard errors
 */
export function noncentralTSf(t: number, df: number, delta: number): number {
  const k = df / 2
  const scale = 2 * Math.sqrt(k / (2 * Math.PI)) * Math.exp(-stirlingRemainder(k))
  // Density of u = ln s; expm1 keeps its digits for large df, where u is tiny.
  const density = (u: number): number => scale * Math.exp(-k * (Math.expm1(2 * u) - 2 * u))
  const low = -Math.sqrt(20 / k) - 20 / k
  const high = Math.min(Math.sqrt(20 / k), Math.log(1 + 20 / k) / 2 + 1)
  const panels = 24
  const points = Array.from({ length: panels + 1 }, (_, i) => low + ((high - low) * i) / panels)
  return integrate((u) => density(u) * normalSf(t * Math.exp(u) - delta), points, gaussLegendre(16))
}
