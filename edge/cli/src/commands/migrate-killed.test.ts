/** `nunchi migrate up` as a process of its own that is killed half-way, and several of them at once. */

import { type MigrationSession, migrateUp, postgresSession } from '@nunchi/collector'
import { loadSql } from '@nunchi/collector/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { endAll, nunchi } from '../../test/running.ts'

const all = loadSql().migrations
/** In the middle: some files before it are committed, some come after. */
const middle = all[Math.floor(all.length / 2)]!
/** The first table that it makes: where a run is held up. */
const table = /create table nunchi\.(\w+)/.exec(middle.up)?.[1] ?? ''

/** While the gate is shut, whoever makes that table waits within its transaction, and cannot be told anything. */
const gate = `
  create table public.gate (shut boolean);
  insert into public.gate values (true);
  grant select on public.gate to public;
  create function public.wait_at_gate() returns event_trigger language plpgsql as $$ begin
    if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'nunchi.${table}') then
      while (select shut from public.gate) loop perform pg_sleep(0.05); end loop;
    end if;
  end $$;
  create event trigger wait_at_gate on ddl_command_end when tag in ('CREATE TABLE')
    execute function public.wait_at_gate()`

describePostgres('reliability 41: nunchi migrate up', (server) => {
  let db: TestDatabase
  beforeEach(async () => {
    db = await createDatabase(server, { migrate: false })
    await db.sql.unsafe(gate)
  })
  afterEach(async () => {
    await endAll()
    await db?.drop()
  })

  const start = () => nunchi(['migrate', 'up'], { DATABASE_URL: db.appUrl, NUNCHI_MIGRATE_URL: db.url })
  const open = () => db.sql`update public.gate set shut = false`
  const count = async (query: string) =>
    Number((await db.sql.unsafe(`select count(*) as n from ${query}`))[0]?.['n'])
  /** Runs that stand at the gate, in the middle of the file. */
  const atGate = () => count(`pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`)
  const turns = (more = '') =>
    count(`pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and locktype = 'advisory' ${more}`)
  /** Runs that wait for the one at work. */
  const waiting = () => turns('and not granted')
  const applied = async () =>
    (await db.sql`select version from nunchi.schema_migrations order by 1`).map((row) =>
      Number(row['version']),
    )
  const before = all.filter(({ version }) => version < middle.version).map(({ version }) => version)

  it('killed by SIGKILL in the middle of a file keeps the files before, nothing of that one; a rerun finishes', async () => {
    const killed = start()
    await expect.poll(atGate, { timeout: 20_000 }).toBe(1)
    expect(await killed.end('SIGKILL')).toBe(null)
    await open()
    // Postgres ends the file, finds nobody to commit it for, and takes it back.
    await expect.poll(atGate, { timeout: 20_000 }).toBe(0)
    await expect.poll(() => turns(), { timeout: 20_000 }).toBe(0)
    expect(await applied()).toEqual(before)
    expect(await count(`pg_class where oid = to_regclass('nunchi.${table}')`)).toBe(0)

    const rerun = start()
    expect(await rerun.code).toBe(0)
    expect(rerun.text()).toMatch(new RegExp(`^applied {2}0*${middle.version}_`))
    expect(await applied()).toEqual(all.map(({ version }) => version))
    expect(await db.app.call('health', {})).toMatchObject({ ok: true })
    const idle = start()
    expect([await idle.code, idle.text()]).toEqual([0, expect.not.stringContaining('applied')])
  })

  it('run by three at once is run by one: the others wait, also for one that was killed, and one goes on', async () => {
    const first = start()
    await expect.poll(atGate, { timeout: 20_000 }).toBe(1)
    const others = [start(), start()]
    await expect.poll(waiting, { timeout: 20_000 }).toBe(2)
    await first.end('SIGKILL')
    expect(await waiting()).toBe(2)
    await open()
    expect(await Promise.all(others.map(({ code }) => code))).toEqual([0, 0])
    const lines = others.flatMap(({ text }) => text().match(/^applied .*$/gm) ?? [])
    expect(lines).toHaveLength(all.length - before.length)
    expect(new Set(lines).size).toBe(lines.length)
    expect(await applied()).toEqual(all.map(({ version }) => version))
  })

  it('as a control: who does not wait for the other gets in its way', async () => {
    const first = start()
    await expect.poll(atGate, { timeout: 20_000 }).toBe(1)
    const session = postgresSession(db.connect(db.url, { max: 1 }))
    const hasty = (inner: MigrationSession): MigrationSession => ({
      ...inner,
      query: async (text, params) =>
        text.includes('pg_advisory_xact_lock') ? [] : inner.query(text, params),
      // It fails by the first one's lock either way; each of its tries need not wait for long.
      exec: (script) => inner.exec(script.replace("lock_timeout = '2s'", "lock_timeout = '50ms'")),
      transaction: (work) => inner.transaction((one) => work(hasty(one))),
    })
    await expect(migrateUp(hasty(session), loadSql())).rejects.toThrow(/failed and was rolled back/)
    await open()
    expect(await first.code).toBe(0)
  })
})
