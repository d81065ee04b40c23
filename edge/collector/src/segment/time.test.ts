import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTime } from './time.ts'

describe('a time', () => {
  it.each<[unknown, string | undefined]>([
    ['2026-11-23T10:00:00.123Z', '2026-11-23T10:00:00.123Z'],
    ['2026-11-23T10:00:00.123456+00:00', '2026-11-23T10:00:00.123Z'],
    ['2026-11-23T19:00:00+09:00', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T04:30:00-0530', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23 10:00:00', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T10:00', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    [1_795_428_000_000, '2026-11-23T10:00:00.000Z'],
    [1_795_428_000, '2026-11-23T10:00:00.000Z'],
    ['2025-02-30T00:00:00Z', undefined],
    ['2025-13-01', undefined],
    ['2025-01-01T24:00:00Z', undefined],
    ['0001-01-01T00:00:00Z', undefined],
    ['1969-12-31T23:59:59Z', undefined],
    ['9999-12-31T23:59:59-01:00', undefined],
    ['275760-09-13T00:00:00Z', undefined],
    ['now', undefined],
    ['infinity', undefined],
    ['', undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    [-1, undefined],
    [null, undefined],
    [{}, undefined],
  ])('%s → %s', (value, expected) => {
    expect(readTime(value)).toBe(expected === undefined ? undefined : Date.parse(expected))
  })

  it('is read as every JavaScript client writes it', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(253_402_300_799_999), noInvalidDate: true }),
        (date) => {
          expect(readTime(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })
})
