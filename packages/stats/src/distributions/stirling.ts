/** Gamma functions by Stirling's remainder and deviances, so that large counts lose no digits to cancellation. */

const halfLogTau = 0.9189385332046728

/**
 * Stirling's remainder δ(x): Γ(x + 1) = √(2πx)·(x/e)^x·e^δ(x). Asymptotic series from 12 on, below it the recurrence
 * δ(x) = δ(x + 1) + (x + ½)·ln(1 + 1/x) − 1 (Loader 2000, "Fast and accurate computation of binomial probabilities").
 *
 * @param x a positive number
 */
export function stirlingRemainder(x: number): number {
  let sum = 0
  while (x < 12) {
    sum += (x + 0.5) * Math.log1p(1 / x) - 1
    x++
  }
  const y = 1 / (x * x)
  return (
    sum + (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - (y * 691) / 360360))))) / x
  )
}

/**
 * ln Γ(x).
 *
 * @param x a positive number
 */
export function logGamma(x: number): number {
  return (x - 0.5) * Math.log(x) - x + halfLogTau + stirlingRemainder(x)
}

/**
 * The deviance x·ln(x/m) + m − x, by its series where x and m are close (Loader's bd0).
 *
 * @param x what was observed, positive
 * @param m what was expected
 */
export function deviance(x: number, m: number): number {
  const v = (x - m) / (x + m)
  if (!(Math.abs(v) < 0.1)) return x * Math.log(x / m) + m - x
  let term = 2 * x * v
  let sum = (x - m) * v
  for (let k = 3; ; k += 2) {
    term *= v * v
    const next = sum + term / k
    if (next === sum) return sum
    sum = next
  }
}
