/** The floor of line coverage is kept by each package alone, and who is below it is named. */
import { describe, expect, it } from 'vitest'
import { coverageGaps, packageCoverage } from './coverage.ts'

const lines = (total: number, covered: number) => ({ lines: { total, covered } })

describe('coverage', () => {
  it('is not lifted by another package, and names the figure and the files', () => {
    const summary = {
      total: lines(1100, 1000),
      '/home/a/packages/nunchi/src/queue.ts': lines(60, 50),
      '/home/a/packages/nunchi/src/page/store.ts': lines(40, 29),
      '/home/a/packages/protocol/src/uuid.ts': lines(1000, 1000),
    }
    expect(coverageGaps(summary)).toEqual([
      'packages/nunchi: tests run 79.0 % of its lines, less than 80 %. Most is missing in src/page/store.ts (11 lines), src/queue.ts (10 lines).',
    ])
  })

  it('is fine at the floor itself', () => {
    expect(coverageGaps({ '/a/edge/cli/src/a.ts': lines(100, 80) })).toEqual([])
  })

  it('counts what is run beside src, and a package without lines as covered', () => {
    const found = packageCoverage({
      'C:\\a\\edge\\collector\\deploy\\node\\main.ts': lines(10, 5),
      '/a/edge/collector/src/app.ts': lines(10, 10),
      '/a/edge/cli/src/types-only.ts': lines(0, 0),
    })
    expect([...found]).toEqual([
      ['edge/collector', 75],
      ['edge/cli', 100],
    ])
  })
})
