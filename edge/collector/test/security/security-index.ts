/** A page's table of cases against the tests: each case names the files whose test titles carry its number. */

/** A test file, by its path from the root. */
export interface TestFile {
  path: string
  text: string
}

/** The cases that the project promises to hold; the others come with what they are about. */
export const promised: readonly number[] = [
  ...Array.from({ length: 21 }, (_, i) => i + 1),
  ...[
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    53, 54, 55, 62, 64, 65, 66, 67, 68, 69, 70, 72, 73, 74,
  ],
]

/** A page, the word that marks its cases in titles, and the cases that it promises. */
export interface Index {
  path: string
  word: string
  promised: readonly number[]
}

const security: Index = { path: 'docs/security.md', word: 'security', promised }

/** The numbers in a file's test titles: `security 17, 18: …`. */
export function markers({ text }: TestFile, word = 'security'): number[] {
  const numbers = `['"\`]${word} (\\d+(?:, \\d+)*)`
  const titles = text.matchAll(
    new RegExp(`\\b(?:it|describe|describePostgres|test)\\b[^'"\`]*${numbers}|\\]\\)\\(\\s*${numbers}`, 'g'),
  )
  return [...titles].flatMap(([, a, b]) => (a ?? b ?? '').split(', ').map(Number))
}

/** The table's rows: case → files. */
export function indexOf(page: string): Map<number, string[]> {
  const rows = [...page.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)]
  return new Map(
    rows.map(([, number, files = '']) => [
      Number(number),
      [...files.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string),
    ]),
  )
}

/** Where page and tests differ, each with what to do. */
export function indexFaults(
  page: string,
  files: TestFile[],
  { path: doc, word, promised }: Index = security,
): string[] {
  const table = indexOf(page)
  const found = new Map(files.map((file) => [file.path, new Set(markers(file, word))]))
  return [
    ...promised
      .filter((number) => !table.get(number)?.length)
      .map((number) => `${doc} has no test for case ${number}. Add its row, and the test.`),
    ...[...table].flatMap(([number, paths]) =>
      paths
        .filter((path) => !found.get(path)?.has(number))
        .map(
          (path) =>
            `${doc} says that ${path} proves case ${number}; no title there begins with "${word} ${number}". Mark the test, or correct the row.`,
        ),
    ),
    ...[...found].flatMap(([path, numbers]) =>
      [...numbers]
        .filter((number) => !table.get(number)?.includes(path))
        .map((number) => `${path} tests case ${number}, which ${doc} does not say. Add it to the row.`),
    ),
  ]
}
