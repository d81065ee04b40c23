/** A local database folder: made, locked to one process, and opened with PGlite. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import { CliError } from '../cli-error.ts'

/** A folder's open database; `close()` writes everything out and lets go of the lock. */
export interface Folder {
  db: PGlite
  close(): Promise<void>
}

const shown = (dir: string): string => {
  const path = relative(process.cwd(), dir)
  return path !== '' && !path.startsWith('..') && !isAbsolute(path) ? path : dir
}

function make(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, '.gitignore'), '*\n')
  } catch (error) {
    throw new CliError(
      'data_unwritable',
      `The database folder ${shown(dir)} cannot be written (${(error as NodeJS.ErrnoException).code ?? error}); choose a folder of your own with --data DIR or NUNCHI_DATA=DIR.`,
      error,
    )
  }
}

function holder(dir: string): string {
  try {
    return `process ${Number(readFileSync(join(dir, 'pid'), 'utf8')) || 'unknown'}`
  } catch {
    return 'another process'
  }
}

/**
 * Takes the folder for this process. The lock is the kernel's (through SQLite), so that it dies
 * with its process: a file with a process id would outlive kill -9, and ids are used again.
 */
function lock(dir: string): () => void {
  const file = join(dir, 'lock')
  let handle: DatabaseSync | undefined
  try {
    handle = new DatabaseSync(file, { timeout: 0 })
    handle.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    handle?.close()
    if (/locked|busy/i.test(String(error)))
      throw new CliError(
        'data_locked',
        `The database folder ${shown(dir)} is in use by ${holder(dir)}; stop that one first, or choose another folder with --data DIR or NUNCHI_DATA=DIR.`,
        error,
      )
    throw new CliError(
      'data_broken',
      `The file ${shown(file)} is not a lock of nunchi's (${(error as Error).message}); delete it and run the command again.`,
      error,
    )
  }
  writeFileSync(join(dir, 'pid'), String(process.pid))
  const held = handle
  return () => held.close()
}

/** Opens (or makes) the database. A mark stands while it is first made, so that a half-made one is made again. */
async function open(dir: string): Promise<PGlite> {
  const mark = join(dir, 'creating')
  const data = join(dir, 'pg')
  if (existsSync(mark)) rmSync(data, { recursive: true, force: true })
  const fresh = !existsSync(data)
  if (fresh) writeFileSync(mark, '')
  try {
    const db = await PGlite.create({ dataDir: data })
    await db.query('select 1')
    if (fresh) rmSync(mark, { force: true })
    return db
  } catch (error) {
    throw new CliError(
      'data_broken',
      `The database in ${shown(data)} is damaged and does not open; move it away (mv ${shown(data)} ${shown(data)}.broken) or choose another folder with --data DIR or NUNCHI_DATA=DIR, and run the command again.`,
      error,
    )
  }
}

/**
 * Opens the database in `directory`, making it where there is none.
 *
 * @throws CliError `data_unwritable`, `data_locked`, `data_broken`
 */
export async function openFolder(directory: string): Promise<Folder> {
  const dir = resolve(directory)
  make(dir)
  const release = lock(dir)
  try {
    const db = await open(dir)
    return {
      db,
      async close() {
        try {
          await db.close()
        } finally {
          release()
        }
      },
    }
  } catch (error) {
    release()
    throw error
  }
}
