/** Opens the database that the environment names: a Postgres, or a PGlite in a folder. */

import { migrateUp } from '../../src/storage/migrate.ts'
import { pglite, pgliteSession } from '../../src/storage/pglite.ts'
import { postgres } from '../../src/storage/postgres.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { client } from './client.ts'
import { ConfigError, type NodeConfig } from './config.ts'
import { FolderError, openFolder } from './folder.ts'
import { loadSql } from './sql.ts'

async function openPostgres(url: string): Promise<Storage> {
  const { default: connect } = await client('DATABASE_URL', 'postgres', () => import('postgres'))
  const sql = connect(url, {
    onnotice: () => {},
    connect_timeout: 5,
    // In seconds; the client's own goes up to 20, which would add to every restart of the database.
    backoff: (attempts) => Math.min(0.05 * 2 ** attempts, 2),
    connection: { application_name: 'nunchi' },
    // The client asks for array types at each new connection, and where that connection is cut meanwhile its
    // rejection is nobody's: it would end the process. No array passes here anyway.
    fetch_types: false,
  })
  return postgres(sql)
}

/** A folder is this process's own, so nobody else could bring its schema up to date. */
async function openPglite(directory: string): Promise<Storage> {
  const { PGlite } = await client(
    'DATABASE_URL',
    '@electric-sql/pglite',
    () => import('@electric-sql/pglite'),
  )
  try {
    const { db, close } = await openFolder(directory, (dataDir) => PGlite.create({ dataDir }))
    await migrateUp(pgliteSession(db), loadSql())
    return { ...pglite(db), close }
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    throw new ConfigError(`${error.message}, or name another folder in DATABASE_URL.`)
  }
}

/**
 * Opens the database. A Postgres that is away just now is no error: the collector starts, is not ready, and
 * becomes ready by itself.
 *
 * @throws ConfigError where the client's package is missing, or the folder is unusable
 */
export function openDatabase(database: NodeConfig['database']): Promise<Storage> {
  return 'postgres' in database ? openPostgres(database.postgres) : openPglite(database.folder)
}
