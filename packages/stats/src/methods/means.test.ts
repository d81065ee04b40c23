/** Means, lifts, ratios, CUPED and quantiles: what must hold whatever the data. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cuped,
  cupedRatio,
  jointMoments,
  mergeJoint,
  mergeMoments,
  moments,
  momentsFromSums,
  postStratified,
  proportionMoments,
  quantileDifference,
  quantileEstimate,
  quantiles,
  ratioMetric,
  relativeLift,
  welch,
  winsorize,
} from '../index.ts'

// Without −0, which is equal to 0 for everybody but a test.
const value = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => x + 0)
const values = fc.array(value, { minLength: 3, maxLength: 40 })
const rows = fc.array(
  fc.tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0.1, max: 100, noNaN: true })),
  {
    minLength: 5,
    maxLength: 40,
  },
)

describe('moments', () => {
  it('come out the same from any parts, in any order', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const whole = moments([...b, ...a])
        const merged = mergeMoments([moments(a), moments([]), moments(b)])
        expect(merged.n).toBe(whole.n)
        expect(merged.mean).toBeCloseTo(whole.mean, 9)
        expect(Math.abs(merged.variance - whole.variance)).toBeLessThanOrEqual(1e-9 * (whole.variance + 1))
      }),
    )
  })

  it('of a proportion are those of its zeros and ones; of sums those of the rows', () => {
    expect(proportionMoments({ n: 4, successes: 1 })).toEqual({ n: 4, mean: 0.25, variance: 0.25 })
    expect(moments([1, 0, 0, 0]).variance).toBeCloseTo(0.25, 12)
    const table = [
      [1, 2],
      [3, 5],
      [4, 4],
    ]
    const sums = { n: 3, sumX: 8, sumY: 11, sumXX: 26, sumYY: 45, sumXY: 33 }
    const [a, b] = [momentsFromSums(sums), jointMoments(table)]
    for (const [i, row] of a.covariance.entries())
      for (const [j, one] of row.entries()) expect(one).toBeCloseTo(b.covariance[i]![j]!, 12)
    expect(mergeJoint([])).toEqual({ n: 0, means: [], covariance: [] })
  })
})

describe('means', () => {
  it('Welch: mirrors, does not see an offset, and p and interval say the same', () => {
    fc.assert(
      fc.property(values, values, value, (a, b, offset) => {
        const there = welch(moments(a), moments(b))
        const back = welch(moments(b), moments(a))
        if (!there.ok || !back.ok) return
        expect(there.t).toBeCloseTo(-back.t, 9)
        const moved = welch(moments(a.map((x) => x + offset)), moments(b.map((x) => x + offset)))
        if (moved.ok && there.se > 1e-6) expect(moved.pValue).toBeCloseTo(there.pValue, 5)
        if (Math.abs(there.pValue - 0.05) > 1e-9)
          expect(there.pValue < 0.05).toBe(there.interval.low > 0 || there.interval.high < 0)
      }),
    )
  })

  it('the lift has no unit, and its logarithm keeps it above −100 %', () => {
    const a = { n: 50, mean: 2.5, variance: 100 }
    const b = { n: 50, mean: 3.5, variance: 120 }
    const lift = relativeLift(a, b)
    const cents = relativeLift({ n: 50, mean: 250, variance: 1e6 }, { n: 50, mean: 350, variance: 1.2e6 })
    if (!lift.ok || !cents.ok || !lift.log.ok || !cents.log.ok) throw new Error('refused')
    expect(lift.lift).toBeCloseTo(cents.lift, 12)
    expect(lift.log.low).toBeCloseTo(cents.log.low, 12)
    expect(lift.log.low).toBeGreaterThan(-1)
    expect(lift.fieller).toEqual({ ok: false, reason: 'control-zero' })
  })

  it('say why they cannot answer', () => {
    const some = { n: 10, mean: 1, variance: 1 }
    expect(welch({ n: 1, mean: 1, variance: 0 }, some)).toEqual({ ok: false, reason: 'too-few-units' })
    expect(welch({ ...some, variance: 0 }, { ...some, variance: 0 })).toEqual({
      ok: false,
      reason: 'no-variance',
    })
    expect(relativeLift({ ...some, mean: 0 }, some)).toEqual({ ok: false, reason: 'control-zero' })
    expect(relativeLift(some, { ...some, mean: -1 })).toMatchObject({
      ok: true,
      log: { reason: 'not-positive' },
    })
    expect(relativeLift(some, { n: 9, mean: 0, variance: 0 })).toEqual({ ok: false, reason: 'no-variance' })
    expect(
      welch({ n: 1e300, mean: 1e300, variance: 1e-300 }, { n: 3, mean: -1e308, variance: 1e308 }).ok,
    ).toBe(true)
    expect(welch(some, { ...some, mean: Number.NaN })).toEqual({ ok: false, reason: 'bad-input' })
  })
})

describe('ratios and CUPED', () => {
  it('a ratio whose denominator is 1 for everybody is a mean', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const plain = welch(moments(a), moments(b))
        const ratio = ratioMetric(jointMoments(a.map((x) => [x, 1])), jointMoments(b.map((x) => [x, 1])))
        if (plain.ok && ratio.ok) expect(ratio.pValue).toBeCloseTo(plain.pValue, 8)
      }),
    )
    const zero = jointMoments([
      [1, 0],
      [2, 0],
    ])
    expect(ratioMetric(zero, zero)).toEqual({ ok: false, reason: 'control-zero' })
  })

  it('CUPED with a covariate that tells nothing changes nothing; one that tells all leaves no variance', () => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const flat = (some: [number, number][]) => jointMoments(some.map(([y]) => [y, 7]))
        const plain = welch(moments(a.map(([y]) => y)), moments(b.map(([y]) => y)))
        const adjusted = cuped(flat(a), flat(b))
        if (!plain.ok || !adjusted.ok) return
        expect(adjusted.theta).toBe(0)
        expect(adjusted.pValue).toBeCloseTo(plain.pValue, 9)
        expect(adjusted.unadjustedSe).toBeCloseTo(plain.se, 9)
      }),
    )
    const same = jointMoments([
      [1, 2],
      [2, 4],
      [3, 6],
    ])
    expect(cuped(same, same)).toEqual({ ok: false, reason: 'no-variance' })
    expect(cuped(same, { n: 3, means: [1], covariance: [[1]] })).toEqual({ ok: false, reason: 'bad-input' })
  })

  it('CUPED of ratios is CUPED of means where every denominator is 1, and takes off what it should', () => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const wide = (some: [number, number][]) => jointMoments(some.map(([y, x]) => [y, 1, x, 1]))
        const [mean, ratio] = [cuped(jointMoments(a), jointMoments(b)), cupedRatio(wide(a), wide(b))]
        if (!mean.ok || !ratio.ok) return
        expect(ratio.theta).toBeCloseTo(mean.thetaWithin, 6)
        expect(ratio.unadjustedDifference).toBeCloseTo(mean.unadjustedDifference, 9)
      }),
    )
    const noPast = jointMoments([
      [1, 2, 0, 0],
      [2, 3, 0, 0],
      [1, 4, 0, 0],
    ])
    expect(cupedRatio(noPast, noPast)).toMatchObject({ ok: true, theta: 0, varianceReduction: 0 })
  })

  it('post-stratification of one stratum is the plain difference', () => {
    const [a, b] = [
      { n: 30, mean: 5, variance: 2 },
      { n: 40, mean: 6, variance: 3 },
    ]
    const [plain, strata] = [welch(a, b), postStratified([{ control: a, treatment: b }])]
    if (!plain.ok || !strata.ok) throw new Error('refused')
    expect([strata.difference, strata.se]).toEqual([plain.difference, plain.se])
    expect(postStratified([])).toEqual({ ok: false, reason: 'no-units' })
  })

  it('post-stratification is not fooled by a ramp: equal arms on both days, unequal shares', () => {
    const day = (mean: number, n: number) => ({ n, mean, variance: 1 })
    const answer = postStratified([
      { control: day(1, 9000), treatment: day(1, 1000) },
      { control: day(2, 5000), treatment: day(2, 5000) },
    ])
    expect(answer).toMatchObject({ difference: 0, pValue: 1 })
  })
})

describe('quantiles', () => {
  it('lie within the values, rise with the share, and ends are the ends', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (x, p) => {
        const answer = quantiles(x, [0, p, 1])
        if (!answer.ok) throw new Error(answer.reason)
        const [low, middle, high] = answer.values as [number, number, number]
        expect([low, high]).toEqual([Math.min(...x), Math.max(...x)])
        expect(middle).toBeGreaterThanOrEqual(low)
        expect(middle).toBeLessThanOrEqual(high)
      }),
    )
    expect(quantiles([], [0.5])).toEqual({ ok: false, reason: 'no-units' })
    expect(winsorize([1, 2], 0.9, 0.1)).toEqual({ ok: false, reason: 'bad-alpha' })
  })

  it('the standard error of a median of uniform values is 1/(2√n), and few values have none', () => {
    const uniform = Array.from({ length: 9999 }, (_, i) => (i + 0.5) / 9999)
    const estimate = quantileEstimate(uniform, 0.5)
    if (!estimate.ok) throw new Error(estimate.reason)
    expect(estimate.se).toBeCloseTo(0.5 / Math.sqrt(9999), 4)
    expect(quantileDifference(estimate, { ...estimate, value: 0.52 })).toMatchObject({
      pValue: expect.closeTo(0.0047, 3),
    })
    expect(quantileEstimate([1, 2, 3], 0.9)).toEqual({ ok: false, reason: 'too-few-units' })
    expect(quantileDifference({ ...estimate, se: 0 }, { ...estimate, se: 0 })).toEqual({
      ok: false,
      reason: 'no-variance',
    })
  })
})
