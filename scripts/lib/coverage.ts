/** Holds each package to its share of lines that tests run. */

/** Of every package's lines, in percent. */
export const coverageFloor = 80

/** How many lines of a file there are to run, and how many the tests ran. */
export interface CoverageSummary {
  [file: string]: { total: number; covered: number }
}

/** What Vitest's `json` reporter says of a file: its statements, and how often each ran. */
export interface FileCoverage {
  statementMap: { [id: string]: { start: { line: number; column: number } } }
  s: { [id: string]: number }
}

/** Counts lines: one is covered when a statement that begins on it ran, in the tests or by `alsoRan`. */
export function countLines(
  files: { [path: string]: FileCoverage },
  alsoRan: (path: string, line: number, column: number) => boolean = () => false,
): CoverageSummary {
  return Object.fromEntries(
    Object.entries(files).map(([path, { statementMap, s }]) => {
      const lines = new Map<number, boolean>()
      for (const [id, { start }] of Object.entries(statementMap))
        lines.set(
          start.line,
          lines.get(start.line) || (s[id] ?? 0) > 0 || alsoRan(path, start.line, start.column),
        )
      return [path, { total: lines.size, covered: [...lines.values()].filter(Boolean).length }]
    }),
  )
}

/** The share of lines that tests run, in percent, by package folder. */
export function packageCoverage(summary: CoverageSummary): Map<string, number> {
  const sums = new Map<string, { total: number; covered: number }>()
  for (const [file, lines] of Object.entries(summary)) {
    const folder = /(?:^|[\\/])((?:packages|edge)[\\/][^\\/]+)[\\/](?:src|deploy)[\\/]/.exec(file)?.[1]
    if (!folder) continue
    const sum = sums.get(folder.replaceAll('\\', '/')) ?? { total: 0, covered: 0 }
    sum.total += lines.total
    sum.covered += lines.covered
    sums.set(folder.replaceAll('\\', '/'), sum)
  }
  return new Map(
    [...sums].map(([folder, { total, covered }]) => [folder, total === 0 ? 100 : (100 * covered) / total]),
  )
}

/** A sentence for each package below the floor, with its three least covered files. */
export function coverageGaps(summary: CoverageSummary, floor: number = coverageFloor): string[] {
  return [...packageCoverage(summary)]
    .filter(([, percent]) => percent < floor)
    .map(([folder, percent]) => {
      const worst = Object.entries(summary)
        .filter(([file]) => file.replaceAll('\\', '/').includes(`${folder}/`))
        .map(([file, { total, covered }]) => ({
          file: file.replaceAll('\\', '/').split(`${folder}/`).at(-1)!,
          missing: total - covered,
        }))
        .sort((a, b) => b.missing - a.missing)
        .slice(0, 3)
        .map(({ file, missing }) => `${file} (${missing} lines)`)
      return `${folder}: tests run ${percent.toFixed(1)} % of its lines, less than ${floor} %. Most is missing in ${worst.join(', ')}.`
    })
}
