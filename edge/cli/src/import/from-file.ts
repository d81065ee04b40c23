/** Reads a CSV (RFC 4180) or JSONL file as a stream. */
import { createHash } from 'node:crypto'
import { createReadStream, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { CliError } from '../cli-error.ts'
import { type Columns, chooseColumns, pickColumns } from './columns.ts'
import type { RowValues, Source, SourcePart, SourceRow } from './source.ts'

type Found = { [column: string]: unknown }
/** A record, or why there is none; `line` is where it begins, or ends. */
interface Read {
  line: number
  record?: Found
  fault?: string
}

const textOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)

/**
 * The file's bytes, held to UTF-8: another encoding would be stored as other words, and nobody would notice.
 *
 * @throws CliError `source_unreadable`
 */
async function* utf8Of(file: string, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const hold = (chunk?: Buffer): void => {
    try {
      utf8.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      const fix = 'Write it anew in UTF-8 (iconv -f THEIRS -t UTF-8), and import that.'
      throw new CliError('source_unreadable', `${file} is not in UTF-8. ${fix}`, error)
    }
  }
  let bytes = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hold(chunk)
    bytes += chunk.length
    onBytes?.(bytes)
    yield chunk
  }
  hold()
}

async function* readCsv(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  const faults: Read[] = []
  const parser = parse({
    bom: true,
    columns: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      faults.push({ line: Number(error?.['lines'] ?? 0), fault: error?.message ?? 'it is not understood' })
      return undefined
    },
  })
  const input = Readable.from(utf8Of(file))
  input.on('error', (error) => parser.destroy(error))
  for await (const { record, info } of input.pipe(parser) as AsyncIterable<{
    record: Found
    info: { lines: number; bytes: number }
  }>) {
    // The parser tells of bad records ahead of the good ones; told in their place, counting is the same each time.
    while (faults[0] && faults[0].line < info.lines) yield faults.shift()!
    onBytes(info.bytes)
    yield { line: info.lines, record }
  }
  yield* faults
}

async function* readJsonl(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  const input = Readable.from(utf8Of(file, onBytes), { objectMode: false })
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  let failed: Error | undefined
  input.on('error', (error) => {
    failed = error
    lines.close()
  })
  let line = 0
  for await (const raw of lines) {
    line++
    const text = line === 1 ? raw.replace(/^\ufeff/, '') : raw
    if (text.trim() === '') continue
    try {
      const record: unknown = JSON.parse(text)
      if (typeof record !== 'object' || record === null || Array.isArray(record)) throw new Error('no object')
      yield { line, record: record as Found }
    } catch {
      yield { line, fault: 'it is no JSON object' }
    }
  }
  if (failed) throw failed
}

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
