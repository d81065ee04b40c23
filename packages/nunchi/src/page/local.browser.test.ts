import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLocal } from './local.ts'

beforeEach(() => localStorage.clear())
afterEach(() => vi.restoreAllMocks())

const keys = () => Object.keys(localStorage).toSorted()

describe('small values on the device', () => {
  it('are there for the next page and for other tabs, under their own prefix', () => {
    openLocal('own').set('id', { a: [1, 'two', null] })
    expect(openLocal('own').get('id')).toEqual({ a: [1, 'two', null] })
    expect(openLocal('other').get('id')).toBeUndefined()
    expect(keys()).toEqual(['own.id'])
  })

  it('are gone once they are set to nothing', () => {
    const local = openLocal('own')
    local.set('id', 1)
    local.set('id')
    expect(local.get('id')).toBeUndefined()
    expect(keys()).toEqual([])
  })

  it('are listed by their beginnings, without the keys of the site', () => {
    const local = openLocal('own')
    for (const name of ['tail.a', 'tail.b', 'id']) local.set(name, 1)
    localStorage.setItem('tail.c', 'the site’s')
    expect(local.names('tail.').toSorted()).toEqual(['tail.a', 'tail.b'])
  })

  it('read as nothing where something else has written no JSON', () => {
    localStorage.setItem('own.id', '{half')
    expect(openLocal('own').get('id')).toBeUndefined()
  })

  it.for([
    [
      'is blocked',
      () =>
        vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
          throw new DOMException('no', 'SecurityError')
        }),
    ],
    [
      'is full',
      () =>
        vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
          throw new DOMException('full', 'QuotaExceededError')
        }),
    ],
    ['is null', () => vi.spyOn(window, 'localStorage', 'get').mockReturnValue(null as unknown as Storage)],
  ] as const)('live in memory where localStorage %s, and nothing throws', ([, breakIt]) => {
    const local = openLocal('own')
    breakIt()
    local.set('id', { a: 1 })
    expect(local.get('id')).toEqual({ a: 1 })
    expect(local.names('')).toEqual([])
    local.set('id')
    expect(local.get('id')).toBeUndefined()
    local.clear()
    vi.restoreAllMocks()
    expect(keys()).toEqual([])
  })

  it('stay in memory while nothing may be stored, and move to the device when it may', () => {
    const local = openLocal('own')
    local.persist(false)
    local.set('id', 1)
    expect(local.get('id')).toBe(1)
    expect(keys()).toEqual([])
    local.persist(true)
    expect(keys()).toEqual(['own.id'])
    expect(openLocal('own').get('id')).toBe(1)
  })

  it('are all removed by clear(), those of earlier pages too, and only ours', () => {
    openLocal('own').set('earlier', 1)
    localStorage.setItem('ownership', 'the site’s')
    const local = openLocal('own')
    local.persist(false)
    local.set('id', 1)
    local.clear()
    expect(local.get('id')).toBeUndefined()
    expect(keys()).toEqual(['ownership'])
  })
})
