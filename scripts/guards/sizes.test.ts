/** Every import costs a page no more than its ceiling, brings nothing else along, and is quoted as it is. */
import { beforeAll, describe, expect, it } from 'vitest'
import { ceilings, type Measured, measure, readable, sizeFaults } from '../lib/sizes.ts'
import { quotedSizes } from './docs.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readText } from './source.ts'

describe('sizes', () => {
  const measured = new Map<string, Measured>()
  beforeAll(async () => {
    for (const row of await Promise.all(ceilings.map(measure))) measured.set(row.name, row)
  })

  it.each(ceilings.map(({ name }) => name))('%s stays below its ceiling and brings nothing else', (name) => {
    expectNone(sizeFaults(measured.get(name)!))
  })

  it('are measured on real bundles: the core holds its store, page views do not', () => {
    expect(measured.get('core')!.text).toContain('indexedDB')
    expect(measured.get('page-views')!.text).toContain('pushState')
    expect(measured.get('core')!.actual).toBeGreaterThan(1000)
  })

  it('are quoted in the documentation as they are', () => {
    const figures = new Map([...measured].map(([name, { actual }]) => [name, readable(actual)]))
    const pages = listFiles().filter((path) => path.endsWith('.md'))
    expectNone(pages.flatMap((path) => quotedSizes(readText(path)!, path, figures)))
  })
})

describe('a ceiling', () => {
  const row = { name: 'core', bytes: 100, actual: 101, absent: ['Zod'], text: 'class ZodError' }

  it('catches a byte too many and code that should not be there', () => {
    expect(sizeFaults(row)).toEqual([
      expect.stringContaining('"core" is 101 bytes, 1 more than its ceiling of 100'),
      expect.stringContaining('"core" contains "Zod"'),
    ])
    expect(sizeFaults({ ...row, actual: 100, text: '' })).toEqual([])
  })

  it('is read in bytes below a kilobyte, in kilobytes above', () => {
    expect([readable(999), readable(3949), readable(4051)]).toEqual(['999 B', '3.9 kB', '4.1 kB'])
  })
})
