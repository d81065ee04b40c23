/** Every link of the documentation leads somewhere, and the guard catches those that do not. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorOf, brokenLinks } from './doc-links.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readText, root } from './source.ts'

const there = (path: string) => existsSync(join(root, path))

describe('links', () => {
  it('lead to files and headings that are there', () => {
    const pages = listFiles().filter((path) => path.endsWith('.md'))
    expectNone(pages.flatMap((path) => brokenLinks(readText(path)!, path, readText, there)))
  })

  it('are caught leading to no file and to no heading', () => {
    const page =
      '# One\n[a](gone.md) [b](b.md#two) [c](#one) [d](#none) [e](https://x.dev/gone.md) `[f](f.md)`'
    const read = (path: string) => (path === 'docs/b.md' ? '## Two\n' : page)
    expect(brokenLinks(page, 'docs/a.md', read, (path) => path !== 'docs/gone.md')).toEqual([
      expect.stringContaining('docs/a.md links to gone.md, where nothing is'),
      expect.stringContaining('docs/a.md links to #none, but docs/a.md has no such heading'),
    ])
  })

  it('know headings by the fragments that GitHub makes', () => {
    expect(anchorOf('`POST /v1/events`')).toBe('post-v1events')
    expect(anchorOf('key_missing')).toBe('key_missing')
    expect(anchorOf('What happens, and when?')).toBe('what-happens-and-when')
  })
})
