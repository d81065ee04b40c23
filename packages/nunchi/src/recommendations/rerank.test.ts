import type { Recommendation } from '@nunchi/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { someItems } from '../test/some-recommendations.ts'
import { rerank } from './rerank.ts'

const items = someItems(12)
const ids = (list: readonly Recommendation[]) => list.map(({ id }) => id)
const liking = (...liked: [id: string, weight: number][]) =>
  new Map(
    liked.map(([id, weight]) => [id, { weight, title: `the ${id}`, tags: [id.split('-')[0]!, 'home'] }]),
  )
const nothing = { liked: new Map(), gone: new Set<string>() }

describe('a list ranked anew', () => {
  it('is the list as it came while nothing is known of the visitor', () => {
    expect(rerank({ items, neighbors: {} }, nothing)).toEqual(items)
  })

  it('has what is near to what was liked further up, whichever of the two names the other, and says why', () => {
    const far = { items, neighbors: { 'room-9': [['lamp', 0.8]], lamp: [['cloth-9', 0.7]] } } as never
    const liked = new Map([['lamp', { weight: 1, title: 'Paper lamp' }]])
    const list = rerank(far, { liked, gone: new Set() })
    const place = (id: string) => ids(list).indexOf(id)
    expect(ids(items).indexOf('room-9')).toBe(39)
    expect([place('room-9') < 25, place('cloth-9') < 28]).toEqual([true, true])
    expect(list[place('room-9')]!.reason).toEqual({
      code: 'because',
      because: { id: 'lamp', title: 'Paper lamp' },
    })
  })

  it('knows tastes by tags where nobody is a neighbor; a tag that all have says nothing', () => {
    const taste = { liked: liking(['light-0', 1], ['light-1', 1], ['light-2', 1]), gone: new Set<string>() }
    const list = rerank({ items, neighbors: {} }, taste)
    expect(list.slice(0, 10).filter(({ id }) => id.startsWith('light')).length).toBeGreaterThan(6)
    expect(list[0]!.reason).toMatchObject({ code: 'alike', tags: ['light'] })
    const same = items.map((item) => ({ ...item, tags: ['home'] }))
    expect(ids(rerank({ items: same, neighbors: {} }, taste))).toEqual(ids(same))
  })

  it('has what is like the disliked further down, and what is gone not at all', () => {
    const list = rerank(
      { items, neighbors: {} },
      { liked: liking(['light-0', -0.7]), gone: new Set(['room-0']) },
    )
    expect(ids(list).indexOf('light-1')).toBeGreaterThan(ids(items).indexOf('light-1'))
    expect(ids(list)).not.toContain('room-0')
  })

  it('takes ids for ids, also those that every object has', () => {
    const odd = ['constructor', '__proto__', 'toString']
    const list = [...odd.map((id) => ({ ...items[0]!, id })), ...items]
    for (const liked of [liking(['valueOf', 1]), liking(['constructor', 1], ['light-0', 1])])
      expect(rerank({ items: list, neighbors: {} }, { liked, gone: new Set() })).toHaveLength(list.length)
  })

  it('keeps what the owner has pinned in front, and its reason', () => {
    const pinned: Recommendation = { ...items[5]!, reason: { code: 'pinned' } }
    const list = rerank(
      { items: [pinned, ...items], neighbors: {} },
      { liked: liking(['light-0', 2]), gone: new Set() },
    )
    expect(list[0]).toEqual(pinned)
  })

  it('is the same items without those that are gone, whatever is known', () => {
    const id = fc.constantFrom(...ids(items), 'elsewhere')
    const neighbors = fc.dictionary(
      id,
      fc.array(fc.tuple(id, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 20 }),
    )
    const weights = fc.array(fc.tuple(id, fc.double({ min: -1, max: 2, noNaN: true })), { maxLength: 20 })
    fc.assert(
      fc.property(neighbors, weights, fc.uniqueArray(id), (near, liked, gone) => {
        const list = rerank({ items, neighbors: near }, { liked: liking(...liked), gone: new Set(gone) })
        expect(ids(list).toSorted()).toEqual(
          ids(items)
            .filter((one) => !gone.includes(one))
            .toSorted(),
        )
      }),
      { numRuns: 200 },
    )
  })
})
