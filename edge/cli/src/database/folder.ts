/** A local database folder: made, locked to one process, and opened with PGlite. */
import { PGlite } from '@electric-sql/pglite'
import { FolderError, lockFolder, type OpenFolder, openFolder as openAny } from '@nunchi/collector/node'
import { CliError } from '../cli-error.ts'

/** A folder's open database; `close()` writes everything out and lets go of the lock. */
export type Folder = OpenFolder<PGlite>

/** A folder's fault with the remedy that the command line has; other errors come back as they are. */
function explainFolder(error: unknown): unknown {
  if (!(error instanceof FolderError)) return error
  return new CliError(
    error.code,
    `${error.message}, or choose another folder with --data DIR or NUNCHI_DATA=DIR.`,
    error,
  )
}

/**
 * Opens the database in `directory`, making it where there is none.
 *
 * @throws CliError `data_unwritable`, `data_locked`, `data_broken`
 */
export async function openFolder(directory: string): Promise<Folder> {
  try {
    return await openAny(directory, (dataDir) => PGlite.create({ dataDir }))
  } catch (error) {
    throw explainFolder(error)
  }
}

/**
 * Takes the folder for this process without opening what is in it, making it where there is none.
 *
 * @returns lets go of it
 * @throws CliError `data_unwritable`, `data_locked`, `data_broken`
 */
export async function holdFolder(directory: string): Promise<() => void> {
  try {
    return await lockFolder(directory)
  } catch (error) {
    throw explainFolder(error)
  }
}
