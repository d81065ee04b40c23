/** What ran in the Node processes that tests started: a command or a server is tested by starting it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** V8's own report, as Node writes it into the folder that `NODE_V8_COVERAGE` names. */
interface Report {
  result: { url: string; functions: { ranges: Range[] }[] }[]
}

interface Range {
  startOffset: number
  endOffset: number
  count: number
}

/** The innermost range decides: a function that ran holds branches that did not. */
function ran(ranges: Range[], offset: number): boolean {
  let inner: Range | undefined
  for (const range of ranges)
    if (range.startOffset <= offset && offset < range.endOffset)
      if (!inner || range.endOffset - range.startOffset <= inner.endOffset - inner.startOffset) inner = range
  return (inner?.count ?? 0) > 0
}

/** A process that a test killed leaves the half of its report that was written: what it ran is not known. */
function reportOf(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch (error) {
    if (error instanceof SyntaxError) return { result: [] }
    throw error
  }
}

/**
 * Reads every report of a folder; one that was cut off counts as if it were not there.
 *
 * @returns whether the code at a line (from 1) and column (from 0) of a file ran in any of the processes
 */
export function spawnedCoverage(folder: string): (path: string, line: number, column: number) => boolean {
  const byFile = new Map<string, Range[][]>()
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  for (const name of names)
    for (const { url, functions } of reportOf(join(folder, name)).result) {
      if (!url.startsWith('file:') || !/\/(packages|edge)\//.test(url)) continue
      const path = fileURLToPath(url)
      byFile.set(path, [...(byFile.get(path) ?? []), functions.flatMap(({ ranges }) => ranges)])
    }
  const starts = new Map<string, number[]>()
  return (path, line, column) => {
    const reports = byFile.get(path)
    if (!reports) return false
    // Node takes types out by spaces, so that offsets are those of the source.
    let offsets = starts.get(path)
    if (!offsets) {
      offsets = [0]
      for (const { length } of readFileSync(path, 'utf8').split('\n'))
        offsets.push(offsets.at(-1)! + length + 1)
      starts.set(path, offsets)
    }
    const offset = (offsets[line - 1] ?? 0) + column
    return reports.some((ranges) => ran(ranges, offset))
  }
}
