import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deeperThan } from './depth.ts'

/** The depth of a value by recursion: what the scan must agree with. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('the depth of a text', () => {
  it.each([
    ['', 0],
    ['{}', 1],
    ['[[]]', 2],
    ['"[[[["', 0],
    ['["\\"[[["]', 1],
    ['["\\\\",[[]]]', 3],
    ['["unfinished [[[', 1],
    ['["\\', 1],
    ['['.repeat(1_000_000), 1_000_000],
  ])('%.30s is %i', (text, depth) => {
    expect(deeperThan(text, depth)).toBe(false)
    if (depth > 0) expect(deeperThan(text, depth - 1)).toBe(true)
  })

  it('is that of the value, whatever stands in its strings', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.boolean(), (value, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 2 : 0)
        expect(deeperThan(text, depthOf(value))).toBe(false)
        expect(deeperThan(text, depthOf(value) - 1)).toBe(depthOf(value) > 0)
      }),
    )
  })
})
