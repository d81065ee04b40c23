/** Restores an archive into a Postgres: all of it, checked, or none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MigrationSession } from '@nunchi/collector'
import { loadSql } from '@nunchi/collector/node'
import { CliError } from '../cli-error.ts'
import { explainDatabaseError } from '../database/explain.ts'
import type { Database } from '../database/open.ts'
import { bringUp } from '../database/schema.ts'
import type { Urls } from '../database/urls.ts'
import { type Archive, readArchive } from './archive.ts'
import { dropAside, putBack, recoverAside, setAside } from './aside.ts'
import { checkSchema } from './check-schema.ts'
import { type Counts, countTables, eventsIn, expectSameCounts } from './counts.ts'
import { pgRestoresFor } from './find-program.ts'
import { libpq } from './libpq.ts'
import { ProgramError, runProgram } from './program.ts'

/** What was restored. */
export interface Restored {
  counts: Counts
  /** What the schema has besides this version's own. */
  more: string[]
}

/** Runs pg_restore as the owner, in one transaction; the schema itself stands already. */
async function load({ file, program, contents }: Archive, { admin }: Urls): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-restore-'))
  try {
    const list = join(folder, 'contents')
    writeFileSync(list, contents.filter((line) => !/ SCHEMA - nunchi /.test(line)).join('\n'))
    const { args, env } = libpq(admin)
    const how = ['--single-transaction', '--exit-on-error', '--no-owner', '--role=nunchi_owner']
    await runProgram(program.path, { args: [...how, `--use-list=${list}`, ...args, file], env })
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    throw new CliError('restore_failed', `pg_restore stopped: ${error.message}.`, error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As the owner, whose policy stands on every table by then. */
const countAsOwner = (session: MigrationSession): Promise<Counts> =>
  session.transaction(async (tx) => {
    await tx.exec('set local role nunchi_owner')
    return countTables(tx)
  })

async function loadAndCheck(database: Database & { urls: Urls }, archive: Archive): Promise<string[]> {
  const { session, urls } = database
  await load(archive, urls)
  expectSameCounts(archive.counts, await countAsOwner(session), 'restore_failed', 'The restored database')
  await bringUp(database)
  const more = await checkSchema(session)
  // New months may have taken rows out of the default partition; together they are as many.
  const events = eventsIn(await countAsOwner(session))
  if (events !== eventsIn(archive.counts))
    throw new CliError('restore_failed', `Of ${eventsIn(archive.counts)} events ${events} are left.`)
  return more
}

async function serverOf(session: MigrationSession): Promise<number> {
  const [row] = await session.query(`select current_setting('server_version_num')::integer / 10000 as server`)
  return Number(row?.['server'])
}

/**
 * Restores. The roles are made first; what the database holds of nunchi's is set aside, and removed only
 * when counts, schema and row-level security of the restored one are right.
 *
 * @param replace whether rows that the database holds may be removed
 * @throws CliError `program_missing`, `backup_unreadable`, `target_not_empty`, `restore_failed`
 */
export async function restorePostgres(
  database: Database & { urls: Urls },
  file: string,
  replace: boolean,
): Promise<Restored> {
  const { session } = database
  const archive = await readArchive(file, pgRestoresFor(await serverOf(session)))
  await recoverAside(session)
  await session.transaction((tx) => tx.exec(loadSql().prelude))
  const rows = await setAside(session, replace)
  try {
    const more = await loadAndCheck(database, archive)
    await dropAside(session, rows)
    return { counts: archive.counts, more }
  } catch (error) {
    await putBack(session)
    const { code, message } = explainDatabaseError(error)
    throw new CliError(code, `${message} The database is as it was before.`, error)
  }
}
