/** A short run of the simulation: errors and coverages near what was promised, and looking at a fixed test far above. */
import { describe, expect, it } from 'vitest'
import { type AnalysisPlan, analyse } from '../../src/index.ts'
import { binomial, normal, random } from './random.ts'
import { holds, simulate } from './simulation.ts'

describe('the simulation', () => {
  it('finds each figure within four standard errors of its bars', () => {
    for (const figure of simulate(1500, 11)) {
      const slack = 4 * Math.sqrt(0.25 / 1500) * (figure.share > 0.6 && figure.share < 0.9 ? 1 : 0.45)
      const { atLeast = 0, atMost = 1 } = figure
      expect(holds({ ...figure, atLeast: atLeast - slack, atMost: atMost + slack }), figure.what).toBe(true)
      if (figure.what.includes('what not to do')) expect(figure.share).toBeGreaterThan(0.15)
    }
  })

  it('draws what it should: moments of binomial and normal, the same for the same seed', () => {
    const [draw, gauss] = [binomial(random(3), 50, 0.2), normal(random(4))]
    const mean = (next: () => number) =>
      Array.from({ length: 20_000 }, next).reduce((a, b) => a + b, 0) / 20_000
    expect(mean(draw)).toBeCloseTo(10, 0)
    expect(mean(gauss)).toBeCloseTo(0, 1)
    expect(random(5)()).toBe(random(5)())
    expect(random(5)()).not.toBe(random(6)())
  })
})

describe('verdicts over many experiments', () => {
  /** The share of 60 experiments with a verdict that acts, at any of four looks. */
  function acting(plan: AnalysisPlan, lift: number, seed: number): { ship: number; back: number } {
    const next = random(seed)
    const [a, b] = [binomial(next, 1000, 0.2), binomial(next, 1000, 0.2 * (1 + lift))]
    const found = { ship: 0, back: 0 }
    for (let run = 0; run < 60; run++) {
      const arms = [0, 0].map(() => ({ n: 0, successes: 0 }))
      for (let at = 1; at <= 4; at++) {
        for (const [i, one] of arms.entries()) {
          one.n += 1000
          one.successes += i === 0 ? a() : b()
        }
        const answer = analyse(
          {
            variants: ['control', 'blue'].map((key) => ({ key, weight: 1, units: 1000 * at })),
            metrics: [{ key: 'buy', data: { kind: 'proportion', arms } }],
          },
          { ...plan, earlierLooks: [2000, 4000, 6000].slice(0, at - 1) },
        )
        if (!answer.ok) throw new Error(answer.reason)
        if (answer.verdict === 'ship') found.ship++
        if (answer.verdict === 'roll back') found.back++
        if (/ship|roll/.test(answer.verdict)) break
      }
    }
    return { ship: found.ship / 60, back: found.back / 60 }
  }

  it.each([
    ['group sequential', { plannedUnits: 8000 }, 0.12],
    ['always valid', {}, 0.1],
  ] as const)(
    '%s: seldom acts on nothing, and finds a planted effect with the right sign',
    (_, plan, most) => {
      const nothing = acting(plan, 0, 21)
      expect(nothing.ship + nothing.back).toBeLessThan(most)
      const planted = acting(plan, 0.2, 22)
      expect(planted.ship).toBeGreaterThan(0.8)
      expect(planted.back).toBe(0)
    },
  )
})
