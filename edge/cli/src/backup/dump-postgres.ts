/** Dumps a Postgres with pg_dump, and believes it only when the archive's counts are the database's. */

import { CliError } from '../cli-error.ts'
import type { Database } from '../database/open.ts'
import type { Urls } from '../database/urls.ts'
import { readArchive } from './archive.ts'
import { type Counts, countTables, expectSameCounts } from './counts.ts'
import { becomeDumper } from './dumper.ts'
import { type Program, pgDumpFor, pgRestoresFor } from './find-program.ts'
import { libpq } from './libpq.ts'
import { ProgramError, runProgram } from './program.ts'

async function dump(program: Program, { admin }: Urls, more: string[], file: string): Promise<void> {
  const { args, env } = libpq(admin)
  try {
    await runProgram(program.path, {
      // Whoever moves the months just now is waited for, but not for ever.
      args: [
        '--format=custom',
        '--schema=nunchi',
        '--lock-wait-timeout=60s',
        `--file=${file}`,
        ...more,
        ...args,
      ],
      env,
    })
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    throw new CliError('backup_failed', `pg_dump stopped: ${error.message}.`, error)
  }
}

/**
 * Writes the dump. One snapshot serves both the counts and pg_dump, so that they speak of the same moment
 * while events go on arriving.
 *
 * @returns the rows that the file holds, table by table
 * @throws CliError `program_missing`, `backup_failed`, `database_not_migrated`
 */
export async function dumpPostgres(
  { session, urls }: Database & { urls: Urls },
  file: string,
): Promise<Counts> {
  const { counted, server } = await session.transaction(async (tx) => {
    await tx.exec(`set transaction isolation level repeatable read, read only;
      set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`)
    const { role, server } = await becomeDumper(tx)
    const program = pgDumpFor(server)
    const [exported] = await tx.query('select pg_export_snapshot() as snapshot')
    const counted = await countTables(tx)
    if (counted.size === 0)
      throw new CliError(
        'database_not_migrated',
        'The database has no nunchi schema yet; there is nothing to back up.',
      )
    const as = role ? [`--role=${role}`, '--enable-row-security'] : []
    await dump(program, urls, [`--snapshot=${exported?.['snapshot']}`, ...as], file)
    return { counted, server }
  })
  const { counts } = await readArchive(file, pgRestoresFor(server))
  expectSameCounts(counted, counts, 'backup_failed', 'The dump')
  return counts
}
