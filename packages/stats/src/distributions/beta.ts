/** The beta distribution: the incomplete beta function in either tail, its density and its quantiles. */
import { root } from './root.ts'
import { deviance, stirlingRemainder } from './stirling.ts'

const tau = 2 * Math.PI

/**
 * x^a·y^b/B(a, b) with y = 1 − x given apart, so that neither end loses digits: the density times x·y.
 *
 * @param a first shape, positive
 * @param b second shape, positive
 */
export function betaTerm(a: number, b: number, x: number, y: number): number {
  const n = a + b
  return (
    Math.sqrt((a / n) * (b / tau)) *
    Math.exp(
      stirlingRemainder(n) -
        stirlingRemainder(a) -
        stirlingRemainder(b) -
        deviance(a, n * x) -
        deviance(b, n * y),
    )
  )
}

/**
 * x^a·y^b/(B(a, b)·I_x(a, b)), by the continued fraction of DiDonato & Morris (1992, BFRAC) and Lentz's method. It takes
 * a·y − b·x from both ends, so that it stays right where x is within a rounding error of 1.
 */
function fraction(a: number, b: number, x: number, y: number): number {
  const partial = (m: number): number =>
    m +
    // At m = 0 this would be 0/0 for a = 1.
    (m && (m * (b - m) * x) / (a + 2 * m - 1)) +
    ((a + m) * (a * y - b * x + 1 + m * (1 + y))) / (a + 2 * m + 1)
  let c = partial(0)
  let d = 0
  let value = c
  for (let m = 1; m < 1e5; m++) {
    const e = a + 2 * m - 1
    const numerator = (((a + m - 1) * x) / e) * (((a + b + m - 1) * x) / e) * m * (b - m)
    const denominator = partial(m)
    d = 1 / (denominator + numerator * d || 1e-300)
    c = denominator + numerator / c || 1e-300
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return value
}

/**
 * The regularised incomplete beta function I_x(a, b) with y = 1 − x given apart. The tail that is small is computed as
 * a tail; only the large one is a difference.
 *
 * @param a first shape, positive
 * @param b second shape, positive
 */
export function incompleteBeta(a: number, b: number, x: number, y: number): number {
  if (x <= 0) return 0
  if (y <= 0) return 1
  // Above the mean the other tail is the small one.
  if (a * y < b * x) return 1 - betaTerm(a, b, x, y) / fraction(b, a, y, x)
  return betaTerm(a, b, x, y) / fraction(a, b, x, y)
}

/**
 * P(X ≤ x) of the beta distribution.
 *
 * @param x between 0 and 1
 * @param a first shape, positive
 * @param b second shape, positive
 */
export function betaCdf(x: number, a: number, b: number): number {
  return incompleteBeta(a, b, x, 1 - x)
}

/**
 * P(X > x) of the beta distribution, computed as a tail.
 *
 * @param x between 0 and 1
 * @param a first shape, positive
 * @param b second shape, positive
 */
export function betaSf(x: number, a: number, b: number): number {
  return incompleteBeta(b, a, 1 - x, x)
}

/**
 * The x with P(X ≤ x) = p of the beta distribution: a root in the log odds of x, against the logarithm of the smaller
 * tail, so that 1e-300 is found as well as ½.
 *
 * @param p a probability
 * @param a first shape, positive
 * @param b second shape, positive
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  const mean = a / (a + b)
  const lower = p < incompleteBeta(a, b, mean, b / (a + b))
  const target = Math.log(lower ? p : 1 - p)
  const at = (u: number): number => {
    const x = 1 / (1 + Math.exp(-u))
    const y = 1 / (1 + Math.exp(u))
    return lower
      ? Math.log(incompleteBeta(a, b, x, y)) - target
      : target - Math.log(incompleteBeta(b, a, y, x))
  }
  const middle = Math.log(a / b)
  const u = lower ? root(at, -745, middle) : root(at, middle, 745)
  return u < 0 ? Math.exp(u) / (1 + Math.exp(u)) : 1 / (1 + Math.exp(-u))
}
