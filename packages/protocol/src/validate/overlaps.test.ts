import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkOverlaps } from './overlaps.ts'
import type { Members } from './report.ts'

const experiment = (ranges: unknown, more: object = {}) => ({
  status: 'running',
  namespaces: [{ name: 'shop', ranges, ...more }],
})
function mistakesOf(experiments: Members): string[] {
  const said: string[] = []
  checkOverlaps((path, message) => said.push(`${path} ${message}`), experiments)
  return said
}

describe('namespaces', () => {
  it('may be shared part by part: ends are not within', () => {
    expect(mistakesOf({ a: experiment([[0, 5]]), b: experiment([[5, 9]]) })).toEqual([])
  })

  it('are said at the later experiment, by the name of the earlier one', () => {
    expect(mistakesOf({ a: experiment([[4, 9]]), b: experiment([[0, 5]]) })).toEqual([
      'experiments.b.namespaces.0.ranges overlaps with that of a in the namespace shop. Give each its own part.',
    ])
  })

  it('cut in another way, of experiments that do not run, and holdouts do not overlap', () => {
    const all = [[0, 9]]
    const others = { b: experiment(all, { seed: 'x' }), c: experiment(all, { holdout: true }) }
    expect(mistakesOf({ a: experiment(all), ...others, d: { ...experiment(all), status: 'draft' } })).toEqual(
      [],
    )
  })

  it('with what is no range are left to other checks', () => {
    for (const odd of [null, 1, [null], [[1]], [['a', 'b']], [[9, 1]]])
      expect(mistakesOf({ a: experiment(odd), b: experiment([[0, 9]]) })).toEqual([])
  })

  it('overlap exactly where comparing each with each finds that they do', () => {
    const range = fc
      .tuple(fc.nat(40), fc.integer({ min: 1, max: 6 }))
      .map(([start, long]) => [start, start + long])
    fc.assert(
      fc.property(fc.array(fc.array(range, { maxLength: 3 }), { maxLength: 5 }), (all) => {
        const experiments = Object.fromEntries(all.map((ranges, i) => [`e${i}`, experiment(ranges)]))
        const slow = all.some((one, i) =>
          all.slice(0, i).some((other) => one.some(([a, b]) => other.some(([c, d]) => a! < d! && c! < b!))),
        )
        expect(mistakesOf(experiments).length > 0).toBe(slow)
      }),
      { numRuns: 500 },
    )
  })

  it('of a whole megabyte are compared in a moment', () => {
    const parts = (from: number) => Array.from({ length: 30_000 }, (_, i) => [from + i * 3, from + i * 3 + 1])
    expect(mistakesOf({ a: experiment(parts(0)), b: experiment(parts(500_000)) })).toEqual([])
  })
})
