/** Where a function crosses zero: Chandrupatla's bracketing method, exact to the last digits. */

/**
 * The x in [low, high] with f(x) = 0, by inverse quadratic interpolation kept inside a bracket (Chandrupatla 1997).
 * Infinite values are allowed: they only steer towards halving. Without a change of sign the end nearer to zero is
 * returned.
 *
 * @param f a continuous function
 * @param low one end
 * @param high the other end
 * @param relative how exact; to the last digits unless said otherwise
 */
export function root(f: (x: number) => number, low: number, high: number, relative: number = 4e-16): number {
  let a = high
  let b = low
  let fa = f(a)
  let fb = f(b)
  if (fa === 0 || fb === 0 || fa > 0 === fb > 0) return Math.abs(fa) < Math.abs(fb) ? a : b
  let t = 0.5
  for (let i = 0; i < 2000; i++) {
    const x = a + t * (b - a)
    const fx = f(x)
    const same = fx > 0 === fa > 0
    const c = same ? a : b
    const fc = same ? fa : fb
    if (!same) {
      b = a
      fb = fa
    }
    a = x
    fa = fx
    const best = Math.abs(fa) < Math.abs(fb) ? a : b
    const limit = (relative * Math.abs(best) + 1e-320) / Math.abs(b - a)
    if (fx === 0 || limit > 0.5) return best
    if (Number.isNaN(fx)) return fx
    const xi = (a - b) / (c - b)
    const phi = (fa - fb) / (fc - fb)
    t =
      phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi
        ? (fa / (fb - fa)) * (fc / (fb - fc)) + (((c - a) / (b - a)) * (fa / (fc - fa)) * fb) / (fc - fb)
        : 0.5
    t = Math.min(1 - limit, Math.max(limit, t))
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b
}
