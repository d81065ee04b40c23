import { expect, it } from 'vitest'
import { boundPatterns } from './bound-patterns.ts'

it('a pattern that would go back 2⁶⁰ times answers', () => {
  boundPatterns()
  const hostile = `${'a'.repeat(60)}!`
  // Made anew, as a config's are: V8 decides when it compiles them.
  const patterns = ['^(a+)+$', '^(a|a)*$', '^(a*)*b$'].map((pattern) => new RegExp(pattern))
  expect(patterns.map((pattern) => pattern.test(hostile))).toEqual([false, false, false])
  expect(patterns.slice(0, 2).map((pattern) => pattern.test('aaaa'))).toEqual([true, true])
})
