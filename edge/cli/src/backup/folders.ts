/** Backs up and restores a database folder: a PGlite writes out all of itself, and is read from that. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { migrateUp, pgliteSession } from '@nunchi/collector'
import { loadSql, schemaText } from '@nunchi/collector/node'
import { CliError } from '../cli-error.ts'
import { holdFolder, openFolder } from '../database/folder.ts'
import { checkSchema } from './check-schema.ts'
import { type Counts, countTables, expectSameCounts, totalOf } from './counts.ts'

/** Opens a copy, in memory or in a folder. */
async function read(file: string, dataDir?: string): Promise<PGlite> {
  try {
    // Unpacked here: of a torn file PGlite leaves a rejection that nobody could catch.
    const loadDataDir = new Blob([gunzipSync(readFileSync(file))], { type: 'application/x-tar' })
    const db = await PGlite.create({ loadDataDir, ...(dataDir === undefined ? {} : { dataDir }) })
    await db.query('select 1')
    return db
  } catch (error) {
    throw new CliError(
      'backup_unreadable',
      `${file} cannot be read as a backup of a folder: ${(error as Error).message}. Take another one.`,
      error,
    )
  }
}

/**
 * Writes the whole folder into `file`, opens that as a copy, and compares.
 *
 * @returns the rows that the file holds, table by table
 * @throws CliError `backup_failed`, and those of opening the folder
 */
export async function dumpFolder(data: string, file: string): Promise<Counts> {
  const { db, close } = await openFolder(data)
  try {
    const counted = await countTables(pgliteSession(db))
    if (counted.size === 0)
      throw new CliError(
        'database_not_migrated',
        `There is no nunchi schema in ${data}; there is nothing to back up.`,
      )
    const dump = await db.dumpDataDir('gzip')
    writeFileSync(file, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 })
    const copy = await read(file)
    try {
      const found = await countTables(pgliteSession(copy))
      expectSameCounts(counted, found, 'backup_failed', 'The copy')
      if ((await schemaText(pgliteSession(copy))) !== (await schemaText(pgliteSession(db))))
        throw new CliError('backup_failed', 'The copy has another schema than the folder.')
      return found
    } finally {
      await copy.close()
    }
  } finally {
    await close()
  }
}

async function rowsIn(pg: string): Promise<number> {
  const db = await PGlite.create({ dataDir: pg })
  const counts = await countTables(pgliteSession(db))
  await db.close()
  counts.delete('schema_migrations')
  return totalOf(counts)
}

async function expectEmpty(data: string, pg: string): Promise<void> {
  const rows = await rowsIn(pg).catch(() => undefined)
  if (rows === 0) return
  const what = rows === undefined ? 'does not open' : `holds ${rows} rows`
  throw new CliError(
    'target_not_empty',
    `The database in ${data} ${what}; name another folder with --data DIR, or say --replace to remove it.`,
  )
}

/**
 * Restores `file` into the folder. The former database goes only when the restored one is right.
 *
 * @param replace whether rows that the folder holds may be removed
 * @throws CliError `backup_unreadable`, `target_not_empty`, `restore_failed`, and those of holding the folder
 */
export async function restoreFolder(
  data: string,
  file: string,
  replace: boolean,
): Promise<{ counts: Counts; more: string[] }> {
  const release = await holdFolder(data)
  const [pg, fresh, former] = ['pg', 'pg.restoring', 'pg.before'].map((name) =>
    join(resolve(data), name),
  ) as [string, string, string]
  try {
    // Cut off between the two renames below, an earlier restore left the former one beside.
    if (!existsSync(pg) && existsSync(former)) renameSync(former, pg)
    if (existsSync(pg) && !replace && !existsSync(join(data, 'creating'))) await expectEmpty(data, pg)
    rmSync(fresh, { recursive: true, force: true })
    const db = await read(file, fresh)
    const session = pgliteSession(db)
    let counts: Counts
    let more: string[]
    try {
      counts = await countTables(session)
      await migrateUp(session, loadSql())
      more = await checkSchema(session)
    } finally {
      await db.close()
    }
    rmSync(former, { recursive: true, force: true })
    if (existsSync(pg)) renameSync(pg, former)
    renameSync(fresh, pg)
    rmSync(former, { recursive: true, force: true })
    rmSync(join(data, 'creating'), { force: true })
    return { counts, more }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    release()
  }
}
