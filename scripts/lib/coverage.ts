/** Holds each package to its share of lines that tests run. */

/** Of every package's lines, in percent. */
export const coverageFloor = 80

/** Vitest's `json-summary`: figures by file, and a total. */
export interface CoverageSummary {
  [file: string]: { lines: { total: number; covered: number } }
}

/** The share of lines that tests run, in percent, by package folder. */
export function packageCoverage(summary: CoverageSummary): Map<string, number> {
  const sums = new Map<string, { total: number; covered: number }>()
  for (const [file, { lines }] of Object.entries(summary)) {
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
        .map(([file, { lines }]) => ({
          file: file.replaceAll('\\', '/').split(`${folder}/`).at(-1)!,
          missing: lines.total - lines.covered,
        }))
        .sort((a, b) => b.missing - a.missing)
        .slice(0, 3)
        .map(({ file, missing }) => `${file} (${missing} lines)`)
      return `${folder}: tests run ${percent.toFixed(1)} % of its lines, less than ${floor} %. Most is missing in ${worst.join(', ')}.`
    })
}
