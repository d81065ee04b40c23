/** Looking while it runs, many comparisons, sample sizes, posteriors: what must hold whatever the data. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalIsf } from '../distributions.ts'
import {
  adjustPValues,
  bestOfMeans,
  bestOfRates,
  betaBinomial,
  confidenceSequence,
  daysLeft,
  groupSequentialBounds,
  minimumDetectableEffect,
  msprt,
  normalPosterior,
  power,
  sampleRatio,
  sampleRatioSequential,
  sampleSizeMeans,
  sampleSizeProportions,
  spentAlpha,
} from '../index.ts'

describe('looking while it runs', () => {
  it('p and interval of a confidence sequence say the same, and it is wider than the ordinary interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.001, max: 0.3, noNaN: true }),
        (difference, se, n, alpha) => {
          for (const answer of [
            confidenceSequence({ difference, se }, n, alpha),
            msprt({ difference, se }, 0.1, alpha),
          ]) {
            if (!answer.ok) throw new Error(answer.reason)
            const leaves = answer.interval.low > 0 || answer.interval.high < 0
            if (Math.abs(answer.pValue - alpha) > 1e-12) expect(answer.pValue < alpha).toBe(leaves)
            expect(answer.halfWidth).toBeGreaterThan(normalIsf(alpha / 2) * se)
          }
        },
      ),
    )
    expect(msprt({ difference: 1, se: 0 }, 1)).toEqual({ ok: false, reason: 'no-variance' })
    expect(confidenceSequence({ difference: 1, se: 1 }, 0)).toEqual({ ok: false, reason: 'no-units' })
  })

  it('group sequential bounds: one look is the ordinary test, and the last of many spends all that is left', () => {
    expect(groupSequentialBounds({ fractions: [1] })).toMatchObject({
      z: [expect.closeTo(1.959963984540054, 9)],
    })
    expect(groupSequentialBounds({ fractions: [1], sided: 1 })).toMatchObject({
      z: [expect.closeTo(1.6448536269514722, 9)],
    })
    // O'Brien & Fleming's published bounds of five looks (Lan & DeMets 1983, as in ldbounds).
    const five = groupSequentialBounds({ fractions: [0.2, 0.4, 0.6, 0.8, 1] })
    if (!five.ok) throw new Error(five.reason)
    for (const [i, z] of [4.8769, 3.3569, 2.6803, 2.2898, 2.031].entries())
      expect(five.z[i]).toBeCloseTo(z, 3)
    expect(five.cumulativeAlpha.at(-1)).toBe(0.05)
  })

  it('takes uneven looks as they come; a look at no new data is refused', () => {
    const early = groupSequentialBounds({ fractions: [0.3, 0.31, 0.95], spending: 'pocock' })
    if (!early.ok) throw new Error(early.reason)
    expect(early.z[1]).toBeGreaterThan(early.z[0]!)
    expect(groupSequentialBounds({ fractions: [0.5, 0.5] })).toEqual({ ok: false, reason: 'bad-input' })
    expect(groupSequentialBounds({ fractions: [] })).toEqual({ ok: false, reason: 'no-units' })
    expect([spentAlpha(0, 0.05), spentAlpha(1, 0.05), spentAlpha(1, 0.05, 'pocock')]).toEqual([0, 0.05, 0.05])
  })

  it('sample ratio: scales of weights do not matter, a mismatch shows in both, millions keep their digits', () => {
    expect(sampleRatio([500, 520], [1, 1])).toEqual(sampleRatio([500, 520], [0.5, 0.5]))
    expect(sampleRatio([821_588, 815_482], [1, 1])).toMatchObject({ pValue: expect.closeTo(1.8e-6, 7) })
    const [less, more] = [
      sampleRatioSequential([1e9, 1e9], [1, 1]),
      sampleRatioSequential([1e9, 1.001e9], [1, 1]),
    ]
    expect(less).toMatchObject({ ok: true, pValue: 1 })
    expect(more).toMatchObject({ ok: true, pValue: expect.closeTo(0, 20) })
    expect(sampleRatio([1], [1])).toEqual({ ok: false, reason: 'one-variant' })
    expect(sampleRatio([1, 2], [1, -1])).toEqual({ ok: false, reason: 'bad-input' })
    expect(sampleRatio([0, 0], [1, 1])).toEqual({ ok: false, reason: 'no-units' })
  })
})

describe('corrections', () => {
  it('never lower a p, keep the order, and stand in the order of their strictness', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (p) => {
        const answer = adjustPValues(p)
        if (!answer.ok) throw new Error(answer.reason)
        for (const [i, plain] of p.entries()) {
          const at = (of: number[]) => of[i]! * (1 + 1e-12)
          expect(at(answer.benjaminiHochberg)).toBeGreaterThanOrEqual(plain)
          expect(at(answer.hochberg)).toBeGreaterThanOrEqual(answer.benjaminiHochberg[i]!)
          expect(at(answer.holm)).toBeGreaterThanOrEqual(answer.hochberg[i]!)
          expect(at(answer.bonferroni)).toBeGreaterThanOrEqual(answer.holm[i]!)
        }
      }),
    )
    expect(adjustPValues([])).toMatchObject({ ok: true, holm: [] })
    expect(adjustPValues([0.1, Number.NaN])).toEqual({ ok: false, reason: 'bad-alpha' })
  })
})

describe('planning', () => {
  it('the sample size brings the power that was asked for', () => {
    const size = sampleSizeProportions(0.1, 0.12, { power: 0.9 })
    if (!size.ok) throw new Error(size.reason)
    const se = Math.sqrt((0.1 * 0.9 + 0.12 * 0.88) / size.unpooled)
    expect(power(0.02, se)).toMatchObject({ power: expect.closeTo(0.9, 6) })
    expect(minimumDetectableEffect(se, 0.05, 0.9)).toMatchObject({ effect: expect.closeTo(0.02, 9) })
  })

  it('means: from very large to tiny effects, both sides and one', () => {
    const [large, tiny] = [sampleSizeMeans(5), sampleSizeMeans(-1e-5)]
    if (!large.ok || !tiny.ok) throw new Error('refused')
    expect(large.t).toBeGreaterThan(2)
    expect(large.t).toBeLessThan(3)
    expect(tiny.t / tiny.normal).toBeCloseTo(1, 5)
    expect(sampleSizeMeans(0.5, { sided: 1 })).toMatchObject({ t: expect.closeTo(50.15, 1) })
    expect(sampleSizeMeans(0)).toEqual({ ok: false, reason: 'no-effect' })
    expect(sampleSizeProportions(0.1, 0.1)).toEqual({ ok: false, reason: 'no-effect' })
  })

  it('days left: whole days, none when it is enough, a reason when nobody comes', () => {
    expect(daysLeft(1000, 100, 300)).toEqual({ ok: true, days: 3 })
    expect(daysLeft(1000, 1000, 0)).toEqual({ ok: true, days: 0 })
    expect(daysLeft(1000, 10, 0)).toEqual({ ok: false, reason: 'no-traffic' })
  })
})

describe('posteriors', () => {
  const counts = fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([n, p]) => ({
      n,
      successes: Math.round(n * p),
    }))

  it('chances of two arms add up, and the losses differ by the difference of the means', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [there, back] = [betaBinomial(a, b), betaBinomial(b, a)]
        if (!there.ok || !back.ok) throw new Error('refused')
        expect(there.chanceToWin + back.chanceToWin).toBeCloseTo(1, 10)
        expect(there.lossControl - there.lossTreatment).toBeCloseTo(
          there.meanTreatment - there.meanControl,
          10,
        )
      }),
      { numRuns: 30 },
    )
  })

  it('keep their digits where one arm is hopeless', () => {
    const answer = betaBinomial({ n: 1000, successes: 300 }, { n: 1000, successes: 100 })
    if (!answer.ok) throw new Error(answer.reason)
    expect(answer.chanceToWin).toBeGreaterThan(1e-32)
    expect(answer.chanceToWin).toBeLessThan(1e-25)
    expect(answer.lossControl).toBeGreaterThan(0)
  })

  it('best of several: chances add up to 1, equal arms share, rates and means agree for many units', () => {
    const rates = bestOfRates([
      [1001, 9001],
      [1051, 8951],
      [951, 9051],
    ])
    const means = bestOfMeans(
      [1001, 1051, 951].map((a) => ({
        mean: a / 10_002,
        sd: Math.sqrt((a * (10_002 - a)) / 10_002 ** 2 / 10_003),
      })),
    )
    if (!rates.ok || !means.ok) throw new Error('refused')
    expect(rates.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    for (const [i, chance] of rates.probabilities.entries())
      expect(chance).toBeCloseTo(means.probabilities[i]!, 2)
    expect(
      bestOfRates([
        [5, 5],
        [5, 5],
        [5, 5],
      ]),
    ).toMatchObject({ probabilities: [1, 1, 1].map(() => expect.closeTo(1 / 3, 12)) })
    expect(bestOfMeans([{ mean: 1, sd: 1 }])).toEqual({ ok: false, reason: 'one-variant' })
    expect(
      bestOfMeans([
        { mean: 1, sd: 0 },
        { mean: 1, sd: 1 },
      ]),
    ).toEqual({ ok: false, reason: 'no-variance' })
  })

  it('a normal prior draws towards itself, and its absence changes nothing', () => {
    expect(normalPosterior(0.1, 0.05)).toMatchObject({ mean: 0.1, sd: 0.05 })
    expect(normalPosterior(0.1, 0.05, { mean: 0, sd: 0.05 })).toMatchObject({
      mean: expect.closeTo(0.05, 12),
    })
    expect(normalPosterior(0.1, 0, { mean: 0, sd: 1 })).toEqual({ ok: false, reason: 'no-variance' })
    expect(normalPosterior(0.1, 1, { mean: 0, sd: 0 })).toEqual({ ok: false, reason: 'bad-input' })
  })
})
