/** Matching: both directions count, profiles speak for strangers, and exposure spreads. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOneGo } from './in-one-go.ts'
import type { Decision, Person } from './person.ts'
import { harmonicMean, reciprocalModel } from './reciprocal.ts'
import { ridgeLogistic } from './ridge-logistic.ts'
import { exposureCaps, spreadExposure } from './spread-exposure.ts'
import { tasteNeighbors } from './taste-neighbors.ts'

let seed = 7
const random = (): number => {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}

/** Readers and writers; those of the same genre like each other, writers are picky. */
const people: Person[] = Array.from({ length: 60 }, (_, n) => ({
  id: `p${n}`,
  side: n % 2 ? 'writer' : 'reader',
  profile: {
    genre: ['crime', 'poetry'][(n % 4) >> 1],
    age: 20 + (n % 30),
    tags: n % 3 ? ['night'] : ['day', 'tea'],
  },
}))
const decisions: Decision[] = people.flatMap((from) =>
  people
    .filter((to) => to.side !== from.side && random() < 0.5)
    .map((to) => {
      const same = from.profile['genre'] === to.profile['genre']
      return {
        from: from.id,
        to: to.id,
        yes: random() < (same ? 0.8 : 0.2) - (from.side === 'writer' ? 0.15 : 0),
      }
    }),
)
const model = reciprocalModel(people, decisions, { penalties: { features: 10, from: 1, to: 1 } })
const stranger = (side: string, genre: string): Person => ({
  id: `new ${side} ${genre}`,
  side,
  profile: { genre },
})

describe('the harmonic mean', () => {
  it('is high only where both are', () => {
    expect(harmonicMean(0.9, 0.1)).toBeCloseTo(0.18)
    expect([harmonicMean(0, 1), harmonicMean(0, 0)]).toEqual([0, 0])
  })
})

describe('a model of who likes whom', () => {
  it('says the same of a match from both ends, between 0 and 1', () => {
    for (const one of people.slice(0, 10))
      for (const other of people.slice(10, 20)) {
        expect(model.match(one, other)).toBeCloseTo(model.match(other, one), 12)
        expect(model.match(one, other)).toBeGreaterThan(0)
        expect(model.match(one, other)).toBeLessThan(1)
      }
  })

  it('judges strangers by their profiles, and says why', () => {
    const [reader, same, other] = [
      stranger('reader', 'crime'),
      stranger('writer', 'crime'),
      stranger('writer', 'poetry'),
    ]
    expect(model.match(reader, same)).toBeGreaterThan(model.match(reader, other) + 0.2)
    expect(model.match(reader, same)).toBe(model.match(reader, same, { cold: true }))
    const { attributes, ...rest } = model.explain(reader, same)
    expect(attributes[0]!.feature).toEqual({ attribute: 'genre', about: 'alike' })
    expect(attributes[0]!.weight).toBeGreaterThan(0)
    expect(rest).toEqual({ selectivity: 0, popularity: 0, neighbors: 0 })
  })

  it('orders a list by the candidate, whatever the viewer says yes to', () => {
    const [viewer] = people as [Person]
    const candidates = people.filter(({ side }) => side === 'writer')
    const ranked = [...candidates].sort((a, b) => model.rank(viewer, b) - model.rank(viewer, a))
    const genres = ranked.slice(0, 5).map(({ profile }) => profile['genre'])
    expect(new Set(genres)).toEqual(new Set([viewer.profile['genre']]))
  })

  it('knows nothing without decisions, and leaves out those about nobody it knows', () => {
    const [one, other] = people as [Person, Person]
    expect(reciprocalModel(people, []).likes(one, other)).toBe(0.5)
    expect(reciprocalModel(people, [{ from: 'nobody', to: 'p1', yes: true }]).match(one, other)).toBe(0.5)
    expect(reciprocalModel([], []).match(one, other)).toBe(0.5)
  })

  it('learns who is picky, and who is liked', () => {
    const four = ['a', 'b', 'c', 'd'].map((id): Person => ({ id, profile: {} }))
    const said = ['a', 'b'].flatMap((from) =>
      ['c', 'd'].flatMap((to) =>
        Array.from({ length: 5 }, () => ({ from, to, yes: from === 'a' && to === 'c' })),
      ),
    )
    const { explain } = reciprocalModel(four, said)
    const [a, b, c, d] = four as [Person, Person, Person, Person]
    expect(explain(a, c).selectivity).toBeGreaterThan(explain(b, c).selectivity)
    expect(explain(a, c).popularity).toBeGreaterThan(explain(a, d).popularity)
  })
})

describe('the regression', () => {
  it('ends where the slope of what it maximises is zero', () => {
    const rows = Array.from({ length: 80 }, () => {
      const x = random() * 2 - 1
      return {
        from: Math.floor(random() * 5),
        to: 5 + Math.floor(random() * 5),
        features: Float64Array.of(x),
        yes: random() < 0.5 + x / 3,
      }
    })
    const fit = inOneGo(ridgeLogistic(rows, 10, { features: 3, from: 1, to: 2 }, 2000))
    const errors = rows.map(({ from, to, features, yes }) => {
      const score = fit.intercept + fit.features[0]! * features[0]! + fit.from[from]! + fit.to[to]!
      return Number(yes) - 1 / (1 + Math.exp(-score))
    })
    const slope = rows.reduce((sum, { features }, i) => sum + errors[i]! * features[0]!, 0)
    expect(slope).toBeCloseTo(3 * fit.features[0]!, 2)
    expect(errors.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 2)
    const ofFirst = rows.reduce((sum, { from }, i) => sum + (from === 0 ? errors[i]! : 0), 0)
    expect(ofFirst).toBeCloseTo(fit.from[0]!, 2)
  })
})

describe('neighbors in taste', () => {
  it('speak where people agree, and say nothing where they do not know each other', () => {
    const agree = [1, 2, 3, 4].flatMap((to) =>
      [10, 11, 12].map((from) => ({ from, to, residual: (to % 2 ? 0.5 : -0.5) * (from === 12 ? -1 : 1) })),
    )
    const { weight, of } = inOneGo(tasteNeighbors(agree.filter(({ from, to }) => !(from === 10 && to === 4))))
    expect(weight).toBeGreaterThan(0)
    expect(of(10, 4)).toBeLessThan(0)
    expect([of(10, 99), of(99, 1)]).toEqual([0, 0])
  })
})

describe('exposure', () => {
  const lists = fc.integer({ min: 4, max: 25 }).chain((n) =>
    fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
      minLength: n,
      maxLength: n,
    }),
  )
  const asLists = (scores: number[][]) =>
    new Map(
      scores.map((row, viewer) => [
        viewer,
        row
          .map((score, id) => ({ id, score }))
          .filter(({ id }) => id !== viewer)
          .sort((a, b) => b.score - a.score),
      ]),
    )

  it('fills every list with its own candidates, and nobody stands in more lists than the caps allow', () => {
    fc.assert(
      fc.property(lists, (scores) => {
        const given = asLists(scores)
        // Room for everybody twice over, so that nobody need be shown beyond the cap.
        const filled = spreadExposure(given, { each: 7, extra: 1 }, 3)
        const shown = new Map<number, number>()
        for (const [viewer, list] of filled) {
          expect(new Set(list.map(({ id }) => id)).size).toBe(3)
          for (const { id } of list) {
            expect(id).not.toBe(viewer)
            shown.set(id, (shown.get(id) ?? 0) + 1)
          }
        }
        const counts = [...shown.values()].sort((a, b) => b - a)
        expect(counts[0]).toBeLessThanOrEqual(8)
        expect(counts[1] ?? 0).toBeLessThanOrEqual(7)
      }),
      { numRuns: 30 },
    )
  })

  it('changes nothing where nobody is shown too often', () => {
    fc.assert(
      fc.property(lists, (scores) => {
        const given = asLists(scores)
        const filled = spreadExposure(given, { each: 1000, extra: 0 }, 3)
        for (const [viewer, list] of filled)
          expect(list.map(({ score }) => score)).toEqual(
            given
              .get(viewer)!
              .slice(0, 3)
              .map(({ score }) => score),
          )
      }),
      { numRuns: 30 },
    )
  })

  it('caps by the share that the most shown may have', () => {
    expect(exposureCaps(551, 551, { slots: 3 })).toEqual({ each: 13, extra: 4 })
    expect(exposureCaps(3, 3, { slots: 1 })).toEqual({ each: 1, extra: 0 })
  })
})
