/** Every number of the reference vectors comes out within the tolerance that the reference states. */
import { describe, expect, it } from 'vitest'
import { checkVectors, type Vector } from '../bench/vectors/check.ts'
import { methods } from '../bench/vectors/methods.ts'
import edgesFile from '../vectors/edges.json' with { type: 'json' }
import file from '../vectors/vectors.json' with { type: 'json' }

const vectors = file.vectors as unknown as Vector[]
// Tails, zeros, single units, thousands of millions, and rates that nearly agree.
const edges = edgesFile.vectors as unknown as Vector[]

describe('the reference vectors', () => {
  it('ask every method', () => {
    expect(new Set(vectors.map(({ method }) => method))).toEqual(new Set(Object.keys(methods)))
  })

  it.each(checkVectors(vectors).map((report) => [report.method, report] as const))('%s', (_, report) => {
    expect(report.missed).toEqual([])
  })

  it.each(checkVectors(edges).map((report) => [report.method, report] as const))(
    '%s, at its edges',
    (_, report) => {
      expect(report.missed).toEqual([])
    },
  )

  it('are compared number by number: a digit that differs, a missing name and an unknown method are told', () => {
    const asked = { id: 'a', method: 'normal.sf', input: { z: 0 }, tolRel: 1e-10 }
    const [wrong] = checkVectors([{ ...asked, expected: { p: 0.5000000002 } }])
    expect(wrong).toMatchObject({ worst: expect.closeTo(4e-10), missed: ['a: p is 0.5, not 0.5000000002'] })
    const [missing] = checkVectors([{ ...asked, expected: { q: 0.5 } }])
    expect(missing?.missed).toEqual(['a: q is undefined, not 0.5'])
    const [unknown] = checkVectors([{ ...asked, method: 'tea.leaves', expected: {} }])
    expect(unknown?.missed).toEqual(['a: there is no method tea.leaves'])
    const equal = {
      ...asked,
      method: 'welchT',
      input: { meanA: 1, varA: 0, nA: 5, meanB: 1, varB: 0, nB: 5, alpha: 0.05 },
    }
    expect(checkVectors([{ ...equal, expected: { diff: 0, se: 0, t: null } }])[0]?.missed).toEqual([])
    expect(checkVectors([{ ...equal, expected: { t: 0 } }])[0]?.missed).toEqual(['a: t is null, not 0'])
    const nobody = { ...equal, input: { ...equal.input, nA: 0 } }
    expect(checkVectors([{ ...nobody, expected: { t: null } }])[0]?.missed).toEqual([])
    expect(checkVectors([{ ...nobody, expected: { t: 0 } }])[0]?.missed).toEqual(['a: refused: no-units'])
    expect(checkVectors([{ ...asked, method: 'gbstatsParity', expected: {} }])).toEqual([])
  })
})
