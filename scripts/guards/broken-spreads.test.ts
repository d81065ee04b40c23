/** Optional calls are sent to pages as they are, so none may be of the kind that older browsers get wrong. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureScriptTag } from '../lib/build.ts'
import { brokenSpreads } from './broken-spreads.ts'
import { expectNone } from './expect-none.ts'
import { isTest, readSources } from './source.ts'

const inPages = /^packages\/[^/]+\/src\/.*\.tsx?$/

describe('an optional call with a spread argument', () => {
  it('has nothing behind the spread, in all that a page imports', () => {
    const files = readSources().filter(({ path }) => inPages.test(path) && !isTest(path))
    expect(files.length).toBeGreaterThan(100)
    expectNone(brokenSpreads(files))
  })

  it('nor in the script tags, what they bundle included', async () => {
    for (const name of ['nunchi.global', 'nunchi-recommendations.global'] as const) {
      const { file } = await ensureScriptTag(name)
      expectNone(brokenSpreads([{ path: basename(file), text: readFileSync(file, 'utf8') }]))
    }
  })

  it.each([
    'call?.(...some, 1)',
    'one.method?.(1, ...some, ...more)',
    'one?.method(...some, 1)',
    'one?.two.three(...some, last).four',
  ])('is caught in %s', (text) => {
    expect(brokenSpreads([{ path: 'a.ts', text: `\n${text}` }])).toEqual([
      expect.stringMatching(/^a\.ts:2 spreads an argument before another/),
    ])
  })

  it.each(['call?.(...some)', 'one?.method(1, ...some)', 'call(...some, 1)', 'one?.two ?? f(...some, 1)'])(
    'is let be in %s',
    (text) => expect(brokenSpreads([{ path: 'a.ts', text }])).toEqual([]),
  )
})
