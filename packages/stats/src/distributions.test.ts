/** The kernel: tails that are tails, quantiles that undo them, and values from tables. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  betaCdf,
  betaQuantile,
  betaSf,
  binomialCdf,
  binomialPmf,
  binomialSf,
  chiSquareSf,
  gammaSf,
  logGamma,
  noncentralTSf,
  normalCdf,
  normalIsf,
  normalQuantile,
  normalSf,
  tIsf,
  tSf,
} from './distributions.ts'

/** Equal but for a relative error. */
const near = (actual: number, expected: number, relative = 1e-11) =>
  expect(Math.abs(actual / expected - 1), `${actual} is not ${expected}`).toBeLessThan(relative)

const shape = fc.double({ min: 0.5, max: 1e5, noNaN: true })
const share = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true })
const exponent = fc.double({ min: -290, max: -0.31, noNaN: true })

describe('the normal distribution', () => {
  it('keeps its digits where 1 − cdf is zero', () => {
    near(normalSf(9.34559032473814) * 2, 9.13782893224631e-21)
    near(normalSf(37.5), 4.605353009e-308, 1e-9)
    expect(1 - normalCdf(9.34559)).toBe(0)
  })

  it('is symmetric and falls', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -37, max: 37, noNaN: true }),
        fc.double({ min: 1e-6, max: 5, noNaN: true }),
        (z, step) => {
          expect(normalSf(z)).toBe(normalCdf(-z))
          expect(normalSf(z + step)).toBeLessThanOrEqual(normalSf(z))
          near(normalSf(z) + normalCdf(z), 1)
        },
      ),
    )
  })

  it('has quantiles that undo the tail, from 1e-290 to ½', () => {
    fc.assert(
      fc.property(exponent, (e) => {
        near(normalSf(normalIsf(10 ** e)), 10 ** e)
        expect(normalQuantile(10 ** e)).toBe(-normalIsf(10 ** e))
      }),
    )
    expect([normalIsf(0), normalIsf(1), normalIsf(0.5)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      expect.closeTo(0, 15),
    ])
  })
})

describe("Student's distribution", () => {
  it('is the normal one for endless degrees of freedom, and Cauchy’s for one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 8, noNaN: true }), (t) => {
        near(tSf(t, 1e15), normalSf(t), 1e-10)
        near(tSf(t, 1), Math.atan2(1, t) / Math.PI)
      }),
    )
  })

  it('has critical values that undo the tail, also where their square is no double', () => {
    fc.assert(
      fc.property(exponent, fc.double({ min: 1, max: 1e9, noNaN: true }), (e, df) => {
        near(tSf(tIsf(10 ** e, df), df), 10 ** e, 1e-9)
      }),
    )
    near(tSf(1e200, 1), 1e-200 / Math.PI)
    expect(tIsf(0.7, 5)).toBeCloseTo(-tIsf(0.3, 5), 12)
  })

  it('is its noncentral one without a shift, and shifts to the power of a t test', () => {
    near(noncentralTSf(2, 12.5, 0), tSf(2, 12.5))
    // Cohen's d of 0.5, 64 units an arm: a power of 0.8014596 (R: power.t.test).
    const critical = tIsf(0.025, 126)
    near(
      noncentralTSf(critical, 126, 0.5 * Math.sqrt(32)) + noncentralTSf(critical, 126, -0.5 * Math.sqrt(32)),
      0.8014596,
      1e-6,
    )
  })
})

describe('beta, gamma, chi-square and binomial', () => {
  it('beta tails add up to 1, mirror, and are undone by the quantile', () => {
    fc.assert(
      fc.property(shape, shape, share, (a, b, x) => {
        near(betaCdf(x, a, b) + betaSf(x, a, b), 1)
        const p = Math.max(1e-200, betaCdf(x, a, b))
        if (p < 0.9) near(betaCdf(betaQuantile(p, a, b), a, b), p, 1e-8)
      }),
    )
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3), betaCdf(0, 2, 3), betaCdf(1, 2, 3)]).toEqual([
      0, 1, 0, 1,
    ])
  })

  it('the square of a normal is a chi-square, and two degrees are exponential', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 35, noNaN: true }), (z) => {
        near(chiSquareSf(z * z, 1), 2 * normalSf(z))
        near(chiSquareSf(z, 2), Math.exp(-z / 2))
      }),
    )
    expect([chiSquareSf(0, 3), gammaSf(Number.POSITIVE_INFINITY, 3)]).toEqual([1, 0])
  })

  it('binomial tails are sums of their probabilities', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (n, at, p) => {
          const k = Math.min(at, n)
          const each = Array.from({ length: n + 1 }, (_, i) => binomialPmf(i, n, p))
          near(
            binomialSf(k, n, p),
            each.slice(k).reduce((a, b) => a + b, 0),
            1e-10,
          )
          near(
            binomialCdf(k, n, p),
            each.slice(0, k + 1).reduce((a, b) => a + b, 0),
            1e-10,
          )
        },
      ),
    )
    expect([
      binomialPmf(3, 2, 0.5),
      binomialSf(3, 2, 0.5),
      binomialSf(0, 2, 0.5),
      binomialCdf(-1, 2, 0.5),
    ]).toEqual([0, 0, 1, 0])
    expect([binomialPmf(1, 3, 0), binomialPmf(0, 3, 0), binomialPmf(3, 3, 1)]).toEqual([0, 1, 1])
  })

  it('the logarithm of the gamma function is that of factorials', () => {
    near(logGamma(11), Math.log(3_628_800))
    near(logGamma(0.5), Math.log(Math.PI) / 2)
  })
})
