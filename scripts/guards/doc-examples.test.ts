/** Every example of the documentation compiles, and one that does not is named by its page and line. */
import { describe, expect, it } from 'vitest'
import { compileExamples, examplesOf } from './doc-examples.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readText } from './source.ts'

const pages = listFiles().filter((path) => path.endsWith('.md'))

describe('examples', () => {
  it('compile against the packages as they are', () => {
    const examples = pages.flatMap((path) =>
      ['ts', 'tsx'].flatMap((language) => examplesOf(readText(path)!, path, language)),
    )
    expect(examples.map(({ path }) => path)).toContain('README.md')
    expectNone(compileExamples(examples, 'doc-examples'))
  }, 60_000)

  it('are caught calling what is not there, at their line of the page', () => {
    const page =
      "# A\n\n```ts\nimport { createNunchi } from 'nunchi'\n\ncreateNunchi({ kye: '' })\n```\n\n```ts nocheck\nx y\n```\n"
    expect(compileExamples(examplesOf(page, 'docs/a.md'), 'doc-examples-broken')).toEqual([
      expect.stringMatching(/^docs\/a\.md:6 does not compile: TS\d+: .*kye/),
    ])
  }, 60_000)
})
