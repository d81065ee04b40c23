/** Two rates: tests that do not depend on names, intervals that agree with them, and answers at zero. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialPmf } from '../distributions.ts'
import { fisherExact, katzRatio, scoreDifference, scoreRatio, twoProportions, wilson } from '../index.ts'

const arm = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, successes: Math.round(n * share) }))

const fails = ({ n, successes }: { n: number; successes: number }) => ({ n, successes: n - successes })

describe('two rates', () => {
  it('0 of 50 against 5 of 50 has an answer, by every method', () => {
    const [a, b] = [
      { n: 50, successes: 0 },
      { n: 50, successes: 5 },
    ]
    expect(twoProportions(a, b)).toMatchObject({ ok: true, pValue: expect.closeTo(0.02178, 5) })
    expect(fisherExact(a, b)).toMatchObject({ ok: true, twoSided: expect.closeTo(0.0563, 4) })
    expect(scoreDifference(a, b)).toMatchObject({
      low: expect.closeTo(0.0244, 4),
      high: expect.closeTo(0.2143, 4),
    })
    expect(scoreRatio(a, b)).toMatchObject({
      ok: true,
      low: expect.closeTo(1.346, 3),
      high: Number.POSITIVE_INFINITY,
    })
    expect(katzRatio(a, b)).toEqual({ ok: false, reason: 'control-zero' })
  })

  it('says why it cannot answer', () => {
    const some = { n: 10, successes: 1 }
    expect(twoProportions({ n: 0, successes: 0 }, some)).toEqual({ ok: false, reason: 'no-units' })
    expect(twoProportions({ n: 5, successes: 6 }, some)).toEqual({
      ok: false,
      reason: 'more-successes-than-units',
    })
    expect(scoreDifference({ n: 5, successes: -1 }, some)).toEqual({ ok: false, reason: 'bad-input' })
    expect(scoreRatio({ n: 5, successes: 0 }, { n: 9, successes: 0 })).toEqual({
      ok: false,
      reason: 'no-conversions',
    })
    expect(katzRatio(some, { n: 9, successes: 0 })).toEqual({ ok: false, reason: 'not-positive' })
    expect(wilson(some, 0)).toEqual({ ok: false, reason: 'bad-alpha' })
    expect(fisherExact({ n: 5.5, successes: 1 }, some)).toEqual({ ok: false, reason: 'bad-input' })
    const huge = { n: 1e9, successes: 4e8 }
    expect(fisherExact(huge, huge)).toEqual({ ok: false, reason: 'too-many-successes' })
  })

  it('mirrors when the arms change places, and when conversions and the others do', () => {
    fc.assert(
      fc.property(arm, arm, (a, b) => {
        const [there, back, other] = [
          scoreDifference(a, b),
          scoreDifference(b, a),
          scoreDifference(fails(a), fails(b)),
        ]
        if (!there.ok || !back.ok || !other.ok) throw new Error('refused')
        for (const mirrored of [back, other]) {
          expect(there.low).toBeCloseTo(-mirrored.high, 12)
          expect(there.high).toBeCloseTo(-mirrored.low, 12)
        }
        const [p, q] = [fisherExact(a, b), fisherExact(b, a)]
        if (p.ok && q.ok) expect(p.twoSided).toBeCloseTo(q.twoSided, 10)
        const [r, s] = [scoreRatio(a, b), scoreRatio(b, a)]
        // 1/∞ is 0 and 1/0 is ∞.
        if (r.ok && s.ok) expect(Math.abs(r.low - 1 / s.high)).toBeLessThanOrEqual(1e-9 * r.low)
      }),
      { numRuns: 60 },
    )
  })

  it('has intervals that hold the estimate, grow with the level, and leave out 0 and 1 together with p', () => {
    fc.assert(
      fc.property(arm, arm, fc.double({ min: 0.001, max: 0.4, noNaN: true }), (a, b, alpha) => {
        const [test, difference, wider, ratio] = [
          twoProportions(a, b, alpha),
          scoreDifference(a, b, alpha),
          scoreDifference(a, b, alpha / 2),
          scoreRatio(a, b, alpha),
        ]
        if (!test.ok || !difference.ok || !wider.ok) throw new Error('refused')
        expect(difference.low).toBeLessThanOrEqual(test.difference)
        expect(difference.high).toBeGreaterThanOrEqual(test.difference)
        expect(wider.low).toBeLessThanOrEqual(difference.low)
        expect(wider.high).toBeGreaterThanOrEqual(difference.high)
        // The interval has N/(N − 1) more variance than the test: between the two they may differ.
        const n = a.n + b.n
        const edge = Math.abs(test.z) / Math.sqrt(n / (n - 1))
        const significant = test.pValue < alpha
        const leaves = difference.low > 0 || difference.high < 0
        if (leaves) expect(significant).toBe(true)
        const stricter = twoProportions(a, b, alpha)
        if (stricter.ok && significant && !leaves) expect(edge).toBeLessThan(Math.abs(test.z))
        if (ratio.ok && difference.low > 1e-9) expect(ratio.low).toBeGreaterThan(1)
        if (ratio.ok && difference.high < -1e-9) expect(ratio.high).toBeLessThan(1)
      }),
    )
  })

  it('Newcombe’s interval covers small rates as promised, computed over every outcome', () => {
    // Every pair of outcomes of 40 and 50 units at 10 % and 20 %, weighted by its probability.
    let covered = 0
    for (let x = 0; x <= 40; x++)
      for (let y = 0; y <= 50; y++) {
        const r = twoProportions({ n: 40, successes: x }, { n: 50, successes: y })
        if (r.ok && r.newcombe.low <= 0.1 && 0.1 <= r.newcombe.high)
          covered += binomialPmf(x, 40, 0.1) * binomialPmf(y, 50, 0.2)
      }
    expect(covered).toBeGreaterThan(0.945)
    expect(covered).toBeLessThan(0.975)
  })
})
