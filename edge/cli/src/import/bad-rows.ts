/** Shows the first rows that were left out, and writes all of them where a file was named. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { CliError } from '../cli-error.ts'
import { yellow } from '../print.ts'
import type { BadRow } from './run-import.ts'

/** Hears of rows that were left out. */
export interface BadRows {
  tell(row: BadRow): void
  /** The sentence about those that were not shown; `undefined` where all were. */
  rest(): string | undefined
}

const shown = 20

/**
 * Begins with none.
 *
 * @param file where each is written as a JSON object a line
 * @throws CliError `file_exists`
 */
export function badRows(file: string | undefined): BadRows {
  let count = 0
  if (file !== undefined)
    try {
      writeFileSync(file, '', { mode: 0o600 })
    } catch (error) {
      throw new CliError(
        'file_exists',
        `${file} cannot be written (${(error as NodeJS.ErrnoException).code}); name a file in a folder of your own.`,
        error,
      )
    }
  return {
    tell(row) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`)
      if (++count <= shown) process.stderr.write(`${yellow('!')} ${row.place}: ${row.reason}\n`)
    },
    rest: () =>
      count <= shown
        ? undefined
        : `… and ${count - shown} rows more were left out; ${file ? `${file} has them all` : '--bad FILE writes them all down'}.`,
  }
}
