import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTime } from './read-time.ts'

describe('readTime()', () => {
  it('refuses what is no time', () => {
    for (const text of [
      '',
      'yesterday',
      '2026-13-01',
      '2026-02-30T25:00',
      '1e3',
      'Infinity',
      '01/02/2026',
      '2026-03-01 10',
    ])
      expect(readTime(text), text).toBeUndefined()
  })

  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 10:00', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01 10:00:00.123456+09', '2026-03-01T01:00:00.123Z'],
    ['2026-03-01T10:00:00,5-0330', '2026-03-01T13:30:00.500Z'],
    ['2026-03-01 10:00:00 UTC', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01 10:00:00+05:30', '2026-03-01T04:30:00.000Z'],
    ['1772359200', '2026-03-01T10:00:00.000Z'],
    ['1772359200.5', '2026-03-01T10:00:00.500Z'],
    ['1772359200123', '2026-03-01T10:00:00.123Z'],
    ['1772359200123456', '2026-03-01T10:00:00.123Z'],
    ['1772359200123456789', '2026-03-01T10:00:00.123Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(readTime(text)!).toISOString()).toBe(iso)
  })

  it('reads every time between 1976 and 2286 as it was written, in each of its forms', () => {
    // Fewer ms since the epoch than 1e11 are s, fewer s than that are before the year 5138.
    fc.assert(
      fc.property(fc.integer({ min: 200_000_000, max: 9_999_999_999 }), (seconds) => {
        const ms = seconds * 1000
        const iso = new Date(ms).toISOString()
        for (const text of [
          `${seconds}`,
          `${ms}`,
          `${ms}000`,
          iso,
          iso.replace('T', ' ').replace('Z', '+00'),
        ])
          expect(readTime(text), text).toBe(ms)
      }),
    )
  })
})
