/** Neighbors by behaviour: what the formulas promise, for any interactions. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Interaction, interactionMatrix, matrixBuilder } from './interactions.ts'
import { type ItemKnnOptions, itemKnn, speaksFor } from './item-knn.ts'
import { evened } from './pair-sums.ts'

const id = (letter: string, most: number) => fc.integer({ min: 0, max: most }).map((n) => `${letter}${n}`)
const interactions = fc.array(
  fc.record({ user: id('u', 7), item: id('i', 6), strength: fc.double({ min: 0.1, max: 3, noNaN: true }) }),
  { minLength: 1, maxLength: 40 },
)

/** The formula by the letter, over all visitors. */
function bruteForce(
  given: readonly Interaction[],
  one: string,
  other: string,
  options: Required<Pick<ItemKnnOptions, 'shrinkage' | 'confidence'>>,
): number {
  const rows = new Map<string, Map<string, number>>()
  for (const { user, item, strength = 1 } of given) {
    const row = rows.get(user) ?? new Map<string, number>()
    rows.set(user, row.set(item, (row.get(item) ?? 0) + strength))
  }
  let [dot, a, b, both] = [0, 0, 0, 0]
  for (const row of rows.values()) {
    const [x, y, weight] = [row.get(one) ?? 0, row.get(other) ?? 0, row.size ** -0.5]
    dot += weight * x * y
    a += weight * x * x
    b += weight * y * y
    both += x > 0 && y > 0 ? 1 : 0
  }
  return dot === 0 ? 0 : ((dot / (Math.sqrt(a * b) + options.shrinkage)) * both) / (both + options.confidence)
}

/** All similarities, by the ids of both. */
function similarities(given: readonly Interaction[], options: ItemKnnOptions): Map<string, number> {
  const matrix = interactionMatrix(given)
  const { of } = itemKnn(matrix, options)
  return new Map(
    matrix.items.flatMap((one, i) =>
      of(i).map(({ item, similarity }) => [`${one} ${matrix.items[item]}`, similarity] as const),
    ),
  )
}

describe('the matrix', () => {
  it('adds up what is told twice, and leaves out what says nothing', () => {
    const builder = matrixBuilder()
    builder.add('u', 'b', 1)
    builder.add('u', 'a', 2)
    builder.add('u', 'b', 0.5)
    for (const nothing of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) builder.add('u', 'c', nothing)
    const { users, items, byUser, byItem } = builder.finish()
    expect([users, items]).toEqual([['u'], ['b', 'a']])
    expect([...byUser.columns, ...byUser.values]).toEqual([0, 1, 1.5, 2])
    expect([...byItem.starts, ...byItem.values]).toEqual([0, 1, 2, 1.5, 2])
    expect(builder.size).toBe(0)
  })

  it('is the same from either side', () => {
    fc.assert(
      fc.property(interactions, (given) => {
        const { users, items, byUser, byItem } = interactionMatrix(given)
        const cells = (
          { starts, columns, values }: typeof byUser,
          name: (row: number, column: number) => string,
        ) =>
          [...starts.keys()]
            .slice(0, -1)
            .flatMap((row) =>
              [...columns.slice(starts[row], starts[row + 1])].map(
                (column, i) => `${name(row, column)} ${values[starts[row]! + i]}`,
              ),
            )
            .sort()
        expect(cells(byUser, (user, item) => `${users[user]} ${items[item]}`)).toEqual(
          cells(byItem, (item, user) => `${users[user]} ${items[item]}`),
        )
      }),
    )
  })
})

describe('item-item neighbors', () => {
  it('are what the formula says', () => {
    fc.assert(
      fc.property(
        interactions,
        fc.constantFrom(0, 1),
        fc.constantFrom(0, 5),
        (given, shrinkage, confidence) => {
          for (const [pair, similarity] of similarities(given, { shrinkage, confidence })) {
            const [one, other] = pair.split(' ') as [string, string]
            expect(similarity).toBeCloseTo(bruteForce(given, one, other, { shrinkage, confidence }), 5)
          }
        },
      ),
    )
  })

  it('are symmetric, and between 0 and 1', () => {
    fc.assert(
      fc.property(interactions, (given) => {
        const all = similarities(given, {})
        for (const [pair, similarity] of all) {
          expect(all.get(pair.split(' ').reverse().join(' '))).toBeCloseTo(similarity, 9)
          expect(similarity).toBeGreaterThan(0)
          expect(similarity).toBeLessThanOrEqual(1 + 1e-6)
        }
      }),
    )
  })

  it('shrink, the more is asked for', () => {
    fc.assert(
      fc.property(interactions, (given) => {
        const [none, some, much] = [0, 1, 10].map((shrinkage) => similarities(given, { shrinkage }))
        for (const [pair, similarity] of none!) {
          expect(similarity).toBeGreaterThan(some!.get(pair)!)
          expect(some!.get(pair)!).toBeGreaterThan(much!.get(pair)!)
        }
      }),
    )
  })

  it('count a crowd as the few that it may count for', () => {
    const pair = (user: string) => ['a', 'b'].map((item) => ({ user, item }))
    const others = [...pair('x'), { user: 'y', item: 'a' }, { user: 'z', item: 'b' }]
    const with50 = [...others, ...Array.from({ length: 50 }, (_, n) => pair(`bot${n}`)).flat()]
    const support = (given: Interaction[], crowd: boolean): number => {
      const matrix = interactionMatrix(given)
      const of = (user: number) => (matrix.users[user]!.startsWith('bot') ? 7 : -1)
      return itemKnn(matrix, crowd ? { crowds: { of, most: 1.5 } } : {}).of(0)[0]!.support!
    }
    expect(support(with50, false)).toBe(51)
    expect(support(with50, true)).toBe(2.5)
    const matrix = interactionMatrix(with50)
    const all = { of: () => 7, most: 1000 }
    expect(itemKnn(matrix, { crowds: all }).of(0)).toEqual(itemKnn(matrix).of(0))
  })

  it('come from a matrix in which a crowd weighs as much as it may, where it is evened', () => {
    const given = Array.from({ length: 50 }, (_, n) => ({ user: `u${n}`, item: 'a' }))
    const squares = (most: number) =>
      evened(interactionMatrix(given), { of: () => 1, most }).byUser.values.reduce((sum, v) => sum + v * v, 0)
    expect(squares(1.5)).toBeCloseTo(1.5)
    expect(squares(60)).toBeCloseTo(50)
  })

  it('weigh a visitor with many items less', () => {
    const given = [
      { user: 'u', item: 'a' },
      { user: 'u', item: 'b' },
      ...['a', 'c', 'd', 'e', 'f', 'g'].map((item) => ({ user: 'v', item })),
    ]
    const close = similarities(given, {})
    expect(close.get('a b')).toBeGreaterThan(close.get('a c')!)
  })

  it('pair only the strongest of a longer history than is allowed', () => {
    const given = ['a', 'b', 'c'].map((item, n) => ({ user: 'u', item, strength: 1 + n }))
    expect([...similarities(given, { maxHistory: 2 }).keys()].sort()).toEqual(['b c', 'c b'])
  })

  it('stand the other way round in speaksFor', () => {
    fc.assert(
      fc.property(interactions, fc.integer({ min: 1, max: 3 }), (given, neighbors) => {
        const matrix = interactionMatrix(given)
        const model = itemKnn(matrix, { neighbors })
        const reverse = speaksFor(model, matrix.items.length)
        const there = matrix.items.flatMap((_, i) =>
          model.of(i).map(({ item, similarity }) => [item, i, similarity]),
        )
        const back = matrix.items.flatMap((_, i) =>
          reverse(i).map(({ item, similarity }) => [i, item, similarity]),
        )
        expect(new Set(back.map(String))).toEqual(new Set(there.map(String)))
      }),
    )
  })
})
