/** What commands write to the terminal: lines, tables, and marks that also read without colour. */

const colour = process.stdout.isTTY && !process.env['NO_COLOR']
const paint =
  (code: number) =>
  (text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text

/** Text that carries, on a terminal that shows it. */
export const bold: (text: string) => string = paint(1)
/** Text that stands back. */
export const dim: (text: string) => string = paint(2)
/** What is well. */
export const green: (text: string) => string = paint(32)
/** What is worth a look. */
export const yellow: (text: string) => string = paint(33)
/** What failed. */
export const red: (text: string) => string = paint(31)

/**
 * A line in which nothing commands the terminal but our own colours: what visitors sent may hold escape sequences. They
 * become what JSON writes for them, so that printed JSON stays the same.
 */
function shown(line: string): string {
  return line.replace(/\p{Cc}/gu, (control, at: number) =>
    control === '\n' ||
    control === '\t' ||
    /^\[\d{1,2}m/.test(control === '\u001b' ? line.slice(at + 1, at + 5) : '')
      ? control
      : `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Writes one line to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${shown(line)}\n`)
}

/** Lays rows out in columns under `headings`; cells must be free of colour. */
export function table(headings: string[], rows: string[][]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [bold(line(headings)), ...rows.map(line)].join('\n')
}
