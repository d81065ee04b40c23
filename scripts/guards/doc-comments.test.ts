/** Every public name has a doc comment, however it reaches the package's face. */
import { describe, expect, it } from 'vitest'
import { docComments } from './doc-comments.ts'
import { expectNone } from './expect-none.ts'
import { packageFiles, readSources } from './source.ts'

const check = (files: { [path: string]: string }) =>
  docComments([
    { path: 'packages/a/package.json', text: '{ "exports": { ".": "./src/index.ts" } }' },
    ...Object.entries(files).map(([name, text]) => ({ path: `packages/a/src/${name}`, text })),
  ])

describe('public names', () => {
  it('are documented', () => expectNone(docComments([...readSources(), ...packageFiles()])))

  it('are found behind the face, under another name, in a namespace', () => {
    const found = check({
      'index.ts':
        "/** Face. */\n\nexport { a as b, type T } from './a.ts'\nexport * as limits from './limits.ts'",
      'a.ts': '/** File. */\n\nexport const a = 1\nexport interface T {}\nexport const hidden = 2',
      'limits.ts': '/** File. */\n\n/** Said. */\nexport const said = 1\nexport const most = 2',
    })
    expect(found).toEqual([
      expect.stringContaining('packages/a/src/a.ts:3 gives out a without'),
      expect.stringContaining('packages/a/src/a.ts:4 gives out T without'),
      expect.stringContaining('packages/a/src/limits.ts:5 gives out most without'),
    ])
  })

  it('are not documented by a line comment, or by the sentence of the file', () => {
    expect(check({ 'index.ts': '/** Face. */\n\n// Not for editors.\nexport const a = 1' })).toHaveLength(1)
    expect(check({ 'index.ts': '/** Face. */\n\nexport const a = 1' })).toHaveLength(1)
  })

  it('are fine where a doc comment stands right above', () => {
    expect(
      check({
        'index.ts':
          '/** Face. */\n\n/** One. */\nexport const a = 1\n/** Two. */\nfunction b() {}\nexport { b }',
      }),
    ).toEqual([])
  })
})
