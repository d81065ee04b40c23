/** A Postgres database of a test file's own: made, migrated, logged into as the collector would, dropped. */
import { randomBytes } from 'node:crypto'
import connect, { type Options, type Sql } from 'postgres'
import { describe, inject, it } from 'vitest'
import type { TestServer } from '../../../scripts/lib/postgres.setup.ts'
import { loadSql } from '../deploy/node/sql.ts'
import { migrateUp } from '../src/storage/migrate.ts'
import { type PostgresClient, postgres, postgresSession } from '../src/storage/postgres.ts'
import type { Storage } from '../src/storage/storage.ts'

/** One database, and every way into it. */
export interface TestDatabase {
  /** As superuser. */
  url: string
  /** As `nunchi_app`, the collector's login. */
  appUrl: string
  /** A superuser's client, for questions in SQL. */
  sql: Sql
  /** As the collector, logged in as `nunchi_app`. */
  app: Storage
  /** As the owner, for administration. */
  owner: Storage
  /** Another client; ended with the rest. */
  connect(url: string, options?: Options<Record<string, never>>): Sql & PostgresClient
  /** Ends all clients and drops the database. */
  drop(): Promise<void>
}

/** Makes the database that others are copies of, unless another test file has: a copy takes a tenth of a migration's time. */
async function migrateTemplate(maker: Sql, { url, template }: TestServer): Promise<void> {
  // Of this session: all test files wait here for the first.
  await maker`select pg_advisory_lock(1)`
  const [found] = await maker`select from pg_database where datname = ${template}`
  if (!found) {
    const unfinished = `${template}_unfinished`
    await maker.unsafe(`drop database if exists ${unfinished} with (force)`)
    await maker.unsafe(`create database ${unfinished}`)
    const sql = connect(Object.assign(new URL(url), { pathname: `/${unfinished}` }).href, {
      max: 1,
      onnotice: () => {},
    })
    await migrateUp(postgresSession(sql), loadSql()).finally(() => sql.end())
    await maker.unsafe(`alter database ${unfinished} rename to ${template}`)
  }
  await maker`select pg_advisory_unlock(1)`
}

/** Makes a database on `server`; with `migrate: false` an empty one. */
export async function createDatabase(
  server: TestServer,
  { migrate = true }: { migrate?: boolean } = {},
): Promise<TestDatabase> {
  const name = `nunchi_test_${randomBytes(6).toString('hex')}`
  const clients: Sql[] = []
  const open = (url: string, options: Options<Record<string, never>> = {}): Sql & PostgresClient => {
    const client = connect(url, { max: 4, onnotice: () => {}, ...options })
    clients.push(client)
    return client as Sql & PostgresClient
  }
  const maker = open(server.url, { max: 1 })
  if (migrate) await migrateTemplate(maker, server)
  await maker.unsafe(`create database ${name}${migrate ? ` template ${server.template}` : ''}`)
  const url = Object.assign(new URL(server.url), { pathname: `/${name}` })
  const appUrl = Object.assign(new URL(url), { username: 'nunchi_app', password: 'nunchi' })
  const sql = open(url.href)
  return {
    url: url.href,
    appUrl: appUrl.href,
    sql,
    app: postgres(open(appUrl.href)),
    owner: postgres(sql, { role: 'nunchi_owner' }),
    connect: open,
    async drop() {
      await Promise.all(
        clients.filter((client) => client !== maker).map((client) => client.end({ timeout: 1 })),
      )
      await maker.unsafe(`drop database if exists ${name} with (force)`)
      await maker.end({ timeout: 1 })
    },
  }
}

/** Runs a suite once for each server that this machine has, or skips it with the reason why there is none. */
export function describePostgres(name: string, suite: (server: TestServer) => void): void {
  const { servers, missing } = inject('postgres')
  if (servers.length === 0)
    describe(name, () => {
      it('needs a Postgres server', (test) => test.skip(missing.join(' ')))
    })
  for (const server of servers) describe(`${name}, on ${server.name}`, () => suite(server))
}
