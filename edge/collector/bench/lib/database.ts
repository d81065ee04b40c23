/** A Postgres of a bench's own, migrated, with a project and a public key, logged into as the collector would. */
import { createHash } from 'node:crypto'
import { createKey } from '@nunchi/protocol'
import connect, { type Options, type Sql } from 'postgres'
import { embeddedBin, systemBin } from '../../../../scripts/lib/postgres-binaries.ts'
import { startPostgres } from '../../../../scripts/lib/postgres-server.ts'
import { loadSql } from '../../deploy/node/sql.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { type PostgresClient, postgres, postgresSession } from '../../src/storage/postgres.ts'

/** A running server with nunchi's schema. */
export interface BenchDatabase {
  /** Such as `Postgres 18.4`. */
  label: string
  /** As `nunchi_app`, the collector's login. */
  appUrl: string
  /** A superuser's client. */
  sql: Sql & PostgresClient
  projectId: string
  /** A public key of the project. */
  key: string
  keyHash: string
  keyId: number
  /** Another client, of one connection; ended with the rest. `hear` is told what the server has to say. */
  open(url?: string, hear?: (message: string) => void): Sql & PostgresClient
  /** Bytes of write-ahead log since `since` (an earlier answer's `at`), and full-page images in all so far. */
  wal(since?: string): Promise<{ at: string; bytes: number; images: number }>
  stop(): Promise<void>
}

/** Room enough that no checkpoint falls into a measurement; durability is Postgres' default. */
export const settings: string[] = ['shared_buffers=256MB', 'max_wal_size=8GB', 'checkpoint_timeout=1h']

const options: Options<Record<string, never>> = { onnotice: () => {} }

async function makeKey(
  sql: Sql & PostgresClient,
): Promise<{ projectId: string; key: string; keyId: number }> {
  const owner = postgres(sql, { role: 'nunchi_owner' })
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: 'Bench' })
  const key = createKey('pub')
  const { keyId } = await owner.call<{ keyId: number }>('create_key', {
    projectId,
    environment: 'production',
    kind: 'pub',
    hash: hashOf(key),
    hint: key.slice(-6),
    plain: key,
    // A bench asks how much can be done, not how much is allowed.
    rateLimit: 100_000,
  })
  return { projectId, key, keyId: Number(keyId) }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/**
 * Starts one.
 *
 * @param which `embedded` (the registry's) or `system`; without it the first that the machine has
 * @throws where the machine has none
 */
export async function startDatabase(which = ''): Promise<BenchDatabase> {
  const bins: Record<string, string | undefined> = { embedded: embeddedBin(), system: systemBin() }
  const bin = which ? bins[which] : (bins['embedded'] ?? bins['system'])
  if (!bin)
    throw new Error(
      `There is no ${which} Postgres server here. Install one (Debian: apt-get install postgresql).`,
    )
  const server = await startPostgres(bin, { settings })
  const clients: Sql[] = []
  const client = (url: string, max: number, hear: (message: string) => void = () => {}) => {
    const onnotice = ({ message = '' }: { message?: string }) => hear(message)
    const made = connect(url, { ...options, max, onnotice }) as Sql & PostgresClient
    clients.push(made)
    return made
  }
  const sql = client(server.url, 4)
  await migrateUp(postgresSession(sql), loadSql())
  await sql.unsafe(`alter role nunchi_app password 'nunchi'`)
  const { projectId, key, keyId } = await makeKey(sql)
  const appUrl = Object.assign(new URL(server.url), { username: 'nunchi_app', password: 'nunchi' }).href
  const [version] = await sql`select split_part(current_setting('server_version'), ' ', 1) as version`
  return {
    label: `Postgres ${version?.['version']}`,
    appUrl,
    sql,
    projectId,
    key,
    keyHash: hashOf(key),
    keyId,
    open: (url = server.url, hear) => client(url, 1, hear),
    async wal(since = '0/0') {
      const [row] = await sql`select pg_current_wal_insert_lsn()::text as at, wal_fpi::int as images,
        pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${since}::text::pg_lsn)::float8 as bytes from pg_stat_wal`
      return { at: String(row?.['at']), bytes: Number(row?.['bytes']), images: Number(row?.['images']) }
    },
    async stop() {
      await Promise.all(clients.map((one) => one.end({ timeout: 5 })))
      await server.stop()
    },
  }
}
