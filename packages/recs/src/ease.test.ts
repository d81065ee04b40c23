/** EASE and the inverse that it stands on. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ease, easeInSlices } from './ease.ts'
import { interactionMatrix } from './interactions.ts'
import { invertSpd } from './invert-spd.ts'

/** A random matrix times itself, plus the unit matrix: symmetric and positive definite. */
const definite = fc.integer({ min: 1, max: 13 }).chain((n) =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n }).map((x) => {
    const a = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        for (let k = 0; k < n; k++) a[i * n + j]! += x[i * n + k]! * x[j * n + k]! + (i === j ? 1 / n : 0)
    return { a, n }
  }),
)

describe('the inverse', () => {
  it('times the matrix is one', () => {
    fc.assert(
      fc.property(definite, ({ a, n }) => {
        const inverse = a.slice()
        let last = 0
        for (const share of invertSpd(inverse, n)) {
          expect(share).toBeGreaterThanOrEqual(last)
          last = share
        }
        expect(last).toBeLessThanOrEqual(1)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = 0
            for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse[k * n + j]!
            expect(sum).toBeCloseTo(i === j ? 1 : 0, 6)
          }
      }),
    )
  })

  it('is refused where there is none', () => {
    expect(() => [...invertSpd(Float64Array.from([1, 2, 2, 1]), 2)]).toThrow('not positive definite')
  })
})

/** Tea goes with cups, ink with pens; everybody has a bag. */
const shop = ['tea cup bag', 'tea cup bag', 'tea bag', 'ink pen bag', 'ink pen bag', 'pen bag'].flatMap(
  (items, user) => items.split(' ').map((item) => ({ user: `u${user}`, item })),
)

describe('EASE', () => {
  const matrix = interactionMatrix(shop)
  const of = (name: string) => matrix.items.indexOf(name)

  it('solves its own equation: the weights of an item are a ridge regression of it on the others', () => {
    const lambda = 2
    const model = ease(matrix, { lambda })
    const n = matrix.items.length
    const rows = Array.from({ length: n }, (_, i) => model.row(i))
    const x = matrix.users.map((_, user) =>
      Float64Array.from({ length: n }, (_, i) =>
        matrix.byUser.columns.subarray(matrix.byUser.starts[user], matrix.byUser.starts[user + 1]).includes(i)
          ? 1
          : 0,
      ),
    )
    // The gradient of ½‖x − xB‖² + ½λ‖B‖² is zero off the diagonal.
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        if (i === j) continue
        const slope = x.reduce((sum, row) => {
          const said = rows.reduce((all, weights, k) => all + row[k]! * weights[j]!, 0)
          return sum + row[i]! * (said - row[j]!)
        }, lambda * rows[i]![j]!)
        expect(slope).toBeCloseTo(0, 9)
      }
  })

  it('tells what goes with what from what everybody has', () => {
    const model = ease(matrix, { lambda: 1 })
    expect(model.of(of('cup'))[0]).toMatchObject({ item: of('tea') })
    expect(model.row(of('tea'))[of('cup')]).toBeGreaterThan(model.row(of('bag'))[of('cup')]!)
    expect(model.of(of('cup')).map(({ item }) => item)).not.toContain(of('pen'))
  })

  it('comes in slices, and refuses what would not end', () => {
    const slices = [...easeInSlices(matrix)]
    expect(slices.length).toBeGreaterThan(3)
    expect(() => ease(matrix, { maxItems: 3 })).toThrow('at most 3 are allowed. Use itemKnn.')
    expect(() => ease(matrix, { lambda: 0 })).toThrow('lambda is 0')
    expect(ease(interactionMatrix([])).of(0)).toEqual([])
  })
})
