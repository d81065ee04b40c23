/** Gauss–Legendre quadrature: the nodes and weights of any order. */

/** Where to evaluate and what each value counts, on [−1, 1]. */
export interface Rule {
  nodes: number[]
  weights: number[]
}

/**
 * The Gauss–Legendre rule of n nodes, by Newton's method on the Legendre polynomial's recurrence (DLMF 18.9.1).
 *
 * @param n number of nodes
 */
export function gaussLegendre(n: number): Rule {
  const nodes: number[] = []
  const weights: number[] = []
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let round = 0; round < 100; round++) {
      let before = 0
      let value = 1
      for (let k = 1; k <= n; k++) {
        const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
        before = value
        value = next
      }
      slope = (n * (x * value - before)) / (x * x - 1)
      const step = value / slope
      x -= step
      if (Math.abs(step) < 1e-15) break
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}

/**
 * The integral of f over the panels between consecutive points.
 *
 * @param f a function that is smooth within each panel
 * @param points the ends of the panels, ascending
 * @param rule the rule used in each panel
 */
export function integrate(f: (x: number) => number, points: number[], { nodes, weights }: Rule): number {
  let sum = 0
  for (let i = 1; i < points.length; i++) {
    const low = points[i - 1]!
    const half = (points[i]! - low) / 2
    for (let k = 0; k < nodes.length; k++) sum += half * weights[k]! * f(low + half * (1 + nodes[k]!))
  }
  return sum
}
