/** Opens a CSV or JSONL file as a source of events. */
import { createHash } from 'node:crypto'
import { openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { CliError } from '../cli-error.ts'
import { type Columns, chooseColumns, pickColumns } from './columns.ts'
import { type Found, readCsv, readJsonl } from './read-records.ts'
import type { RowValues, Source, SourcePart, SourceRow } from './source.ts'

const textOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)

function fingerprint(file: string): { size: number; name: string } {
  try {
    const { size } = statSync(file)
    const head = Buffer.alloc(Math.min(size, 1_048_576))
    readSync(openSync(file, 'r'), head)
    const hash = createHash('sha256').update(head).digest('hex').slice(0, 16)
    return { size, name: `${basename(file)}, ${size} bytes, ${hash}` }
  } catch (error) {
    throw new CliError(
      'file_missing',
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      error,
    )
  }
}

/**
 * Opens a file as a source. Its cursor counts records; going on reads over those before it.
 *
 * @throws CliError `file_missing`, `source_unreadable`, `usage`
 */
export function fromFile(file: string, given: Columns): Source {
  const kind = /\.(csv|jsonl|ndjson)$/i.exec(file)?.[1]?.toLowerCase()
  if (!kind) throw new CliError('usage', `${file} must end in .csv, .jsonl or .ndjson.`)
  const { size, name } = fingerprint(file)

  async function* parts(after: string | null, most: number): AsyncGenerator<SourcePart> {
    let bytes = 0
    let count = 0
    let columns: Columns | undefined
    let rows: SourceRow[] = []
    const part = (): SourcePart => ({
      rows,
      cursor: String(count),
      progress: size === 0 ? 1 : Math.min(bytes / size, 1),
    })
    const onBytes = (now: number): void => {
      bytes = now
    }
    const valuesOf = (record: Found): RowValues => {
      // Of CSV every record has the same columns; one of JSONL may lack some, which is its own fault.
      if (kind === 'csv') columns ??= chooseColumns(given, Object.keys(record), file)
      const chosen = columns ?? pickColumns(given, Object.keys(record))
      return Object.fromEntries(Object.entries(chosen).map(([field, name]) => [field, textOf(record[name])]))
    }
    for await (const { line, record, fault } of (kind === 'csv' ? readCsv : readJsonl)(file, onBytes)) {
      count++
      if (after !== null && count <= Number(after)) continue
      const place = `line ${line}`
      rows.push(record ? { place, values: valuesOf(record) } : { place, values: {}, fault: fault ?? '' })
      if (rows.length < most) continue
      yield part()
      rows = []
    }
    if (rows.length > 0) yield part()
  }

  return { name, parts, close: async () => {} }
}
