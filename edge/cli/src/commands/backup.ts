/** `nunchi backup FILE`: writes the whole database into one file, and reads it again before it says so. */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandDef } from 'citty'
import { type Counts, eventsIn, totalOf } from '../backup/counts.ts'
import { dumpPostgres } from '../backup/dump-postgres.ts'
import { dumpFolder } from '../backup/folders.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, openDatabase } from '../database/open.ts'
import { givenUrls } from '../database/urls.ts'
import { print } from '../print.ts'

const args = {
  file: { type: 'positional', required: true, description: 'The file to write; it must not be there yet' },
  ...databaseArgs,
} as const

/** Makes the file for this user alone: it holds what people did, and keys. */
function claim(file: string): string {
  if (existsSync(file))
    throw new CliError('file_exists', `${file} is there already; name another file, or move that one away.`)
  const partial = `${file}.partial`
  try {
    writeFileSync(partial, '', { mode: 0o600 })
  } catch (error) {
    throw new CliError(
      'file_exists',
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}); name a file in a folder of your own.`,
      error,
    )
  }
  return partial
}

async function dump(data: string, file: string): Promise<Counts> {
  if (!givenUrls()) {
    if (!existsSync(join(data, 'pg')))
      throw new CliError(
        'data_missing',
        `There is no database in ${data}; set DATABASE_URL, or name its folder with --data DIR.`,
      )
    return dumpFolder(data, file)
  }
  const database = await openDatabase({ data })
  try {
    return await dumpPostgres({ ...database, urls: database.urls! }, file)
  } finally {
    await database.close()
  }
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** Writes the database into a file. */
export const backup: CommandDef = command({
  meta: {
    name: 'backup',
    description: 'Write the whole database into a file, and prove that every row is in it',
  },
  args,
  async run({ args: { file, data } }) {
    const partial = claim(file)
    try {
      const counts = await dump(data, partial)
      renameSync(partial, file)
      print(
        `Wrote ${file} (${size(statSync(file).size)}): ${totalOf(counts)} rows in ${counts.size} tables, ${eventsIn(counts)} of them events.`,
      )
      print('Each table was counted in the database and in the file: they are the same.')
    } finally {
      rmSync(partial, { force: true })
    }
  },
})
