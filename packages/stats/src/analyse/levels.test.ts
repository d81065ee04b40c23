/** What stands beside p: corrections whose intervals agree with them, margins of guardrails, bets, strata. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnalysisPlan,
  analyse,
  type ComparisonResult,
  type ExperimentSummary,
  jointMoments,
  type MetricSummary,
  marginal,
  postStratified,
  postStratify,
} from '../index.ts'
import { correctedLevels } from './levels.ts'

const mean = (value: number, n = 5000) => ({ n, mean: value, variance: 4 })
const experiment = (metrics: MetricSummary[]): ExperimentSummary => ({
  variants: [
    { key: 'control', weight: 1, units: 5000 },
    { key: 'blue', weight: 1, units: 5000 },
  ],
  metrics,
})
const told = (summary: ExperimentSummary, plan: AnalysisPlan) => {
  const answer = analyse(summary, plan)
  if (!answer.ok) throw new Error(answer.reason)
  return answer
}
const resultsOf = (summary: ExperimentSummary, plan: AnalysisPlan): ComparisonResult[] =>
  told(summary, plan).comparisons.map(({ result }) => {
    if (!result.ok) throw new Error(result.reason)
    return result
  })
const modes: AnalysisPlan[] = [
  { mode: 'fixed' },
  { plannedUnits: 12_000, earlierLooks: [3000, 6000] },
  { mode: 'always-valid' },
]

describe('a corrected interval', () => {
  it.each(['holm', 'benjaminiHochberg'] as const)(
    '%s: leaves out zero exactly where the adjusted p is below alpha, in every mode',
    (correction) => {
      const effects = fc.array(fc.double({ min: -0.25, max: 0.25, noNaN: true }), {
        minLength: 2,
        maxLength: 6,
      })
      fc.assert(
        fc.property(effects, fc.constantFrom(...modes), (lifts, mode) => {
          const metrics = lifts.map(
            (lift, i): MetricSummary => ({
              key: `m${i}`,
              data: { kind: 'mean', arms: [mean(10), mean(10 + lift)] },
            }),
          )
          for (const { adjustedPValue, interval, pValue } of resultsOf(experiment(metrics), {
            ...mode,
            correction,
          })) {
            expect(adjustedPValue).toBeGreaterThanOrEqual(pValue)
            if (Math.abs(adjustedPValue - 0.05) > 1e-6)
              expect(interval.low > 0 || interval.high < 0).toBe(adjustedPValue < 0.05)
          }
        }),
        { numRuns: 25 },
      )
    },
  )

  it('is of the level at which the correction tested it', () => {
    const [p, alpha] = [[0.001, 0.02, 0.2, 0.9], 0.05]
    const levels = (correction: 'holm' | 'benjaminiHochberg' | 'none') =>
      correctedLevels(p, alpha, correction).map(({ level }) => level)
    expect(levels('holm')).toEqual([0.05 / 4, 0.05 / 3, 0.05 / 3, 0.05 / 3])
    expect(levels('benjaminiHochberg')).toEqual([0.025, 0.025, 0.025, 0.025])
    expect(levels('none')).toEqual([0.05, 0.05, 0.05, 0.05])
    expect(correctedLevels([0.03, 0.04], alpha, 'holm').map(({ adjustedPValue }) => adjustedPValue)).toEqual([
      0.06, 0.06,
    ])
  })
})

describe('the interval of the lift', () => {
  it.each(modes)('of a share leaves out zero where that of the difference does ($mode)', (mode) => {
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 420 }), (successes) => {
        const arms = [300, successes].map((k) => ({ n: 3000, successes: k }))
        const [one] = resultsOf(experiment([{ key: 'buy', data: { kind: 'proportion', arms } }]), mode)
        const { interval, lift, pValue } = one!
        if (!lift.ok) throw new Error(lift.reason)
        if (Math.abs(pValue - 0.05) < 1e-3) return
        expect(interval.low > 0 || interval.high < 0).toBe(pValue < 0.05)
        expect(lift.interval.low > 0).toBe(interval.low > 0)
        expect(lift.interval.high < 0).toBe(interval.high < 0)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a guardrail with a margin', () => {
  const guarded = (lift: number, direction: 'increase' | 'decrease' = 'increase') =>
    experiment([
      { key: 'buy', data: { kind: 'mean', arms: [mean(10), mean(10.5)] } },
      {
        key: 'speed',
        role: 'guardrail',
        direction,
        margin: 0.02,
        data: { kind: 'mean', arms: [mean(10), mean(10 * (1 + lift))] },
      },
    ])

  it.each(modes)('ships only once it is shown to be kept; beyond it rolls back ($mode)', (mode) => {
    const verdict = (lift: number, direction?: 'increase' | 'decrease') =>
      told(guarded(lift, direction), mode).verdict
    expect(verdict(0)).toBe('ship')
    // Clearly worse than the control, and clearly within what is tolerated, or not clearly beyond.
    expect(verdict(-0.012)).not.toBe('roll back')
    expect(verdict(-0.06)).toBe('roll back')
    expect(verdict(0.06, 'decrease')).toBe('roll back')
    expect(verdict(-0.06, 'decrease')).toBe('ship')
    const { because, verdict: waiting } = told(guarded(-0.018), mode)
    expect(waiting).not.toBe('ship')
    expect(because).toContainEqual({ code: 'guardrail-not-shown', metric: 'speed', variant: 'blue' })
  })

  it('is shown to be kept exactly where the one-sided p is below half the level', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.04, max: 0.02, noNaN: true }),
        fc.constantFrom(...modes),
        (lift, mode) => {
          const found = resultsOf(guarded(lift), mode)[1]!.nonInferiority!
          if (!found.ok) throw new Error(found.reason)
          const { pValue, level, held, beyond } = found
          if (Math.abs(pValue - level / 2) > 1e-6) expect(held).toBe(pValue < level / 2)
          if (Math.abs(1 - pValue - level / 2) > 1e-6) expect(beyond).toBe(1 - pValue < level / 2)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('of zero, or with a control of zero, is refused with a reason, and lets nothing ship', () => {
    const [goal, guard] = guarded(0).metrics as [MetricSummary, MetricSummary]
    for (const broken of [
      { ...guard, margin: 0 },
      { ...guard, data: { kind: 'mean' as const, arms: [mean(0), mean(0.1)] } },
    ]) {
      const answer = told(experiment([goal, broken]), { mode: 'fixed' })
      expect(answer.comparisons[1]!.result).toMatchObject({ nonInferiority: { ok: false } })
      expect(answer.verdict).toBe('inconclusive')
    }
  })
})

describe('beside p', () => {
  it('stands the chance to beat the control, in the direction that is better, and what a wrong bet costs', () => {
    const rates = {
      kind: 'proportion' as const,
      arms: [1000, 1060].map((successes) => ({ n: 10_000, successes })),
    }
    const bet = (direction: 'increase' | 'decrease', data: MetricSummary['data']) => {
      const [{ bayes }] = resultsOf(experiment([{ key: 'm', direction, data }]), {}) as [ComparisonResult]
      if (!bayes.ok) throw new Error(bayes.reason)
      return bayes
    }
    for (const data of [rates, { kind: 'mean' as const, arms: [mean(10), mean(10.05)] }]) {
      const [up, down] = [bet('increase', data), bet('decrease', data)]
      expect(up.chanceToBeat).toBeGreaterThan(0.85)
      expect(up.chanceToBeat + down.chanceToBeat).toBeCloseTo(1, 9)
      expect(up.expectedLoss).toBeLessThan(down.expectedLoss)
    }
  })

  it('decides nothing: a chance of 98 % keeps running', () => {
    const data = { kind: 'mean' as const, arms: [mean(10), mean(10.084)] }
    const answer = told(experiment([{ key: 'm', data }]), { mode: 'always-valid' })
    expect(answer.comparisons[0]!.result).toMatchObject({ bayes: { chanceToBeat: expect.closeTo(0.98, 2) } })
    expect(answer.verdict).toBe('keep running')
  })
})

describe('post-stratification', () => {
  // In the first stratum everybody buys more, and the treatment has more of it: Simpson's effect.
  const rows = (n: number, level: number) =>
    Array.from({ length: n }, (_, i) => [level + (i % 5), level + (i % 3)])
  const strata = [
    [jointMoments(rows(100, 10)), jointMoments(rows(900, 10))],
    [jointMoments(rows(900, 2)), jointMoments(rows(100, 2))],
  ]

  it('of joint moments tells what the test of each stratum’s moments tells', () => {
    const pooled = postStratify(strata)
    if (!pooled.ok) throw new Error(pooled.reason)
    const [a, b] = pooled.arms as [(typeof pooled.arms)[0], (typeof pooled.arms)[0]]
    const direct = postStratified(
      strata.map(([c, t]) => ({ control: marginal(c!, 0), treatment: marginal(t!, 0) })),
    )
    expect(b.means[0]! - a.means[0]!).toBeCloseTo(0, 12)
    expect(direct).toMatchObject({ difference: expect.closeTo(0, 12) })
    const se = Math.sqrt(a.covariance[0]![0]! / a.n + b.covariance[0]![0]! / b.n)
    expect(direct).toMatchObject({ se: expect.closeTo(se, 12) })
  })

  it('of nobody, of one unit, of unequal arms: a reason', () => {
    expect(postStratify([])).toEqual({ ok: false, reason: 'no-units' })
    expect(postStratify([[jointMoments([[1, 1]]), strata[0]![1]!]])).toEqual({
      ok: false,
      reason: 'too-few-units',
    })
    expect(postStratify([strata[0]!, [strata[0]![0]!]])).toEqual({ ok: false, reason: 'bad-input' })
  })
})
