/** The index of security tests is true, and a case without a test is caught. */
import { describe, expect, it } from 'vitest'
import { expectNone } from '../../../../scripts/guards/expect-none.ts'
import { listFiles, readText } from '../../../../scripts/guards/source.ts'
import { indexFaults, indexOf, markers, promised } from './security-index.ts'

const files = listFiles()
  .filter((path) => /\.test\.tsx?$/.test(path) && !path.endsWith('security-index.test.ts'))
  .map((path) => ({ path, text: readText(path) as string }))

describe('docs/security.md', () => {
  it('names for each case the files that prove it, and no other', () => {
    expectNone(indexFaults(readText('docs/security.md') as string, files))
  })

  it('is caught lacking a case, naming a file that proves nothing, and hiding one that does', () => {
    const row = (number: number) => `| ${number} | x | \`a.test.ts\` |`
    const page = promised
      .filter((number) => number !== 9)
      .map(row)
      .join('\n')
    const marked = promised.filter((number) => number !== 5).join(', ')
    expect(indexFaults(page, [{ path: 'a.test.ts', text: `it('security ${marked}: x')` }])).toEqual([
      'docs/security.md has no test for case 9. Add its row, and the test.',
      expect.stringContaining('a.test.ts proves case 5; no title there begins with "security 5"'),
      expect.stringContaining('a.test.ts tests case 9, which docs/security.md does not say'),
    ])
  })

  it('reads titles, also those of tables of cases, and no comments', () => {
    const text =
      "// security 3\nit('security 1, 2: a')\n  ])(\n    'security 4: %s',\nit.each([1])('security 5: b')"
    expect(markers({ path: 'a', text })).toEqual([1, 2, 4, 5])
    expect([...indexOf('| 7 | a | `b`, `c` |\n| x | y | z |')]).toEqual([[7, ['b', 'c']]])
  })
})
