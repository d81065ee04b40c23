/** `nunchi import`: brings older events in from a table or a file, each once, and goes on where it was cut off. */
import { basename } from 'node:path'
import { postgresSession } from '@nunchi/collector'
import type { CommandDef } from 'citty'
import connect from 'postgres'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { explainDatabaseError } from '../database/explain.ts'
import { type Database, databaseArgs, withDatabase } from '../database/open.ts'
import { shownUrl } from '../database/urls.ts'
import { badRows } from '../import/bad-rows.ts'
import { type Columns, readColumns } from '../import/columns.ts'
import { fromFile } from '../import/from-file.ts'
import { fromTable } from '../import/from-table.ts'
import { runImport } from '../import/run-import.ts'
import type { Source } from '../import/source.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const args = {
  file: { type: 'positional', required: false, description: 'A .csv, .jsonl or .ndjson file' },
  table: { type: 'string', description: 'Or a table, as SCHEMA.TABLE' },
  'source-url': { type: 'string', description: 'The Postgres that has the table, where it is another one' },
  columns: {
    type: 'string',
    description: 'Which column is which: id=…,event=…,properties=…,user=…,anonymous=…,session=…,at=…',
  },
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  environment: {
    type: 'enum',
    options: ['development', 'staging', 'production'] as ('development' | 'staging' | 'production')[],
    description: 'Where the events are of',
    default: 'production',
  },
  bad: { type: 'string', description: 'A file for the rows that were left out, one JSON object a line' },
  ...databaseArgs,
} as const

async function tableAt(url: string, table: string, columns: Columns): Promise<Source> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new CliError(
      'database_url_invalid',
      '--source-url is not a Postgres address; write it like postgres://user:password@host:5432/database.',
    )
  const client = connect(url, {
    onnotice: () => {},
    connect_timeout: 10,
    prepare: false,
    fetch_types: false,
    max: 1,
  })
  const close = () => client.end({ timeout: 5 })
  try {
    await client`select 1`
    return await fromTable(postgresSession(client), table, columns, shownUrl(url), close)
  } catch (error) {
    await close()
    throw explainDatabaseError(error, '--source-url')
  }
}

async function sourceOf(
  { session }: Database,
  given: {
    file?: string | undefined
    table?: string | undefined
    'source-url'?: string | undefined
    columns?: string | undefined
  },
): Promise<Source> {
  const { file, table, 'source-url': url } = given
  const columns = readColumns(given.columns)
  if ((file === undefined) === (table === undefined))
    throw new CliError('usage', 'Name what to import: a file, or --table SCHEMA.TABLE.')
  if (table !== undefined)
    return url === undefined
      ? fromTable(session, table, columns, '', async () => {})
      : tableAt(url, table, columns)
  if (url !== undefined) throw new CliError('usage', '--source-url goes with --table.')
  return fromFile(file!, columns)
}

/** Imports events. */
export const importEvents: CommandDef = command({
  meta: { name: 'import', description: 'Bring older events in from a table or a file, each once' },
  args,
  run: ({ args: given }) =>
    withDatabase(given, async (database) => {
      const project = await projectNamed(database.owner, given.project)
      const source = await sourceOf(database, given)
      const bad = badRows(given.bad)
      // A file's own name in the database holds its size and a hash, so that another version is another import.
      const called = given.file === undefined ? source.name : basename(given.file)
      try {
        const done = await runImport(database, {
          project,
          environment: given.environment,
          source,
          onBad: bad.tell,
          onStart: (rows) => rows > 0 && print(`Going on after ${rows} rows of ${called}.`),
        })
        const rest = bad.rest()
        if (rest) print(rest)
        print(
          `Imported ${called} into ${project.name}: ${done.rows} rows, ${done.accepted} events stored, ${done.duplicates} were there already, ${done.bad} left out (${done.seconds.toFixed(1)} s).`,
        )
      } finally {
        await source.close()
      }
    }),
})
