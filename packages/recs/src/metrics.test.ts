/** The measures of a ranking, against reference vectors and against a slow way to the same numbers. */
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkVectors } from '../bench/vectors.ts'
import { areaUnderCurve, balancedAccuracy, rankingMetrics } from './metrics.ts'

describe('ranking metrics', () => {
  it('are those of the reference vectors', () => {
    const path = fileURLToPath(new URL('../vectors/vectors.json', import.meta.url))
    expect(checkVectors(path)).toMatchObject({ asked: 2, passed: 2, missed: [] })
  })

  const rankings = fc.record({
    ranked: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }),
    relevant: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 15 }),
    k: fc.integer({ min: 1, max: 25 }),
  })

  it('come to the same the slow way', () => {
    fc.assert(
      fc.property(rankings, ({ ranked, relevant, k }) => {
        const hits = ranked.slice(0, k).map((id) => relevant.includes(id))
        const gain = (list: boolean[]) =>
          list.reduce((sum, hit, i) => sum + (hit ? Math.LN2 / Math.log(i + 2) : 0), 0)
        const found = hits.filter(Boolean).length
        const answer = rankingMetrics({ ranked, relevant: new Set(relevant), k })
        expect(answer.recall).toBe(found / relevant.length)
        expect(answer.precision).toBe(found / k)
        expect(answer.ndcg).toBeCloseTo(gain(hits) / gain(relevant.slice(0, k).map(() => true)), 12)
        expect(answer.ndcgUntruncated).toBeCloseTo(gain(hits) / gain(relevant.map(() => true)), 12)
        expect(answer.reciprocalRank).toBe(hits.includes(true) ? 1 / (hits.indexOf(true) + 1) : 0)
        for (const value of Object.values(answer)) expect(value).toBeGreaterThanOrEqual(0)
        for (const value of Object.values(answer)) expect(value).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })

  it('count an item that is repeated once, and refuse a question without an answer', () => {
    expect(rankingMetrics({ ranked: ['a', 'a'], relevant: new Set(['a', 'b']), k: 2 }).recall).toBe(0.5)
    expect(() => rankingMetrics({ ranked: ['a'], relevant: new Set<string>(), k: 1 })).toThrow(
      'relevant is empty',
    )
    expect(() => rankingMetrics({ ranked: ['a'], relevant: new Set(['a']), k: 0.5 })).toThrow('k is 0.5')
  })
})

describe('the area under the curve', () => {
  it('is the share of pairs in the right order, ties by half', () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), {
      minLength: 2,
      maxLength: 30,
    })
    fc.assert(
      fc.property(cases, (given) => {
        const pairs = given.flatMap(([x, a]) =>
          given.filter(([, b]) => a && !b).map(([y]) => Math.sign(x - y) / 2 + 0.5),
        )
        const area = areaUnderCurve(
          given.map(([score]) => score),
          given.map(([, truth]) => truth),
        )
        if (pairs.length === 0) expect(area).toBeUndefined()
        else expect(area).toBeCloseTo(pairs.reduce((sum, one) => sum + one, 0) / pairs.length, 12)
      }),
    )
  })

  it('and balanced accuracy say nothing where all are alike', () => {
    expect(balancedAccuracy([true, false], [true, true])).toBeUndefined()
    expect(balancedAccuracy([false, false, false, false], [true, false, false, false])).toBe(0.5)
    expect(balancedAccuracy([true, true, false, false], [true, false, false, false])).toBeCloseTo(
      (1 + 2 / 3) / 2,
    )
  })
})
