/** Writes rows as CSV (RFC 4180) that a spreadsheet shows and never runs. */

/** A column, and whether the database says that it is a number. */
export interface CsvColumn {
  name: string
  numeric: boolean
}

/** What a spreadsheet takes for the beginning of a formula; tab and line ends because it skips them. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** One cell. Null is an empty cell, empty text is `""`. */
function cell(value: string | null, numeric: boolean): string {
  if (value === null) return ''
  // A column of numbers has nothing to run: -5 stays -5.
  const safe = !numeric && formula.test(value) ? `'${value}` : value
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line with its end. Text that begins like a formula gets an apostrophe in front. */
export function csvLine(columns: CsvColumn[], values: (string | null)[]): string {
  return `${columns.map(({ numeric }, n) => cell(values[n] ?? null, numeric)).join(',')}\r\n`
}

/** The first line. */
export function csvHead(columns: CsvColumn[]): string {
  return csvLine(
    columns.map(({ name }) => ({ name, numeric: false })),
    columns.map(({ name }) => name),
  )
}
