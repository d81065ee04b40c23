/** A plain rollout while the rate drifts: what strata are for, shown by what happens without them. */
import { guardrailTest, rateStratum, type Stratum } from '@nunchi/stats'
import { binomial, random } from '../../../../packages/stats/bench/simulation/random.ts'

/**
 * A plain rollout, those in it against those who are not: a tenth of them, then half, while the rate drifts, and no
 * difference at all.
 *
 * @returns the shares of runs in which it is called hurt: by strata, and with all visitors in one pot
 */
export function inAgainstOut(runs: number, seed: number): { strata: number; pooled: number } {
  const next = random(seed)
  const steps = [
    { visitors: 100_000, share: 0.1, rate: 0.22 },
    { visitors: 100_000, share: 0.5, rate: 0.2 },
  ]
  const draws = steps.map(({ visitors, share, rate }) => ({
    on: { n: visitors * share, draw: binomial(next, visitors * share, rate) },
    off: { n: visitors * (1 - share), draw: binomial(next, visitors * (1 - share), rate) },
  }))
  const hurt = { strata: 0, pooled: 0 }
  for (let run = 0; run < runs; run++) {
    const counts = draws.map(({ on, off }) => ({
      control: { n: off.n, successes: off.draw() },
      treatment: { n: on.n, successes: on.draw() },
    }))
    const sum = (arm: 'control' | 'treatment') => ({
      n: counts.reduce((all, one) => all + one[arm].n, 0),
      successes: counts.reduce((all, one) => all + one[arm].successes, 0),
    })
    const strata = (some: typeof counts) =>
      some.flatMap(({ control, treatment }): Stratum[] => {
        const made = rateStratum(control, treatment)
        return made.ok ? [made] : []
      })
    const says = (some: typeof counts) => {
      const test = guardrailTest(strata(some), {}, 1)
      return test.ok && test.hurt ? 1 : 0
    }
    hurt.strata += says(counts)
    hurt.pooled += says([{ control: sum('control'), treatment: sum('treatment') }])
  }
  return { strata: hurt.strata / runs, pooled: hurt.pooled / runs }
}
