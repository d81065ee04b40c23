/** From sufficient statistics to a verdict: each verdict with its reason, in each mode, and reasons where numbers fail. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnalysisPlan, analyse, type ExperimentSummary, type MetricSummary } from './index.ts'

const rates = (a: number, b: number, n = 10_000): MetricSummary['data'] => ({
  kind: 'proportion',
  arms: [
    { n, successes: a },
    { n, successes: b },
  ],
})
const two = (metrics: MetricSummary[], units: [number, number] = [10_000, 10_000]): ExperimentSummary => ({
  variants: [
    { key: 'control', weight: 1, units: units[0] },
    { key: 'blue', weight: 1, units: units[1] },
  ],
  metrics,
})
const told = (summary: ExperimentSummary, plan: AnalysisPlan = { mode: 'fixed' }) => {
  const answer = analyse(summary, plan)
  if (!answer.ok) throw new Error(answer.reason)
  return answer
}

describe('verdicts', () => {
  it('ship: a goal is better, by p and interval', () => {
    const answer = told(two([{ key: 'buy', data: rates(1000, 1150) }]))
    expect(answer).toMatchObject({
      verdict: 'ship',
      variant: 'blue',
      because: [{ code: 'goal-better', metric: 'buy' }],
    })
    expect(answer.comparisons[0]).toMatchObject({
      outcome: 'better',
      result: {
        method: 'score',
        lift: { value: expect.closeTo(0.15, 9), interval: { low: expect.closeTo(0.06, 2) } },
      },
    })
  })

  it('roll back: a guardrail is hurt, though the goal is better; which way is better is the metric’s', () => {
    const metrics: MetricSummary[] = [
      { key: 'buy', data: rates(1000, 1150) },
      { key: 'errors', role: 'guardrail', direction: 'decrease', data: rates(100, 180) },
    ]
    expect(told(two(metrics))).toMatchObject({
      verdict: 'roll back',
      because: [{ code: 'guardrail-hurt', metric: 'errors', variant: 'blue' }],
    })
    expect(told(two([metrics[0]!, { ...metrics[1]!, direction: 'increase' }]))).toMatchObject({
      verdict: 'ship',
    })
    expect(told(two([{ key: 'buy', data: rates(1150, 1000) }]))).toMatchObject({ verdict: 'roll back' })
  })

  it('keep running, then inconclusive: the same numbers before and after the planned end', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1010) }])
    expect(told(summary, { plannedUnits: 40_000 })).toMatchObject({
      mode: 'group-sequential',
      information: 0.5,
      verdict: 'keep running',
      because: [{ code: 'nothing-clear' }, { code: 'sample-not-reached' }],
    })
    expect(told(summary, { plannedUnits: 20_000 })).toMatchObject({ verdict: 'inconclusive' })
    expect(told(summary, {})).toMatchObject({ mode: 'always-valid', verdict: 'keep running' })
  })

  it('a fixed test says nothing before its end, whatever p is', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1300) }])
    expect(told(summary, { mode: 'fixed', plannedUnits: 40_000 })).toMatchObject({
      verdict: 'keep running',
      because: [{ code: 'sample-not-reached' }],
    })
  })

  it('broken: sample ratio, before anything else', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1300) }], [10_000, 11_000])
    for (const plan of [{ mode: 'fixed' as const }, { plannedUnits: 21_000 }, {}])
      expect(told(summary, plan)).toMatchObject({
        verdict: 'broken: sample ratio',
        because: [{ code: 'sample-ratio-mismatch' }],
      })
  })

  it('broken though one arm was to get nobody', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1300) }], [10_000, 11_000])
    const idle = { key: 'idle', weight: 0, units: 0 }
    expect(analyse({ ...summary, variants: [...summary.variants, idle] })).toMatchObject({
      verdict: 'broken: sample ratio',
    })
  })

  it('not broken by a p that only a single look would have, in any mode', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1300) }], [8000, 8400])
    for (const plan of [{ mode: 'fixed' as const }, { plannedUnits: 16_400 }, {}]) {
      const found = analyse(summary, { ...plan, sampleRatioAlpha: 0.01 })
      expect(found).toMatchObject({ sampleRatio: { pValue: expect.closeTo(0.0018, 4) }, verdict: 'ship' })
    }
  })

  it('of several that may ship, the best one; the goals of all variants are corrected together', () => {
    const arms = [1000, 1110, 1160, 1090].map((successes) => ({ n: 10_000, successes }))
    const summary: ExperimentSummary = {
      variants: ['a', 'b', 'c', 'd'].map((key) => ({ key, weight: 1, units: 10_000 })),
      metrics: [{ key: 'buy', data: { kind: 'proportion', arms } }],
    }
    const answer = told(summary)
    expect(answer).toMatchObject({ verdict: 'ship', variant: 'c' })
    expect(answer.comparisons.map(({ outcome }) => outcome)).toEqual(['better', 'better', 'better'])
    // One goal more in the family, and d, whose own p is 0.037, is no longer clear.
    const strict = told({ ...summary, metrics: [...summary.metrics, { key: 'x', data: rates(5, 5) }] })
    expect(strict.comparisons.slice(0, 3).map(({ outcome }) => outcome)).toEqual([
      'better',
      'better',
      'unclear',
    ])
  })
})

describe('each kind of metric', () => {
  const joint = (mean: number, n = 5000) => ({
    n,
    means: [mean, 10],
    covariance: [
      [4, 3],
      [3, 9],
    ],
  })
  const before = (mean: number) => ({
    n: 5000,
    means: [mean, 10, 10, 10],
    covariance: [
      [4, 1, 3, 0],
      [1, 9, 0, 0],
      [3, 0, 4, 0],
      [0, 0, 0, 9],
    ],
  })
  const kinds: [string, MetricSummary['data'], string][] = [
    ['fisher', rates(0, 6, 50), 'fisher'],
    [
      'mean',
      {
        kind: 'mean',
        arms: [
          { n: 5000, mean: 10, variance: 4 },
          { n: 5000, mean: 10.2, variance: 4 },
        ],
      },
      'welch',
    ],
    ['adjusted mean', { kind: 'adjusted-mean', arms: [joint(10), joint(10.2)] }, 'cuped'],
    ['ratio', { kind: 'ratio', arms: [joint(10), joint(10.2)] }, 'ratio'],
    ['adjusted ratio', { kind: 'adjusted-ratio', arms: [before(10), before(10.4)] }, 'cuped-ratio'],
    [
      'quantile',
      {
        kind: 'quantile',
        arms: [
          { n: 5000, value: 10, se: 0.02 },
          { n: 5000, value: 10.2, se: 0.02 },
        ],
      },
      'quantile',
    ],
  ]

  it.each(kinds)('%s: p, interval and lift in every mode, which say the same', (_, data, method) => {
    for (const plan of [{ mode: 'fixed' as const }, { plannedUnits: 20_000, earlierLooks: [5000] }, {}]) {
      const { comparisons } = told(two([{ key: 'm', data }]), { ...plan, correction: 'none' })
      const result = comparisons[0]!.result
      if (!result.ok) throw new Error(result.reason)
      expect(result.method).toBe(method)
      if (method === 'fisher') continue
      expect(result.pValue < 0.05).toBe(result.interval.low > 0)
      if (result.lift.ok) expect(Math.sign(result.lift.interval.low)).toBe(Math.sign(result.interval.low))
    }
  })

  it('group sequential p is below alpha exactly where the interval at this look leaves out zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.double({ min: 0.1, max: 0.95, noNaN: true }),
        (more, share) => {
          const mean = 10 + more / 1000
          const arms = [
            { n: 5000, mean: 10, variance: 4 },
            { n: 5000, mean, variance: 4 },
          ]
          const plan = { plannedUnits: 20_000 / share, earlierLooks: [5000] }
          const result = told(two([{ key: 'm', data: { kind: 'mean', arms } }]), plan).comparisons[0]!.result
          if (!result.ok) throw new Error(result.reason)
          if (Math.abs(result.pValue - 0.05) > 1e-6)
            expect(result.pValue < 0.05).toBe(result.interval.low > 0)
        },
      ),
      { numRuns: 15 },
    )
  })
})

describe('looking again and again', () => {
  it('a look a minute later counts as the same one; the thousandth look still answers', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1080) }])
    const plan = { plannedUnits: 40_000 }
    const [once, minutes] = [told(summary, plan), told(summary, { ...plan, earlierLooks: [19_990, 19_999] })]
    expect(minutes.nominalAlpha).toBe(once.nominalAlpha)
    const often = told(summary, { ...plan, earlierLooks: Array.from({ length: 1000 }, (_, i) => 20 * i) })
    expect(often.nominalAlpha).toBeLessThan(once.nominalAlpha)
    expect(often.nominalAlpha).toBeGreaterThan(0.5 * once.nominalAlpha)
  })

  it('units beyond the plan are the last look', () => {
    const summary = two([{ key: 'buy', data: rates(1000, 1080) }])
    expect(told(summary, { plannedUnits: 15_000, earlierLooks: [7500, 16_000] })).toMatchObject({
      information: 1,
      verdict: 'inconclusive',
    })
  })
})

describe('what cannot be given', () => {
  it('one metric that cannot be read leaves the others alone', () => {
    const none = {
      kind: 'mean' as const,
      arms: [
        { n: 1, mean: 1, variance: 0 },
        { n: 5, mean: 1, variance: 1 },
      ],
    }
    const answer = told(
      two([
        { key: 'buy', data: rates(1000, 1150) },
        { key: 'revenue', data: none },
      ]),
    )
    expect(answer.comparisons[1]).toMatchObject({
      outcome: 'unclear',
      result: { ok: false, reason: 'too-few-units' },
    })
    expect(answer).toMatchObject({ verdict: 'ship' })
    const short = { kind: 'mean' as const, arms: [{ n: 9, mean: 1, variance: 1 }] }
    expect(told(two([{ key: 'm', data: short }])).comparisons[0]!.result).toMatchObject({
      reason: 'one-variant',
    })
  })

  it('a guardrail that cannot be read lets nothing ship', () => {
    const metrics: MetricSummary[] = [
      { key: 'buy', data: rates(1000, 1150) },
      { key: 'errors', role: 'guardrail', data: rates(0, 0) },
    ]
    expect(told(two(metrics))).toMatchObject({
      verdict: 'inconclusive',
      because: expect.arrayContaining([{ code: 'no-result', metric: 'errors', variant: 'blue' }]),
    })
  })

  it('one variant, nobody, a level that is none: a reason', () => {
    const summary = two([])
    expect(analyse({ ...summary, variants: summary.variants.slice(1) })).toEqual({
      ok: false,
      reason: 'one-variant',
    })
    expect(analyse(two([], [0, 0]))).toEqual({ ok: false, reason: 'no-units' })
    expect(analyse(summary, { alpha: 1 })).toEqual({ ok: false, reason: 'bad-alpha' })
    expect(analyse(summary, { mode: 'group-sequential' })).toEqual({ ok: false, reason: 'bad-input' })
    expect(told(summary)).toMatchObject({
      verdict: 'inconclusive',
      because: [{ code: 'no-goal' }, { code: 'sample-reached' }],
    })
  })

  it('tells power, the smallest visible lift and the days left', () => {
    const plan: AnalysisPlan = { mode: 'always-valid', minimumLift: 0.02, unitsPerDay: 5000 }
    const summary = two([{ key: 'buy', data: rates(1000, 1010) }])
    // A test that is read once sees more with the same units than one that may be read at any time.
    expect(told(summary, { ...plan, mode: 'fixed' }).comparisons[0]!.result).toMatchObject({
      power: { power: expect.closeTo(0.0758, 3) },
      minimumDetectableLift: { lift: expect.closeTo(0.119, 2) },
      daysLeft: { days: expect.closeTo(142, -1) },
    })
    const result = told(summary, plan).comparisons[0]!.result
    expect(result).toMatchObject({
      power: { power: expect.closeTo(0.0041, 4) },
      minimumDetectableLift: { lift: expect.closeTo(0.169, 3) },
      daysLeft: { days: 281 },
    })
  })
})
