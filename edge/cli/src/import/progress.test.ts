import { describe, expect, it } from 'vitest'
import { progressLine } from './progress.ts'

describe('the progress of an import', () => {
  it('says rows and their rate, and what is left where somebody knows', () => {
    expect(progressLine(0, 0)).toBe('0 rows, 0 a second')
    expect(progressLine(5_000, 2)).toBe('5000 rows, 2500 a second')
    expect(progressLine(5_000, 2, 0)).toBe('5000 rows, 2500 a second')
    expect(progressLine(5_000, 2, 0.25)).toBe('5000 rows, 2500 a second, 25 %, 6 s to go')
    expect(progressLine(5_000, 60, 0.1)).toBe('5000 rows, 83 a second, 10 %, 9 min to go')
    expect(progressLine(5_000, 3600, 0.1)).toBe('5000 rows, 1 a second, 10 %, 9.0 h to go')
    expect(progressLine(5_000, 3, 1)).toBe('5000 rows, 1667 a second, 100 %, 0 s to go')
  })
})
