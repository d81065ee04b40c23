/** The gamma and the chi-square distribution, by their upper tails. */
import { deviance, stirlingRemainder } from './stirling.ts'

/** x^a·e^(−x)/Γ(a + 1). */
function gammaTerm(a: number, x: number): number {
  return Math.exp(-stirlingRemainder(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a)
}

/** P(a, x)/term by its series (DLMF 8.7.1), for x below a + 1. */
function series(a: number, x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

/** Q(a, x)/(a·term) by Legendre's continued fraction (DLMF 8.9.2) and Lentz's method, for x above a + 1. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let value = d
  for (let k = 1; k < 1e5; k++) {
    const numerator = k * (a - k)
    b += 2
    d = 1 / (b + numerator * d || 1e-300)
    c = b + numerator / c || 1e-300
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return value
}

/**
 * P(X > x) of the gamma distribution of rate 1, the regularised Q(a, x).
 *
 * @param x the value, in units of the scale
 * @param shape positive
 */
export function gammaSf(x: number, shape: number): number {
  if (x <= 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  return x < shape + 1
    ? 1 - gammaTerm(shape, x) * series(shape, x)
    : shape * gammaTerm(shape, x) * fraction(shape, x)
}

/**
 * P(X > x) of the chi-square distribution.
 *
 * @param x the statistic
 * @param df degrees of freedom, positive
 */
export function chiSquareSf(x: number, df: number): number {
  return gammaSf(x / 2, df / 2)
}
