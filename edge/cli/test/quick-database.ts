/** A migrated database for commands that are the same on any: a server opens in an instant, a folder in half a second. */
import { join } from 'node:path'
import { inject, vi } from 'vitest'
import { migratedFolder } from '../../collector/test/migrated-pglite.ts'
import { createDatabase } from '../../collector/test/postgres.ts'

/** What to say behind a command so that it takes the database, and how to let go of it. */
export interface QuickDatabase {
  data: string[]
  drop(): Promise<void>
}

/** Makes one: on this machine's first server, or below `directory` where there is none. Sets the environment for it. */
export async function quickDatabase(directory: string): Promise<QuickDatabase> {
  const [server] = inject('postgres').servers
  const database = server && (await createDatabase(server))
  const folder = join(directory, 'db')
  if (!database) await migratedFolder(folder)
  vi.stubEnv('DATABASE_URL', database?.url ?? '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  return {
    data: database ? [] : ['--data', folder],
    async drop() {
      vi.unstubAllEnvs()
      await database?.drop()
    },
  }
}
