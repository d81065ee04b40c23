/** `nunchi export csv`: writes a view of nunchi_data as CSV, to a file or to standard output. */
import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { type CsvColumn, csvHead, csvLine } from '../export/csv.ts'
import { readView, type ViewQuery } from '../export/read-view.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const args = {
  view: {
    type: 'string',
    description: 'A view of nunchi_data: events, sessions, people, …',
    default: 'events',
  },
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  from: { type: 'string', description: 'The first day or moment: 2026-11-01, 2026-11-01T09:00Z' },
  to: { type: 'string', description: 'The day or moment after the last' },
  environment: { type: 'string', description: 'Only development, staging or production' },
  out: {
    type: 'string',
    description: 'The file to write, which must not be there yet; else standard output',
  },
  ...databaseArgs,
} as const

/** @throws CliError `usage` where it is no day and no moment */
function readMoment(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined
  const fits = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
  const day = text.slice(0, 10)
  // 2025-02-30 reads as a day in March.
  const real =
    fits && !Number.isNaN(Date.parse(text)) && new Date(`${day}T00:00Z`).toISOString().startsWith(day)
  if (!real || text.startsWith('0000'))
    throw new CliError(
      'usage',
      `--${name} is "${text}"; write a day like 2026-11-01 or a moment like 2026-11-01T09:00Z.`,
    )
  return text
}

/** Writes the rows, no faster than the output takes them: a slow reader of it makes us slow, not big. */
async function write(
  session: Parameters<typeof readView>[0],
  query: ViewQuery,
  output: Writable,
): Promise<number> {
  let columns: CsvColumn[] = []
  let broken: Error | undefined
  const note = (error: Error) => {
    broken = error
  }
  output.on('error', note)
  const send = async (text: string) => {
    if (broken) throw broken
    if (!output.write(text)) await once(output, 'drain')
  }
  try {
    return await readView(session, query, {
      columns(given) {
        columns = given
        return send(csvHead(columns))
      },
      rows: (rows) => send(rows.map((row) => csvLine(columns, row)).join('')),
    })
  } finally {
    output.off('error', note)
  }
}

/** A reader that is gone is told of once more after the last write, when nobody waits for it. */
function ignore(): void {}

/** To standard output. Whoever reads it may have seen enough: `nunchi export csv | head`. */
async function toOutput(session: Parameters<typeof readView>[0], query: ViewQuery): Promise<void> {
  process.stdout.off('error', ignore).on('error', ignore)
  try {
    await write(session, query, process.stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

/** Makes the file for this user alone, and takes it away again where it could not be finished. */
async function intoFile(file: string, fill: (output: Writable) => Promise<number>): Promise<number> {
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  try {
    await once(output, 'open')
  } catch (error) {
    throw new CliError(
      'file_exists',
      `${file} cannot be made (${(error as NodeJS.ErrnoException).code}); name a file that is not there yet, in a folder of your own.`,
      error,
    )
  }
  try {
    const rows = await fill(output)
    output.end()
    await finished(output)
    return rows
  } catch (error) {
    output.destroy()
    rmSync(file, { force: true })
    throw error
  }
}

/** Writes a view as CSV. */
export const exportCsv: CommandDef = command({
  meta: {
    name: 'export csv',
    description: 'Write a view of your data as CSV, safe to open in a spreadsheet',
  },
  args,
  async run({ args: given }) {
    const { view, environment, out } = given
    const from = readMoment(given.from, 'from')
    const to = readMoment(given.to, 'to')
    await withDatabase(given, async ({ owner, session }) => {
      const { projectId, name } = await projectNamed(owner, given.project)
      const query = { view, projectId, from, to, environment }
      if (out === undefined) return toOutput(session, query)
      const rows = await intoFile(out, (output) => write(session, query, output))
      print(`Wrote ${out}: ${rows} rows of ${view} of ${name}.`)
    })
  },
})
