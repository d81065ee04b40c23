/** The truth, counted out where it can be: hypergeometric probabilities in whole numbers, coverage over all outcomes. */
import { binomialPmf } from '../../src/distributions.ts'
import type { Interval, Proportion } from '../../src/index.ts'

function choose(n: number, k: number): bigint {
  let ways = 1n
  for (let i = 1; i <= k; i++) ways = (ways * BigInt(n - k + i)) / BigInt(i)
  return ways
}

/** Fisher's two-sided p, by whole numbers: all tables of these margins that are no likelier than the one seen. */
export function fisherCounted(a: Proportion, b: Proportion): number {
  const all = a.successes + b.successes
  const ways = (x: number): bigint =>
    x < 0 || x > b.n || all - x < 0 || all - x > a.n ? 0n : choose(b.n, x) * choose(a.n, all - x)
  const seen = ways(b.successes)
  let sum = 0n
  for (let x = 0; x <= all; x++) if (ways(x) <= seen) sum += ways(x)
  return Number((sum * 10n ** 18n) / choose(a.n + b.n, all)) / 1e18
}

/** The tail of the normal distribution by its asymptotic series, for z beyond 6: no code of the package's. */
export function tailBySeries(z: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; k < 30 && (2 * k - 1) / (z * z) < 1; k++) {
    term *= -(2 * k - 1) / (z * z)
    sum += term
  }
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / z) * sum
}

/**
 * The chance that an interval holds the true lift, over all outcomes of two binomials that count; refusing to tell one is
 * not wrong.
 */
export function coverage(
  n: number,
  control: number,
  treatment: number,
  interval: (a: Proportion, b: Proportion) => Interval | undefined,
): number {
  const likely = (p: number) =>
    Array.from({ length: n + 1 }, (_, k) => ({ k, chance: binomialPmf(k, n, p) })).filter(
      ({ chance }) => chance > 1e-7,
    )
  const truth = treatment / control - 1
  let [held, told] = [0, 0]
  for (const one of likely(control))
    for (const other of likely(treatment)) {
      const found = interval({ n, successes: one.k }, { n, successes: other.k })
      const chance = one.chance * other.chance
      told += chance
      if (!found || (found.low <= truth && truth <= found.high)) held += chance
    }
  return held / told
}
