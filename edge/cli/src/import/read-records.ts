/** Reads CSV, TSV and JSONL files as streams of records, each with its line. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { CliError } from '../cli-error.ts'

/** A record by the names of its columns. */
export type Found = { [column: string]: unknown }
/** A record, or why there is none; `line` is where it begins, or ends. */
export interface Read {
  line: number
  record?: Found
  fault?: string
}

/**
 * The file's bytes, held to UTF-8: another encoding would be stored as other words, and nobody would notice.
 *
 * @throws CliError `source_unreadable`
 */
export async function* utf8Of(file: string, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
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

/**
 * The records of a CSV file (RFC 4180), or of one with tabs, whose first line names the columns.
 *
 * @param onBytes hears how far the file is read
 */
export async function* readCsv(
  file: string,
  onBytes: (bytes: number) => void,
  delimiter: ',' | '\t' = ',',
): AsyncGenerator<Read> {
  const faults: Read[] = []
  const parser = parse({
    bom: true,
    delimiter,
    // Feeds with tabs write inch marks as they are.
    relax_quotes: delimiter === '\t',
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

/** The records of a JSONL file: one JSON object a line. */
export async function* readJsonl(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
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
