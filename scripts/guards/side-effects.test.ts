/** Importing the SDK runs nothing, and what would run is caught wherever it hides. */
import { describe, expect, it } from 'vitest'
import { expectNone } from './expect-none.ts'
import { sideEffects } from './side-effects.ts'
import { readSources } from './source.ts'

const check = (text: string, path = 'packages/nunchi/src/a.ts') => sideEffects([{ path, text }])

describe('module level', () => {
  it('runs nothing in the packages that a page imports', () => expectNone(sideEffects(readSources())))

  it.each([
    ['const encoder = new TextEncoder()', 'constructs'],
    ['export const seen: Set<string> = new Set()', 'constructs'],
    ['const frozen = Object.freeze({})', 'calls'],
    ['const key = String(1) as string', 'calls'],
    ['const a = { b: [c()] } satisfies object', 'calls'],
    ['window.nunchi = 1', 'assigns'],
    ['let n = 0\nn++', 'counts'],
    ['class A { static b = c() }', 'calls'],
    ['class A { static { c() } }', 'calls'],
    ['class A extends mixin(B) {}', 'calls'],
    ['export const load = await fetch', 'awaits'],
    ['if (true) run()', 'calls'],
  ])('catches %s', (text, word) => {
    expect(check(text)).toEqual([
      expect.stringMatching(new RegExp(`^packages/nunchi/src/a.ts:\\d+ ${word}.*Move it`)),
    ])
  })

  it.each([
    "const names = ['a', 1, /x/, { b: null }] as const",
    'export const plain = (): Date => new Date()',
    'export function make(): Set<string> { return new Set() }',
    'export class Problem extends Error { code = next(); constructor() { super(read()) } }',
    'export type A = ReturnType<typeof make>',
    'const day = 24 * 60 * 60 * 1000',
  ])('lets %s be', (text) => expect(check(text)).toEqual([]))

  it('does not bind tests, the collector, or the script tag', () => {
    for (const path of [
      'packages/nunchi/src/a.test.ts',
      'edge/collector/src/a.ts',
      'packages/nunchi/src/script.ts',
    ])
      expect(check('run()', path)).toEqual([])
  })
})
