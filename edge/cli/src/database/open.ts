/** Opens the database that the environment or `--data` names, with what each role may do on it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type MigrationSession,
  pglite,
  pgliteSession,
  postgres,
  postgresSession,
  type Storage,
} from '@nunchi/collector'
import connect from 'postgres'
import { CliError } from '../cli-error.ts'
import { explainDatabaseError } from './explain.ts'
import { openFolder } from './folder.ts'
import { givenUrls, shownUrl, type Urls } from './urls.ts'

/** An open database. */
export interface Database {
  /** What it is, for the terminal: an address without password, or a folder. */
  label: string
  /** The addresses it was opened by; `undefined` for a folder. */
  urls: Urls | undefined
  /** As the collector: what pages' requests are served with. */
  app: Storage
  /** As the owner: what administration is done with. */
  owner: Storage
  /** For migrations and for questions in SQL, as the administrator. */
  session: MigrationSession
  /** For questions in SQL on the collector's own login. */
  serving: MigrationSession
  close(): Promise<void>
}

/** The folder of the local database, where the command line names no other. */
export const dataFolder: string = process.env['NUNCHI_DATA'] || '.nunchi'

/** The options that every command with a database has. */
export const databaseArgs: { data: { type: 'string'; description: string; default: string } } = {
  data: {
    type: 'string',
    description: 'The folder of the local database, where DATABASE_URL names no other',
    default: dataFolder,
  },
}

async function openUrls(urls: Urls): Promise<Database> {
  // Unprepared, so that a pooler in transaction mode will do as well; and without the query for array types,
  // whose failure, when the connection is cut, nobody catches.
  const settings = { onnotice: () => {}, connect_timeout: 10, prepare: false, fetch_types: false }
  const serving = connect(urls.serve, settings)
  const administering = connect(urls.admin, { ...settings, max: 2 })
  const close = async () => {
    await Promise.all([serving.end({ timeout: 5 }), administering.end({ timeout: 5 })])
  }
  try {
    await administering`select 1`
  } catch (error) {
    await close()
    throw explainDatabaseError(error, urls.one ? 'DATABASE_URL' : 'NUNCHI_MIGRATE_URL')
  }
  return {
    label: shownUrl(urls.serve),
    urls,
    app: postgres(serving),
    owner: postgres(administering, { role: 'nunchi_owner' }),
    session: postgresSession(administering),
    serving: postgresSession(serving),
    close,
  }
}

async function openData(data: string, create: boolean): Promise<Database> {
  if (!create && !existsSync(join(data, 'pg')))
    throw new CliError(
      'data_missing',
      `There is no database in ${data}; set DATABASE_URL, name its folder with --data DIR, or make one with: nunchi dev`,
    )
  const { db, close } = await openFolder(data)
  return {
    label: data,
    urls: undefined,
    app: pglite(db),
    owner: pglite(db, { role: 'nunchi_owner' }),
    session: pgliteSession(db),
    serving: pgliteSession(db),
    close,
  }
}

/** How to open a database. */
export interface OpenOptions {
  /** The folder, where the environment names no Postgres. */
  data: string
  /** Whether a missing folder is made, or refused. @default false */
  create?: boolean
}

/**
 * Opens the database.
 *
 * @throws CliError where it cannot be reached, opened or found
 */
export async function openDatabase({ data, create = false }: OpenOptions): Promise<Database> {
  const urls = givenUrls()
  return urls ? openUrls(urls) : openData(data, create)
}

/** Opens the database for the time of `use`. */
export async function withDatabase(
  options: OpenOptions,
  use: (database: Database) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(options)
  try {
    await use(database)
  } finally {
    await database.close()
  }
}
