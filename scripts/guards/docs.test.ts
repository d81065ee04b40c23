/** The documentation says what the code does, and each of its guards catches a page that does not. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes, errorDocs, namedPaths, pathsIn, quotedSizes } from './docs.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readSources, readText, root } from './source.ts'

const errors = 'docs/reference/errors.md'
const there = (path: string) => existsSync(join(root, path))

describe('the errors page', () => {
  it('explains every code, and no other', () => {
    expectNone(errorDocs(errorCodes(readSources()), readText(errors) ?? '', errors))
  })

  it('reads codes from unions of literals, not from other types', () => {
    const text = "export type AppCode = 'a' | 'b' | Other\nexport type Kind = 'c'\ntype OwnCode = 'd'"
    expect([...errorCodes([{ path: 'edge/cli/src/a.ts', text }]).keys()]).toEqual(['a', 'b', 'd'])
  })

  it('is caught lacking an entry, having one too many, and having one twice', () => {
    const codes = new Map([
      ['a', 'edge/x.ts'],
      ['b', 'edge/x.ts'],
    ])
    expect(errorDocs(codes, '## b\n\n## b\n\n## c\n', errors)).toEqual([
      `${errors} has no entry for a of edge/x.ts. Add "## a" with what it means and the fix.`,
      expect.stringContaining('explains c, which no type names'),
      expect.stringContaining('explains b twice'),
    ])
  })
})

describe('pages', () => {
  it('name only files that exist', () => {
    const pages = listFiles().filter((path) => path.endsWith('.md'))
    expectNone(pages.flatMap((path) => namedPaths(readText(path)!, path, there)))
  })

  it('are caught naming files that do not', () => {
    const page = 'See `packages/nunchi/src/gone.ts`, `a/b`, `POST /v1/events` and `edge/*/sql`.'
    expect(namedPaths(page, 'docs/guide/a.md', () => false)).toEqual([
      expect.stringContaining('docs/guide/a.md names packages/nunchi/src/gone.ts'),
    ])
  })
})

describe('the journey of one event', () => {
  it('is told through the files of every room that it passes', () => {
    const page = readText('docs/journey.md')
    if (page === undefined) return expect(there('docs/journey.md')).toBe(false)
    const rooms = new Set(pathsIn(page).map((path) => path.split('/').slice(0, 2).join('/')))
    expect([...rooms]).toEqual(
      expect.arrayContaining(['packages/protocol', 'packages/nunchi', 'edge/collector']),
    )
  })
})

describe('quoted sizes', () => {
  const measured = new Map([['core', '3.9 kB']])

  it('are caught when the code grew, and when nobody measures them', () => {
    const page = '<!-- size:core -->3.8 kB<!-- /size --> and <!-- size:gone -->1 kB<!-- /size -->'
    expect(quotedSizes(page, 'README.md', measured)).toEqual([
      'README.md says "core" is 3.8 kB; it is 3.9 kB. Write 3.9 kB there.',
      'README.md quotes the size of "gone", which nobody measures. Use one of: core.',
    ])
    expect(
      quotedSizes(page.replace('3.8', '3.9').replace('gone', 'core'), 'README.md', measured),
    ).toHaveLength(1)
  })
})
