/** A folder with a PGlite: made, locked to one process, and opened. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'

/** Why a folder cannot be had. */
export type FolderFault = 'data_locked' | 'data_broken' | 'data_unwritable'

/** Thrown where a folder cannot be had. Its message says what to do, but for naming another folder; without a full stop. */
export class FolderError extends Error {
  override name = 'FolderError'
  readonly code: FolderFault

  constructor(code: FolderFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** What an opened folder needs of a PGlite. */
export interface FolderClient {
  query(text: string): Promise<unknown>
  close(): Promise<void>
}

/** A folder's open database; `close()` writes everything out and lets go of the lock. */
export interface OpenFolder<Client extends FolderClient> {
  db: Client
  close(): Promise<void>
}

const shown = (path: string): string => {
  const near = relative(process.cwd(), path)
  return near !== '' && !near.startsWith('..') && !isAbsolute(near) ? near : path
}

function make(dir: string): void {
  // Somebody names the database itself: its folder, with the lock, is the one around it.
  if (existsSync(join(dir, 'PG_VERSION')))
    throw new FolderError(
      'data_broken',
      `${shown(dir)} is the inside of a database folder; name the folder around it`,
    )
  try {
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, '.gitignore'), '*\n')
  } catch (error) {
    throw new FolderError(
      'data_unwritable',
      `The database folder ${shown(dir)} cannot be written (${(error as NodeJS.ErrnoException).code ?? error}); give this user the right to`,
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
 * Makes the folder where there is none, and takes it for this process. The lock is the kernel's (through
 * SQLite), so that it dies with its process: a file with a process id would outlive kill -9, and ids are
 * used again.
 *
 * @returns lets go of it
 * @throws FolderError
 */
export async function lockFolder(directory: string): Promise<() => void> {
  const dir = resolve(directory)
  make(dir)
  // Only now: whoever uses a Postgres needs no SQLite, and hears nothing of its being experimental.
  const { DatabaseSync } = await import('node:sqlite')
  const file = join(dir, 'lock')
  let handle: InstanceType<typeof DatabaseSync> | undefined
  try {
    handle = new DatabaseSync(file, { timeout: 0 })
    handle.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    handle?.close()
    if (/locked|busy/i.test(String(error)))
      throw new FolderError(
        'data_locked',
        `The database folder ${shown(dir)} is in use by ${holder(dir)}; stop that one first`,
        error,
      )
    throw new FolderError(
      'data_broken',
      `The file ${shown(file)} is not a lock of nunchi's (${(error as Error).message}); delete it`,
      error,
    )
  }
  writeFileSync(join(dir, 'pid'), String(process.pid))
  const held = handle
  return () => held.close()
}

/** Opens (or makes) the database. A mark stands while it is first made, so that a half-made one is made again. */
async function open<Client extends FolderClient>(
  dir: string,
  create: (dataDir: string) => Promise<Client>,
): Promise<Client> {
  const mark = join(dir, 'creating')
  const data = join(dir, 'pg')
  if (existsSync(mark)) rmSync(data, { recursive: true, force: true })
  const fresh = !existsSync(data)
  if (fresh) writeFileSync(mark, '')
  try {
    const db = await create(data)
    await db.query('select 1')
    if (fresh) rmSync(mark, { force: true })
    return db
  } catch (error) {
    throw new FolderError(
      'data_broken',
      `The database in ${shown(data)} is damaged and does not open; move it away (mv ${shown(data)} ${shown(data)}.broken)`,
      error,
    )
  }
}

/**
 * Opens the database in `directory`, making it where there is none. It stands in the folder `pg` there,
 * beside its lock.
 *
 * @param create makes or opens a PGlite in the folder that it is given
 * @throws FolderError
 */
export async function openFolder<Client extends FolderClient>(
  directory: string,
  create: (dataDir: string) => Promise<Client>,
): Promise<OpenFolder<Client>> {
  const release = await lockFolder(directory)
  try {
    const db = await open(resolve(directory), create)
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
