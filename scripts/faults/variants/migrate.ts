/** A runner of migrations whose last one takes its time: node migrate.ts URL NAME [no-transaction] */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { loadSql } from '../../../edge/collector/deploy/node/sql.ts'
import { migrateUp } from '../../../edge/collector/src/storage/migrate.ts'
import type { MigrationSession } from '../../../edge/collector/src/storage/migration.ts'
import { type PostgresClient, postgresSession } from '../../../edge/collector/src/storage/postgres.ts'

const load = createRequire(join(import.meta.dirname, '../../../edge/collector/package.json'))
const postgres = (await import(load.resolve('postgres'))) as {
  default(url: string, options: object): PostgresClient & { end(): Promise<void> }
}
const [url = '', name, without] = process.argv.slice(2)
const source = loadSql()
const next = {
  version: source.migrations.length + 1,
  name: 'next',
  up: `alter table nunchi.analytics_events add column half_way text;
       select pg_sleep(4) as half_way`,
  down: 'alter table nunchi.analytics_events drop column half_way',
}

const client = postgres.default(url, {
  max: 1,
  onnotice: () => {},
  connection: { application_name: name },
})
const session = postgresSession(client)
/** Every statement for itself. */
const loose: MigrationSession = { ...session, transaction: (work) => work(loose) }
await migrateUp(without === 'no-transaction' ? loose : session, {
  ...source,
  migrations: [...source.migrations, next],
})
await client.end()
