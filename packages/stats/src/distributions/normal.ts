/** The normal distribution: density, tails and quantiles, right to the last representable tail. */

const sqrtTau = 2.5066282746310002

/**
 * Density of the standard normal distribution: e^(−z²/2)/√(2π).
 *
 * @param z standard deviations from the mean
 */
export function normalPdf(z: number): number {
  return Math.exp((-z * z) / 2) / sqrtTau
}

/** Mills' ratio P(Z > z)/φ(z) for z ≥ 2, by Laplace's continued fraction 1/(z + 1/(z + 2/(z + …))). */
function mills(z: number): number {
  let below = z
  for (let k = 64; k > 0; k--) below = z + k / below
  return 1 / below
}

/** P(0 < Z < z)/φ(z) for small z: z + z³/3 + z⁵/(3·5) + … (Abramowitz & Stegun 26.2.11). */
function middle(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return sum
}

/**
 * P(Z > z) of the standard normal distribution, never as 1 − cdf: a power series in the middle, a continued fraction
 * in the tail. Relative error below 1e-13 as far as doubles go (z = 38).
 *
 * @param z standard deviations from the mean; ±Infinity is allowed
 */
export function normalSf(z: number): number {
  if (z < 0) return 1 - normalSf(-z)
  return z < 2 ? 0.5 - normalPdf(z) * middle(z) : normalPdf(z) * mills(z)
}

/**
 * P(Z ≤ z) of the standard normal distribution; the lower tail is computed as a tail.
 *
 * @param z standard deviations from the mean
 */
export function normalCdf(z: number): number {
  return normalSf(-z)
}

/** The z with P(0 < Z < z) = mass, up to a quarter: near the middle a tail has no digits left for it. Newton's method from below. */
function central(mass: number): number {
  let z = mass * sqrtTau
  for (let i = 0; i < 50; i++) {
    const step = mass / normalPdf(z) - middle(z)
    z += step
    if (Math.abs(step) <= 1e-16 * z) break
  }
  return z
}

/**
 * The z with P(Z > z) = p. Newton's method on the logarithm, which is concave, so that it converges from anywhere.
 *
 * @param p a probability; 0 gives Infinity, 1 gives −Infinity
 */
export function normalIsf(p: number): number {
  if (p > 0.5) return -normalIsf(1 - p)
  if (p <= 0) return Number.POSITIVE_INFINITY
  if (p > 0.25) return central(0.5 - p)
  let z = Math.sqrt(-2 * Math.log(p))
  for (let i = 0; i < 50; i++) {
    // P/φ and log P separately: P itself may be too small for a double although its logarithm is not.
    const ratio = z < 2 ? sqrtTau * Math.exp((z * z) / 2) * 0.5 - middle(z) : mills(z)
    const step = (Math.log(ratio / sqrtTau) - (z * z) / 2 - Math.log(p)) * ratio
    z += step
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break
  }
  return z
}

/**
 * The z with P(Z ≤ z) = p.
 *
 * @param p a probability; 0 gives −Infinity, 1 gives Infinity
 */
export function normalQuantile(p: number): number {
  return p > 0.5 ? normalIsf(1 - p) : -normalIsf(p)
}
