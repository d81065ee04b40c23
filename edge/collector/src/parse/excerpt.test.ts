import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cut } from './clean.ts'
import { excerpt } from './excerpt.ts'

it('is what JSON.stringify begins with', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(60), (value, length) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value))
      expect(excerpt(parsed, length)).toBe(cut(JSON.stringify(parsed), length))
      expect(excerpt(parsed, 100_000)).toBe(JSON.stringify(parsed))
    }),
  )
})

it('ends before a character that would be cut in two', () => {
  expect(excerpt('😀😀', 4)).toBe('"😀')
})
