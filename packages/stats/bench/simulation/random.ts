/** Seeded random numbers for simulations: the same seed plays the same experiments. */
import { binomialPmf } from '../../src/distributions.ts'

/** A source of numbers in [0, 1) with 53 bits each: sfc32, which passes the usual batteries of tests. */
export function random(seed: number): () => number {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1]
  const bits = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 20; i++) bits()
  return () => (bits() * 2 ** 21 + (bits() >>> 11)) / 2 ** 53
}

/** Draws of a binomial by inverting its distribution, which is summed once. */
export function binomial(next: () => number, n: number, p: number): () => number {
  const upTo: number[] = []
  let sum = 0
  for (let k = 0; k <= n; k++) {
    sum += binomialPmf(k, n, p)
    upTo.push(sum)
  }
  return () => {
    const u = next() * sum
    let low = 0
    let high = n
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! < u) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Standard normal draws, by Box and Muller. */
export function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}
