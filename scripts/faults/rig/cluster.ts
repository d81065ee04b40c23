/** A Postgres of this run's own that can be crashed, restarted and limited, with a fresh database for each case. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadSql } from '../../../edge/collector/deploy/node/sql.ts'
import { migrateUp } from '../../../edge/collector/src/storage/migrate.ts'
import { type PostgresClient, postgresSession } from '../../../edge/collector/src/storage/postgres.ts'
import { embeddedBin, systemBin } from '../../lib/postgres-binaries.ts'
import { startPostgres } from '../../lib/postgres-server.ts'

/** A row by column name. */
export type Row = Record<string, unknown>

/** A superuser's client of postgres.js. */
export interface Client extends PostgresClient {
  unsafe(text: string, params?: string[], options?: { prepare?: boolean }): Promise<Row[]>
}

/** A server and its databases. */
export interface Cluster {
  /** Such as `Postgres 15.18`. */
  label: string
  port: number
  /** A client of the superuser; end it. */
  connect(database: string): Client
  /** Asks one thing as the superuser. */
  ask(database: string, text: string, params?: string[]): Promise<Row[]>
  /** Makes a migrated database. */
  create(database: string): Promise<void>
  drop(database: string): Promise<void>
  /** Looks up every process of the server. @returns kills them all at once, as a power cut of the process would */
  aim(): Promise<() => Promise<void>>
  /** Stops it in order; it can be started again. */
  down(): Promise<void>
  /** Starts it where it does not run. */
  up(): Promise<void>
  stop(): Promise<void>
}

const template = 'nunchi_template'
const load = createRequire(join(import.meta.dirname, '../../../edge/collector/package.json'))

/**
 * Starts one, from the system's binaries or the registry's.
 *
 * @param parent where its data goes; the system's temporary folder by default
 */
export async function startCluster(parent?: string): Promise<Cluster> {
  const bin = systemBin() ?? embeddedBin()
  if (!bin) throw new Error('The bench needs a Postgres: install one (Debian: apt-get install postgresql).')
  // The longest delay that Postgres allows: what `synchronous_commit=off` may lose is then lost for certain.
  const settings = ['wal_writer_delay=10000ms', 'autovacuum=off']
  const server = await startPostgres(bin, { settings, ...(parent === undefined ? {} : { parent }) })
  const postgres = (await import(load.resolve('postgres'))) as {
    default: (url: string, options: object) => Client
  }

  const connect: Cluster['connect'] = (database) => {
    const url = Object.assign(new URL(server.url), { pathname: `/${database}` }).href
    return postgres.default(url, { max: 1, connect_timeout: 5, onnotice: () => {}, prepare: false })
  }
  const ask: Cluster['ask'] = async (database, text, params = []) => {
    const client = connect(database)
    // postgres.js never settles a short query whose connection is lost before it is written (porsager/postgres#1208).
    const late = new AbortController()
    const tooLong = sleep(10_000, undefined, { signal: late.signal, ref: false }).then(() => {
      throw new Error(`The bench's own question was not answered: ${text.slice(0, 60)}`)
    })
    try {
      return [...(await Promise.race([client.unsafe(text, params), tooLong]))]
    } finally {
      tooLong.catch(() => {})
      late.abort()
      client.end({ timeout: 1 }).catch(() => {})
    }
  }
  let isUp = true
  const up = async () => {
    if (isUp) return
    // The memory that a crashed server shared is free only once the last of its processes is gone.
    for (let attempt = 1; ; attempt++)
      try {
        await server.start()
        isUp = true
        return
      } catch (error) {
        if (attempt === 20) throw error
        await sleep(250)
      }
  }

  await ask('postgres', `create database ${template}`)
  const first = connect(template)
  await migrateUp(postgresSession(first), loadSql())
  await first.end({ timeout: 1 })
  await ask('postgres', `alter role nunchi_app password 'nunchi'`)
  const [row] = await ask(
    'postgres',
    `select split_part(current_setting('server_version'), ' ', 1) as version`,
  )

  return {
    label: `Postgres ${row?.['version']}`,
    port: Number(new URL(server.url).port),
    connect,
    ask,
    async create(database) {
      await ask('postgres', `create database ${database} template ${template}`)
    },
    async drop(database) {
      await ask('postgres', `drop database if exists ${database} with (force)`)
    },
    async aim() {
      const rows = await ask('postgres', 'select pid from pg_stat_activity')
      return async () => {
        isUp = false
        const gone = server.end('SIGKILL')
        for (const { pid } of rows)
          try {
            process.kill(Number(pid), 'SIGKILL')
          } catch {
            // It has ended by itself.
          }
        await gone
      }
    },
    down() {
      isUp = false
      return server.end('SIGINT')
    },
    up,
    stop: () => server.stop(),
  }
}
