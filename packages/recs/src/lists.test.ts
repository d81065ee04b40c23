/** What becomes of scores on their way into a list: blended, diversified, explored, and what stands behind them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blend, scoreByNeighbors } from './blend.ts'
import { contentNeighbors, wordsOf } from './content.ts'
import { damp, decay } from './decay.ts'
import { diversify } from './diversify.ts'
import { explore } from './explore.ts'
import { best } from './nearest.ts'
import { popularity } from './popularity.ts'

describe('the best few', () => {
  it('are those of a sort', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 0, max: 8 }), (scores, k) => {
        const kept = best(k)
        for (const [i, score] of scores.entries()) kept.offer(i, score)
        const all = scores
          .map((score, index) => ({ index, score }))
          .sort((a, b) => b.score - a.score || a.index - b.index)
        expect(kept.sorted()).toEqual(all.slice(0, k))
      }),
    )
  })
})

describe('the blend', () => {
  const popular = new Map([
    ['hit', 100],
    ['other', 60],
    ['niche', 1],
  ])
  const neighbors = new Map([
    ['niche', 0.9],
    ['other', 0.3],
  ])

  it('gives a stranger what is popular, and one who is known what fits', () => {
    const first = (known: number) => blend({ neighbors, popularity: popular, known })[0]!.id
    expect(first(0)).toBe('hit')
    expect(first(30)).toBe('niche')
  })

  it('scores from 0 to 1, in parts that add up, whatever the scales', () => {
    const scores = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    )
    fc.assert(
      fc.property(scores, scores, scores, fc.nat(50), (one, two, three, known) => {
        const [near, content, crowd] = [one, two, three].map((record) => new Map(Object.entries(record)))
        const list = blend({ neighbors: near!, content: content!, popularity: crowd!, known })
        expect(new Set(list.map(({ id }) => id))).toEqual(
          new Set([...near!.keys(), ...content!.keys(), ...crowd!.keys()]),
        )
        for (const { score, parts } of list) {
          expect(score).toBeCloseTo(parts.neighbors + parts.content + parts.popularity, 9)
          expect(score).toBeLessThanOrEqual(1 + 1e-9)
        }
        for (const [i, { score }] of list.entries())
          expect(score).toBeLessThanOrEqual(list[i - 1]?.score ?? 1 + 1e-9)
      }),
    )
  })

  it('adds what each known item says, and recommends none of them', () => {
    const speaks: { [item: string]: { item: string; similarity: number }[] } = {
      a: [
        { item: 'b', similarity: 1 },
        { item: 'x', similarity: 0.5 },
      ],
      b: [{ item: 'x', similarity: 0.25 }],
    }
    const scores = scoreByNeighbors(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      (item) => speaks[item] ?? [],
    )
    expect([...scores]).toEqual([['x', 1]])
  })
})

describe('diversity', () => {
  const list = fc.uniqueArray(
    fc.record({ id: fc.nat(30), score: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      selector: ({ id }) => id,
      maxLength: 12,
    },
  )

  it('keeps the set; with lambda 1 also the order', () => {
    fc.assert(
      fc.property(list, fc.double({ min: 0, max: 1, noNaN: true }), (given, lambda) => {
        const ranked = [...given].sort((a, b) => b.score - a.score)
        const similarity = (a: number, b: number) => (a % 3 === b % 3 ? 1 : 0)
        const ids = (some: { id: number }[]) => some.map(({ id }) => id)
        expect(ids(diversify(ranked, { similarity, lambda })).sort()).toEqual(ids(ranked).sort())
        expect(diversify(ranked, { similarity, lambda: 1 })).toEqual(ranked)
      }),
    )
  })

  it('puts something else between things that are alike', () => {
    const ranked = ['tea1', 'tea2', 'tea3', 'cup1'].map((id, i) => ({ id, score: 1 - i / 10 }))
    const similarity = (a: string, b: string) => (a.slice(0, 3) === b.slice(0, 3) ? 1 : 0)
    expect(diversify(ranked, { similarity, lambda: 0.5 }).map(({ id }) => id)).toEqual([
      'tea1',
      'cup1',
      'tea2',
      'tea3',
    ])
  })
})

describe('exploring', () => {
  const arms = [
    { id: 'new', shown: 0, clicked: 0 },
    { id: 'dull', shown: 5000, clicked: 1 },
  ]

  it('gives one place to what is not in the list, and keeps the length', () => {
    const { list, explored } = explore(['a', 'b', 'c'], {
      arms: arms.slice(0, 1),
      place: 1,
      random: () => 0.5,
    })
    expect([list, explored]).toEqual([['a', 'new', 'b'], 'new'])
    expect(explore(['new'], { arms: arms.slice(0, 1), random: () => 0.5 })).toEqual({ list: ['new'] })
    expect(explore([], { arms: arms.slice(0, 1), random: () => 0 }).list).toEqual(['new'])
  })

  it('draws what was shown often without a click hardly ever', () => {
    let seed = 1
    const random = () => {
      seed = (seed * 48271) % 2147483647
      return seed / 2147483647
    }
    const drawn = Array.from({ length: 500 }, () => explore(['a'], { arms, random }).explored)
    expect(drawn.filter((id) => id === 'new').length).toBeGreaterThan(350)
  })
})

describe('popularity', () => {
  const now = 1e12
  const day = 86_400_000

  it('halves with the half-life, and never grows by what lies in the future', () => {
    expect(decay(7 * day, 7 * day)).toBe(0.5)
    expect(decay(-5, day)).toBe(1)
    const scores = popularity(
      [
        { user: 'u', item: 'old', at: now - 30 * day },
        { user: 'u', item: 'new', at: now },
      ],
      { now },
    )
    expect(scores.get('new')).toBeGreaterThan(10 * scores.get('old')!)
  })

  it('hears one visitor’s hundred thousand clicks as hardly more than two visitors', () => {
    const flood = Array.from({ length: 100_000 }, () => ({ user: 'bot', item: 'bad', at: now }))
    const crowd = ['a', 'b', 'c'].map((user) => ({ user, item: 'good', at: now }))
    const scores = popularity([...flood, ...crowd], { now })
    expect(scores.get('good')).toBeGreaterThan(scores.get('bad')!)
    expect([damp(1e9), damp(-3), damp(0)]).toEqual([2, 0, 0])
  })
})

describe('contents', () => {
  const items = [
    { id: 'sencha', tags: ['Tea', 'green'], text: 'A fresh green tea from Shizuoka' },
    { id: 'gyokuro', tags: ['tea', 'green'], text: 'A shaded green tea' },
    { id: 'assam', tags: ['tea', 'black'], text: 'A strong black tea' },
    { id: 'mug', tags: ['pottery'], text: 'A mug of clay' },
    { id: 'nothing' },
  ]
  const near = contentNeighbors(items)

  it('put together what says the same of itself, and leave apart what has nothing in common', () => {
    expect(near.of(0).map(({ item }) => items[item]!.id)).toEqual(['gyokuro', 'assam'])
    expect(near.of(4)).toEqual([])
    expect(near.inCommon(0, 1)).toEqual(['green', 'tea'])
  })

  it('are symmetric, and at most 1', () => {
    for (const [one] of items.entries())
      for (const { item, similarity } of near.of(one)) {
        expect(near.of(item).find((back) => back.item === one)?.similarity).toBeCloseTo(similarity, 12)
        expect(similarity).toBeLessThanOrEqual(1)
      }
  })

  it('read words of any script', () => {
    expect(wordsOf('Größe 10, e-Book!')).toEqual(['größe', '10', 'book'])
    expect(wordsOf('녹차는 차')).toEqual(['녹차', '차는', '차'])
  })
})
