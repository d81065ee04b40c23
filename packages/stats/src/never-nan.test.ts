/** Whatever goes in, within its type: numbers or a reason come out, never NaN and never an exception. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as stats from './index.ts'

/** Every number within an answer. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(numbers)
}

const count = fc.oneof(
  fc.constantFrom(0, 1, 2, 5, 1e3, 1e6, 1e9),
  fc.nat({ max: 100 }),
  fc.nat({ max: 10_000_000 }),
)
const proportion = fc
  .tuple(count, count)
  .map(([a, b]): stats.Proportion => ({ n: Math.max(a, b), successes: Math.min(a, b) }))
const anyNumber = fc.oneof(
  fc.double({ noDefaultInfinity: true }),
  fc.constantFrom(0, 1, -1, 1e-300, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
)
const size = fc.oneof(fc.double({ min: 1e-8, max: 1e8, noNaN: true }), anyNumber)
const moments = fc.record({ n: fc.oneof(count, anyNumber), mean: size, variance: size })
const joint = (width: number) =>
  fc
    .array(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: width, maxLength: width }),
      {
        maxLength: 12,
      },
    )
    .map((rows) => stats.jointMoments(rows, width))
const level = fc.oneof(fc.double({ min: 1e-12, max: 0.999999, noNaN: true }), anyNumber)

const asked: [string, fc.Arbitrary<() => unknown>][] = [
  ['twoProportions', fc.tuple(proportion, proportion, level).map((i) => () => stats.twoProportions(...i))],
  ['scoreDifference', fc.tuple(proportion, proportion, level).map((i) => () => stats.scoreDifference(...i))],
  ['scoreRatio', fc.tuple(proportion, proportion, level).map((i) => () => stats.scoreRatio(...i))],
  ['katzRatio', fc.tuple(proportion, proportion, level).map((i) => () => stats.katzRatio(...i))],
  ['wilson', fc.tuple(proportion, level).map((i) => () => stats.wilson(...i))],
  ['welch', fc.tuple(moments, moments, level).map((i) => () => stats.welch(...i))],
  ['relativeLift', fc.tuple(moments, moments, level).map((i) => () => stats.relativeLift(...i))],
  ['ratioMetric', fc.tuple(joint(2), joint(2), level).map((i) => () => stats.ratioMetric(...i))],
  ['cuped', fc.tuple(joint(2), joint(2), level).map((i) => () => stats.cuped(...i))],
  ['cupedRatio', fc.tuple(joint(4), joint(4), level).map((i) => () => stats.cupedRatio(...i))],
  [
    'confidenceSequence',
    fc
      .tuple(fc.record({ difference: size, se: size }), size, level, size)
      .map((i) => () => stats.confidenceSequence(...i)),
  ],
  [
    'msprt',
    fc.tuple(fc.record({ difference: size, se: size }), size, level).map((i) => () => stats.msprt(...i)),
  ],
  [
    'sampleRatio',
    fc
      .tuple(fc.array(fc.oneof(count, anyNumber)), fc.array(size))
      .map((i) => () => [stats.sampleRatio(...i), stats.sampleRatioSequential(...i)]),
  ],
  ['adjustPValues', fc.array(fc.oneof(level, anyNumber)).map((p) => () => stats.adjustPValues(p))],
  [
    'power',
    fc
      .tuple(size, size, level)
      .map((i) => () => [stats.power(...i), stats.minimumDetectableEffect(i[1], i[2])]),
  ],
  ['daysLeft', fc.tuple(size, size, size).map((i) => () => stats.daysLeft(...i))],
  [
    'sampleSizeProportions',
    fc.tuple(level, level, level, level).map(
      ([a, b, alpha, power]) =>
        () =>
          stats.sampleSizeProportions(a, b, { alpha, power }),
    ),
  ],
  [
    'normalPosterior',
    fc
      .tuple(size, size, fc.record({ mean: size, sd: size }), level)
      .map((i) => () => stats.normalPosterior(...i)),
  ],
  ['quantiles', fc.tuple(fc.array(size), fc.array(level)).map((i) => () => stats.quantiles(...i))],
  ['winsorize', fc.tuple(fc.array(size), level, level).map((i) => () => stats.winsorize(...i))],
  ['quantileEstimate', fc.tuple(fc.array(size), level).map((i) => () => stats.quantileEstimate(...i))],
  [
    'postStratified',
    fc
      .tuple(fc.array(fc.record({ control: moments, treatment: moments }), { maxLength: 4 }), level)
      .map((i) => () => stats.postStratified(...i)),
  ],
  ['postStratify', fc.array(fc.array(joint(2), { maxLength: 3 })).map((i) => () => stats.postStratify(i))],
]

describe('no answer holds NaN, and no input throws', () => {
  it.each(asked)('%s', (_, questions) => {
    fc.assert(
      fc.property(questions, (question) => {
        expect(numbers(question()).filter(Number.isNaN)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('betaBinomial and bestOf, which take longer', () => {
    fc.assert(
      fc.property(proportion, proportion, fc.constantFrom(0.5, 1, 30), (a, b, alpha) => {
        const answers = [
          stats.betaBinomial(a, b, { alpha, beta: 1 }),
          stats.bestOfMeans([
            { mean: a.n, sd: b.n },
            { mean: 0, sd: 1 },
          ]),
        ]
        expect(numbers(answers).filter(Number.isNaN)).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('analyse and intervals, in every mode and with everything that may be asked for', () => {
    const data = fc.oneof(
      fc.tuple(proportion, proportion).map((arms) => ({ kind: 'proportion' as const, arms })),
      fc.tuple(moments, moments).map((arms) => ({ kind: 'mean' as const, arms })),
      fc.tuple(joint(2), joint(2)).map((arms) => ({ kind: 'ratio' as const, arms })),
      fc.tuple(joint(4), joint(4)).map((arms) => ({ kind: 'adjusted-ratio' as const, arms })),
    )
    const metric = fc.record({
      key: fc.constant('m'),
      role: fc.constantFrom('goal' as const, 'guardrail' as const),
      direction: fc.constantFrom('increase' as const, 'decrease' as const),
      margin: fc.constantFrom(0.02, 0.5),
      minimumLift: fc.constantFrom(0.02, 0.5),
      data,
    })
    const plan = fc.constantFrom<stats.AnalysisPlan>(
      { mode: 'fixed' },
      { plannedUnits: 1000, earlierLooks: [300], unitsPerDay: 10 },
      { plannedUnits: 1e9, correction: 'benjaminiHochberg' },
      { mode: 'always-valid', unitsPerDay: 0 },
    )
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 3 }), count, count, plan, (metrics, a, b, asked) => {
        const variants = [a, b].map((units, i) => ({ key: String(i), weight: 1, units }))
        const answers = [
          stats.analyse({ variants, metrics }, asked),
          stats.intervals({ variants, metrics }, asked, () => 0.01),
        ]
        expect(numbers(answers).filter(Number.isNaN)).toEqual([])
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
