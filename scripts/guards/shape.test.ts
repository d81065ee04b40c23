/** Files say what they are, stay short and hide nothing; each rule catches who breaks it. */
import { describe, expect, it } from 'vitest'
import { expectNone } from './expect-none.ts'
import { fileNames, firstLines, lengths, looseTyping } from './shape.ts'
import { readSources } from './source.ts'

const path = 'packages/nunchi/src/a.ts'
const one = (text: string, at = path) => [{ path: at, text }]
const lines = (count: number) => 'x\n'.repeat(count).trimEnd()

describe('every file', () => {
  it('says in its first line what it is', () => expectNone(firstLines(readSources())))
  it('stays short, and so do its functions', () => expectNone(lengths(readSources())))
  it('has a name of its own', () => expectNone(fileNames(readSources())))
  it("gives out names, without 'any'", () => expectNone(looseTyping(readSources())))
})

describe('a first line', () => {
  it.each([
    "import { a } from './a.ts'",
    '/** */',
    '// eslint-disable-next-line',
    '#!/usr/bin/env node\nrun()',
    '',
  ])('%j says nothing', (text) => {
    expect(firstLines(one(text))).toEqual([
      expect.stringContaining(`${path} does not say what it is. Begin it`),
    ])
  })

  it.each([
    ['/** Keeps events until they are acknowledged. */', path],
    ['/**\n * Keeps events until they are acknowledged.\n */', path],
    ['#!/usr/bin/env node\n/** The way in for every command. */', 'scripts/a.mjs'],
    ["'use client'\n/** The provider of a client. */", path],
    ['-- Writes a group of batches.', 'edge/collector/sql/functions/ingest.sql'],
    ["import { it } from 'vitest'", 'packages/nunchi/src/a.test.ts'],
  ])('%j is fine', (text, at) => expect(firstLines(one(text, at))).toEqual([]))
})

describe('lengths', () => {
  it('catch a long file, a long test, a face that is a list, and a long function', () => {
    expect(lengths(one(lines(251)))).toEqual([
      expect.stringContaining('has 251 lines, more than 250. Split it'),
    ])
    expect(lengths(one(lines(401), 'scripts/a.test.ts'))).toHaveLength(1)
    expect(lengths(one(lines(26), 'packages/nunchi/src/index.ts'))).toEqual([
      expect.stringContaining('at most 25. Export fewer'),
    ])
    const body = `function long(): void {\n${'x()\n'.repeat(59)}}`
    expect(lengths(one(body.replace('{\n', '{\nx()\n')))).toEqual([
      expect.stringContaining(`${path}:1 is a function of 62 lines`),
    ])
  })

  it('do not count a closure’s inner functions twice', () => {
    const inner = `  const inner = () => {\n${'    x()\n'.repeat(40)}  }\n`
    expect(lengths(one(`function outer() {\n${inner}${inner}}`))).toEqual([])
  })

  it('leave generated files alone', () => {
    expect(lengths(one(lines(5000), 'edge/collector/sql/schema.sql'))).toEqual([])
  })
})

describe('names', () => {
  it.each(['packages/nunchi/src/utils.ts', 'edge/cli/src/types.ts'])('%s is a drawer', (at) => {
    expect(fileNames(one('', at))).toEqual([expect.stringContaining('is a drawer')])
  })

  it.each(['packages/nunchi/src/pageViews.ts', 'edge/cli/src/Main.ts', 'scripts/a_b.mjs'])(
    '%s is not kebab',
    (at) => {
      expect(fileNames(one('', at))).toEqual([expect.stringContaining('not in kebab-case')])
    },
  )

  it('may say which kind of test it is', () => {
    expect(fileNames(one('', 'edge/cli/src/two-words.e2e.test.ts'))).toEqual([])
  })
})

describe('loose typing', () => {
  it.each([
    ['export const a = 1 as any', "says 'any'"],
    ['export function f(a: Record<string, any>): void {}', "says 'any'"],
    ['export default 1', 'default export'],
    ["export * from './b.ts'", "says 'export *'"],
  ])('catches %s', (text, sentence) => {
    expect(looseTyping(one(text))).toEqual([expect.stringContaining(`${path}:1 `)])
    expect(looseTyping(one(text))[0]).toContain(sentence)
  })

  it('allows a namespace with a name, any in tests, and a default export where a runtime asks', () => {
    expect(looseTyping(one("export * as limits from './limits.ts'"))).toEqual([])
    expect(looseTyping(one('const a: any = 1', 'packages/nunchi/src/a.test.ts'))).toEqual([])
    expect(looseTyping(one('export default {}', 'edge/collector/deploy/cloudflare/worker.ts'))).toEqual([])
  })
})
