/** The table of named reliability tests is true. */
import { expect, it } from 'vitest'
import { expectNone } from '../../../scripts/guards/expect-none.ts'
import { listFiles, readText } from '../../../scripts/guards/source.ts'
import { type Index, indexFaults } from './security/security-index.ts'

const index: Index = {
  path: 'docs/reliability.md',
  word: 'reliability',
  promised: [5, 7, 8, 12, 21, 29, 30, 33, 41, 47],
}
const files = listFiles()
  .filter((path) => /\.test\.tsx?$/.test(path) && !path.endsWith('reliability-index.test.ts'))
  .map((path) => ({ path, text: readText(path) as string }))
/** The page's other tables begin with a number too. */
const table = (readText('docs/reliability.md') as string)
  .split('### In every run of the tests')[1]!
  .split('\n## ')[0]!

it('docs/reliability.md names for each case the files that prove it, and no other', () => {
  expectNone(indexFaults(table, files, index))
})

it('is caught where a case loses its test', () => {
  const without = files.filter(({ path }) => !path.endsWith('background.test.ts'))
  expect(indexFaults(table, without, index)).toEqual([
    expect.stringContaining(
      'e2e/background.test.ts proves case 12; no title there begins with "reliability 12"',
    ),
  ])
})
