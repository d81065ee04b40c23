/** `nunchi restore FILE`: makes a database from a backup, all of it or none, and checks what it made. */
import type { CommandDef } from 'citty'
import { backupKind } from '../backup/archive.ts'
import { type Counts, eventsIn, totalOf } from '../backup/counts.ts'
import { restoreFolder } from '../backup/folders.ts'
import { restorePostgres } from '../backup/restore-postgres.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, openDatabase } from '../database/open.ts'
import { givenUrls } from '../database/urls.ts'
import { dim, print } from '../print.ts'

const args = {
  file: { type: 'positional', required: true, description: 'What nunchi backup wrote' },
  replace: {
    type: 'boolean',
    description: 'Removes what the database holds of nunchi, once the restored one is right',
  },
  ...databaseArgs,
} as const

async function restoreFile(
  file: string,
  data: string,
  replace: boolean,
): Promise<{ counts: Counts; more: string[] }> {
  const kind = backupKind(file)
  if (!givenUrls()) {
    if (kind === 'folder') return restoreFolder(data, file, replace)
    throw new CliError(
      'usage',
      `${file} is the backup of a Postgres; name the one to restore into in DATABASE_URL.`,
    )
  }
  if (kind === 'folder')
    throw new CliError(
      'usage',
      `${file} is the backup of a folder; take DATABASE_URL away, and name the folder with --data DIR.`,
    )
  const database = await openDatabase({ data })
  try {
    return await restorePostgres({ ...database, urls: database.urls! }, file, replace)
  } finally {
    await database.close()
  }
}

/** Makes a database from a backup. */
export const restore: CommandDef = command({
  meta: { name: 'restore', description: 'Make a database from a backup, all of it or none, and check it' },
  args,
  async run({ args: { file, replace = false, data } }) {
    const { counts, more } = await restoreFile(file, data, replace)
    print(`Restored ${totalOf(counts)} rows in ${counts.size} tables, ${eventsIn(counts)} of them events.`)
    print('Counts, schema and row-level security are as they should be; the schema is up to date.')
    for (const line of more) print(dim(`  besides: ${line}`))
  },
})
