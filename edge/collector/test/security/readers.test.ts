/** Readers on a real Postgres: what a login of nunchi_reader sees through the views, and that nothing else opens. */
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../postgres.ts'
import { fillProject } from './reader-rows.ts'

const logins = ['nunchi_test_reader_a', 'nunchi_test_reader_b', 'nunchi_test_reader_none'] as const

const names = async (sql: Sql, query: string) => (await sql.unsafe(query)).map((row) => row['name'] as string)
const views = `select c.relname::text as name from pg_class c
  where c.relnamespace = 'nunchi_data'::regnamespace and c.relkind = 'v' order by 1`

describePostgres('a reader', (server) => {
  let db: TestDatabase
  let a: string
  let b: string
  let readers: [Sql, Sql, Sql]

  beforeAll(async () => {
    db = await createDatabase(server)
    await db.app.call('make_partitions', { months: 6 })
    a = await fillProject(db, 'A')
    b = await fillProject(db, 'B')
    for (const login of logins)
      await db.sql.unsafe(`do $$ begin create role ${login} login password 'nunchi' in role nunchi_reader;
        exception when duplicate_object or unique_violation then null; end $$`)
    await db.owner.call('set_reader', { role: logins[0], projectId: a })
    await db.owner.call('set_reader', { role: logins[1], projectId: b })
    readers = logins.map((username) =>
      db.connect(Object.assign(new URL(db.appUrl), { username }).href, { max: 1 }),
    ) as typeof readers
  })
  afterAll(() => db?.drop())

  it('security 42: sees in each view the rows of the granted project, and no other', async () => {
    const all = await names(db.sql, views)
    expect(all).toEqual(
      expect.arrayContaining(['events', 'sessions', 'people', 'pages', 'vitals', 'rejects']),
    )
    const [ofA, ofB, ofNone] = readers
    for (const view of all) {
      const seen = async (sql: Sql) =>
        names(sql, `select distinct project_id::text as name from nunchi_data.${view}`)
      expect(await seen(ofA), view).toEqual([a])
      expect(await seen(ofB), view).toEqual([b])
      expect(await seen(ofNone), view).toEqual([])
    }
  })

  it('security 42: sees so through the functions of time too, whatever project they are asked for', async () => {
    const functions = await names(
      db.sql,
      `select proname::text as name from pg_proc where pronamespace = 'nunchi_data'::regnamespace and proname ~ '_between$' order by 1`,
    )
    expect(functions).toHaveLength(7)
    for (const fn of functions) {
      const count = async (project: string) =>
        (
          await readers[0].unsafe(
            `select count(*)::int as n from nunchi_data.${fn}('${project}', '1970-01-02', '2100-01-01')`,
          )
        )[0]?.['n']
      expect(await count(a), fn).toBeGreaterThan(0)
      expect(await count(b), fn).toBe(0)
    }
  })

  it('security 43: names no table, no partition and no key, and calls no function of nunchi', async () => {
    const tables = await names(
      db.sql,
      `select c.relname::text as name from pg_class c where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')`,
    )
    expect(tables).toEqual(expect.arrayContaining(['api_keys', 'reader_grants', 'analytics_events_default']))
    for (const table of tables)
      await expect(readers[0].unsafe(`select from nunchi.${table}`), table).rejects.toMatchObject({
        code: '42501',
      })
    for (const call of [`list_keys('{}')`, `set_reader('{}')`, `ingest('{}')`, 'reader_projects()'])
      await expect(readers[0].unsafe(`select nunchi.${call}`), call).rejects.toMatchObject({ code: '42501' })
  })

  it('security 43: writes nothing', async () => {
    // A view of joins or groups cannot be written at all (55000); the plain ones are not granted.
    for (const view of await names(db.sql, views))
      for (const verb of [
        `insert into nunchi_data.${view} (project_id) values ('${a}')`,
        `update nunchi_data.${view} set project_id = project_id`,
        `delete from nunchi_data.${view}`,
      ])
        await expect(readers[0].unsafe(verb), verb).rejects.toMatchObject({ code: /^(42501|55000)$/ })
    await expect(readers[0].unsafe('create view nunchi_data.mine as select 1')).rejects.toMatchObject({
      code: '42501',
    })
  })

  it('security 44: is who logged in: no setting and no role makes it another', async () => {
    const [ofA, , ofNone] = readers
    for (const attempt of [
      `set session authorization ${logins[1]}`,
      `set role ${logins[1]}`,
      'set role nunchi_owner',
      'set role nunchi_app',
    ])
      await expect(ofA.unsafe(attempt), attempt).rejects.toMatchObject({ code: '42501' })
    for (const setting of ['request.jwt.claims', 'nunchi.reader', 'nunchi.project_id', 'session_user'])
      await ofNone.unsafe(`select set_config($1, $2, false)`, [setting, a]).catch(() => {})
    await ofNone.unsafe('set role nunchi_reader')
    expect(await ofNone.unsafe('select from nunchi_data.events')).toHaveLength(0)
    await ofNone.unsafe('reset role')
  })

  it('security 42: sees no more where an administrator has granted all tables by mistake', async () => {
    await db.sql.unsafe(`grant usage on schema nunchi to nunchi_reader;
      grant all on all tables in schema nunchi to nunchi_reader`)
    const tables = await names(
      db.sql,
      `select c.relname::text as name from pg_class c where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')`,
    )
    const seen: { [table: string]: number } = {}
    for (const table of tables) {
      const rows = await readers[0].unsafe(`select to_jsonb(t)::text as row from nunchi.${table} t`)
      for (const { row } of rows) expect(row, table).not.toContain(b)
      if (rows.length > 0) seen[table] = rows.length
      const gone = await readers[0].unsafe(`delete from nunchi.${table}`).catch(() => ({ count: 0 }))
      expect(gone.count, table).toBe(0)
    }
    await db.sql.unsafe(`revoke usage on schema nunchi from nunchi_reader`)
    expect(Object.keys(seen)).toEqual(expect.arrayContaining(['analytics_events', 'sessions']))
    for (const closed of [
      'api_keys',
      'reader_grants',
      'audit_log',
      'project_members',
      'analytics_events_default',
    ])
      expect(seen[closed], closed).toBeUndefined()
  })

  it('security 42: sees nothing any more once the grant is taken back, and the deed is on record', async () => {
    await db.owner.call('set_reader', { role: logins[2], projectId: b })
    expect((await readers[2].unsafe('select from nunchi_data.events')).length).toBeGreaterThan(0)
    await db.owner.call('set_reader', { role: logins[2], projectId: b, granted: false, actor: 'cli:ops' })
    expect(await readers[2].unsafe('select from nunchi_data.events')).toHaveLength(0)
    const [row] = await db.sql`select actor, action, subject from nunchi.audit_log order by id desc limit 1`
    expect(row).toEqual({ actor: 'cli:ops', action: 'reader.remove', subject: logins[2] })
  })

  describe('its questions', () => {
    const plan = async (query: string) =>
      (await readers[0].unsafe(`explain (costs off) ${query}`)).map((row) => row['QUERY PLAN']).join('\n')
    const month = (n: number, day = 10) => {
      const now = new Date()
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, day)).toISOString()
    }
    const partition = (n: number) => `analytics_events_${month(n).slice(0, 7).replace('-', '_')}`
    /** Reads by the index of suspect clocks are on every partition, and cost next to nothing. */
    const whole = (text: string) =>
      [
        ...text.matchAll(/(?:Seq Scan|Index Scan using \S*pkey|Bitmap Heap Scan) on (analytics_events_\w+)/g),
      ].map(([, n]) => n!)

    it.each(['events', 'pages', 'vitals', 'conversions', 'features', 'revenue', 'all_events'])(
      'of one month open that month and no other, in %s_between()',
      async (view) => {
        const query = `select count(*) from nunchi_data.${view}_between('${a}', '${month(1)}', '${month(1, 20)}')`
        expect(new Set(whole(await plan(query)).filter((name) => !/default/.test(name)))).toEqual(
          new Set([partition(1)]),
        )
      },
    )

    it('of one month do so with times that are known only when it runs', async () => {
      const between = `nunchi_data.events_between('${a}', now() - interval '1 day', now())`
      const open = whole(await plan(`select count(*) from ${between}`))
      expect(open).toContain(partition(0))
      expect(open.filter((name) => /_\d{4}_\d\d$/.test(name) && name > partition(1))).toEqual([])
      await readers[0].unsafe(`prepare span (timestamptz, timestamptz) as
        select count(*) from nunchi_data.events_between('${a}', $1, $2)`)
      await readers[0].unsafe('set plan_cache_mode = force_generic_plan')
      const text = await plan(`execute span ('${month(1)}', '${month(1, 20)}')`)
      await readers[0].unsafe('reset plan_cache_mode')
      expect(text).toMatch(/Subplans Removed: [5-9]/)
    })

    it('without a bound open every month: the functions are what prunes', async () => {
      const text = await plan(`select count(*) from nunchi_data.events where occurred_at >= '${month(1)}'`)
      expect(new Set(whole(text)).size).toBeGreaterThan(6)
    })

    it('find events whose clocks were off, and none twice', async () => {
      const span = `('${a}', '${month(0, 1)}'::timestamptz - interval '1 year', now() + interval '1 year')`
      const ids = await names(
        readers[0],
        `select id::text as name from nunchi_data.all_events_between${span}`,
      )
      const all = await names(readers[0], `select id::text as name from nunchi_data.all_events`)
      expect(ids.toSorted()).toEqual(all.toSorted())
      expect(new Set(ids).size).toBe(ids.length)
    })

    it('leave out all that resolves people where no person is asked for', async () => {
      for (const from of ['events', `events_between('${a}', '${month(0, 1)}', '${month(1, 1)}')`])
        expect(await plan(`select count(*) from nunchi_data.${from}`)).not.toMatch(/identities|aliases/)
      expect(await plan(`select count(distinct person_id) from nunchi_data.events`)).toMatch(/identities/)
    })

    it('security 47: use the key of the project, with what one may read asked once', async () => {
      await db.sql.unsafe('analyze nunchi.analytics_events')
      const text = await plan(
        `select count(*) from nunchi_data.events_between('${a}', '${month(0, 1)}', '${month(1, 1)}')`,
      )
      expect(text).toMatch(/InitPlan/)
      expect(text).not.toMatch(/SubPlan/)
    })
  })
})
