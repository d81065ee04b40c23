import { randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSql } from '../../deploy/node/sql.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { migrateDown, migrateUp, migrationStatus } from './migrate.ts'
import type { MigrationSession, SqlSource } from './migration.ts'
import { pgliteSession } from './pglite.ts'
import { postgres, postgresSession } from './postgres.ts'

const source = loadSql()
const newest = source.migrations.at(-1)!.version

/** The files with one more migration at the end. */
const withMigration = (up: string, name = 'more'): SqlSource => ({
  ...source,
  migrations: [...source.migrations, { version: newest + 1, name, up, down: 'select 1' }],
})

async function upDownUp(
  session: MigrationSession,
  fill: () => Promise<unknown>,
  count: () => Promise<unknown>,
): Promise<void> {
  expect((await migrateUp(session, source)).map((done) => done.version)).toEqual(
    source.migrations.map((m) => m.version),
  )
  expect(await migrateUp(session, source)).toEqual([])
  await fill()
  expect(await count()).toBe(1)
  expect((await migrateDown(session, source, source.migrations.length)).map((done) => done.version)).toEqual(
    source.migrations.map((m) => m.version).reverse(),
  )
  expect(await migrateDown(session, source, 1)).toEqual([])
  expect((await migrationStatus(session, source)).filter((state) => state.appliedAt)).toEqual([])
  await migrateUp(session, source)
  expect(await count()).toBe(0)
  await fill()
  expect(await count()).toBe(1)
}

const fillSql = `insert into nunchi.projects (id, name) values (gen_random_uuid(), 'p');
  insert into nunchi.event_rejects select id, 'b', 0, null, 'event_malformed', 'd', 'e', 1, now() from nunchi.projects`
const countSql = 'select count(*)::int as n from nunchi.event_rejects'

describe('migrations on PGlite', () => {
  it('go up, down and up again, with data', async () => {
    const db = await PGlite.create()
    const session = pgliteSession(db)
    await upDownUp(
      session,
      () => db.exec(fillSql),
      async () => (await session.query(countSql))[0]?.['n'],
    )
    await db.close()
  })
})

describePostgres('migrations', (server) => {
  let db: TestDatabase
  const fresh = () => createDatabase(server, { migrate: false })
  const open: TestDatabase[] = []
  const another = async () => {
    const made = await fresh()
    open.push(made)
    return made
  }
  beforeAll(async () => {
    db = await createDatabase(server)
  })
  afterAll(() => Promise.all([db, ...open].map((one) => one?.drop())))

  it('go up, down and up again, with data', async () => {
    const { sql } = await another()
    await upDownUp(
      postgresSession(sql),
      () => sql.unsafe(fillSql),
      async () => (await sql.unsafe(countSql))[0]?.['n'],
    )
  })

  it('go down by steps, newest first', async () => {
    const { sql } = await another()
    await migrateUp(postgresSession(sql), source)
    const last = source.migrations.at(-1)!
    expect((await migrateDown(postgresSession(sql), source, 1)).map((done) => done.name)).toEqual([last.name])
    const status = await migrationStatus(postgresSession(sql), source)
    expect(status.filter((state) => !state.appliedAt).map(({ version }) => version)).toEqual([last.version])
    await expect(sql.unsafe('select from nunchi.projects')).resolves.toBeDefined()
  })

  it('are run once by two runners at once: one waits', async () => {
    const { sql, url, connect } = await another()
    const runs = await Promise.all(
      [sql, connect(url), connect(url)].map((client) => migrateUp(postgresSession(client), source)),
    )
    expect(
      runs
        .flat()
        .map((done) => done.version)
        .sort((a, b) => a - b),
    ).toEqual(source.migrations.map((m) => m.version))
  })

  it('run on a client that asks for no types and has not connected yet', async () => {
    const { url, connect } = await another()
    const fresh = connect(url, { fetch_types: false })
    expect(await migrateUp(postgresSession(fresh), source)).toHaveLength(source.migrations.length)
  })

  it('killed half-way leave nothing of the unfinished file, and a rerun finishes', async () => {
    const { sql, url, connect } = await another()
    const slow = withMigration('create table nunchi.half (); select pg_sleep(30)', 'slow')
    const victim = connect(url, { max: 1, connection: { application_name: 'victim' } })
    const killed = migrateUp(postgresSession(victim), slow).catch((error: Error) => error)
    await expect
      .poll(
        () =>
          sql.unsafe(
            `select from pg_stat_activity where application_name = 'victim' and query like '%pg_sleep(30)%'`,
          ),
        { timeout: 15_000 },
      )
      .toHaveLength(1)
    await sql.unsafe(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`,
    )
    expect(await killed).toBeInstanceOf(Error)
    const missing = (await migrationStatus(postgresSession(sql), slow)).filter((state) => !state.appliedAt)
    expect(missing.map(({ name }) => name)).toEqual(['slow'])
    const rerun = withMigration('create table nunchi.half ()', 'slow')
    expect((await migrateUp(postgresSession(sql), rerun)).map((done) => done.name)).toEqual(['slow'])
  })

  it('name the file that fails, keep nothing of it, and keep what went before', async () => {
    const { sql } = await another()
    const broken = withMigration('create table nunchi.half (); select 1/0', 'broken')
    await expect(migrateUp(postgresSession(sql), broken)).rejects.toThrow(
      `Migration ${String(newest + 1).padStart(4, '0')}_broken (up) failed and was rolled back: division by zero. Mend the cause and run migrate again.`,
    )
    const [row] = await sql.unsafe(
      `select to_regclass('nunchi.half') as half, max(version) as version from nunchi.schema_migrations`,
    )
    expect(row).toEqual({ half: null, version: newest })
  })

  it('refuse a file that was changed after it was applied', async () => {
    const [first, ...rest] = source.migrations
    const changed = { ...source, migrations: [{ ...first!, up: `${first!.up}\n-- changed` }, ...rest] }
    for (const run of [migrateUp, migrateDown])
      await expect(run(postgresSession(db.sql), changed, 1)).rejects.toThrow(
        'Migration 1 (tenants) was changed after it was applied to this database. Restore sql/migrations/0001_tenants.up.sql as it was and put the change into a new migration.',
      )
  })

  it('do not mind other line endings', async () => {
    const windows = {
      ...source,
      migrations: source.migrations.map((m) => ({ ...m, up: m.up.replaceAll('\n', '\r\n') })),
    }
    expect(await migrateUp(postgresSession(db.sql), windows)).toEqual([])
  })

  it('refuse a database that is newer than they are', async () => {
    const older = { ...source, migrations: source.migrations.slice(0, -1) }
    const { version, name } = source.migrations.at(-1)!
    await expect(migrateUp(postgresSession(db.sql), older)).rejects.toThrow(
      `has migration ${version} (${name}), which this version of nunchi does not know. Run the newer version`,
    )
  })

  it('bring functions that were changed by hand back to what the files say', async () => {
    await db.sql.unsafe(
      `create or replace function nunchi.health(args jsonb) returns jsonb language sql as $$ select '{"ok":false}'::jsonb $$`,
    )
    await migrateUp(postgresSession(db.sql), source)
    expect(await postgres(db.sql).call('health', {})).toMatchObject({ ok: true, version: newest })
  })

  it('make the roles once, also where several databases of the cluster are first migrated at the same moment', async () => {
    const racers = `race_${randomBytes(4).toString('hex')}_`
    const roles = source.prelude.slice(0, source.prelude.indexOf('$$;') + 3).replaceAll('nunchi_', racers)
    const databases = await Promise.all(Array.from({ length: 6 }, another))
    await Promise.all(databases.map(({ sql }) => sql.unsafe(roles)))
    const [row] = await db.sql.unsafe(`
      select count(*)::int as roles, (select count(*)::int from pg_auth_members m join pg_roles r on r.oid = m.roleid where r.rolname like '${racers}%') as grants
      from pg_roles where rolname like '${racers}%'`)
    expect(row).toEqual({ roles: 4, grants: 1 })
    await db.sql.unsafe(`drop role ${racers}app, ${racers}member, ${racers}reader, ${racers}owner`)
  })
})
