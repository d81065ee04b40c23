/** The floor of line coverage is kept by each package alone, and who is below it is named. */
import { describe, expect, it } from 'vitest'
import { countLines, coverageGaps, packageCoverage } from './coverage.ts'

const lines = (total: number, covered: number) => ({ total, covered })

describe('coverage', () => {
  it('is not lifted by another package, and names the figure and the files', () => {
    const summary = {
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

  it('counts a line once, and as covered when any of its statements ran, here or in a started process', () => {
    const start = (line: number, column = 0) => ({ start: { line, column } })
    const files = {
      '/a.ts': {
        statementMap: { 0: start(1), 1: start(1, 8), 2: start(2), 3: start(3, 4) },
        s: { 0: 0, 1: 2, 2: 0, 3: 0 },
      },
    }
    expect(countLines(files)).toEqual({ '/a.ts': lines(3, 1) })
    expect(countLines(files, (_, line, column) => line === 3 && column === 4)).toEqual({
      '/a.ts': lines(3, 2),
    })
  })
})
