/** Security 41 to 46 on a real Postgres: each table × verb × role, and what pooled connections remember. */

import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectNone } from '../../../../scripts/guards/expect-none.ts'
import { postgres } from '../../src/storage/postgres.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../postgres.ts'
import { newId, someEvent } from '../rig.ts'
import { actors, type Tenants, tablesOf, tryMatrix, unknownTables } from './tenancy-matrix.ts'

const stranger = 'nunchi_test_stranger'
const reader = 'nunchi_test_reader_of_a'

/** One row of each project `p` for every table that the calls in settle() leave empty. */
const seeds = [
  `aliases select p.id, 'old', 'new', now(), gen_random_uuid()`,
  `audit_log (project_id, actor, action, subject) select p.id, 'cli:test', 'key.create', '1'`,
  `config_refusals (project_id, environment, actor, mistakes) select p.id, 'production', 'cli:test', '[]'`,
  `config_versions (project_id, environment, number, version, definition, config, revisions, actor, reason)
    select p.id, 'production', 1, 'v', '{}', '{}', '{}', 'cli:test', 'flag.update a'`,
  `daily_visitors select p.id, 'production', current_date, 'a', 'u'`,
  `erasure_runs select p.id, repeat('0', 64), '{a}', 'marked', gen_random_uuid(), '{}', now()`,
  `import_runs (project_id, environment, source, key_id) select p.id, 'production', 'legacy', 1`,
  `erasures (project_id, id_hash) select p.id, repeat('0', 64)`,
  `experiment_assignments (project_id, environment, experiment, revision, unit, attribute, variant, config_version,
    assigned_at, event_id) select p.id, 'production', 'e', 1, 'u', 'anonymousId', 'a', 'v', now(), gen_random_uuid()`,
  `experiment_conversions (project_id, environment, event_id, metric, occurred_at)
    select p.id, 'production', gen_random_uuid(), 'm', now()`,
  `experiment_variants select p.id, 'production', 'e', 'a', 1, 1000000, true, null`,
  `experiments (project_id, environment, key, name, hypothesis, status, revision, confidence_level, definition)
    select p.id, 'production', 'e', 'e', 'h', 'draft', 1, 0.95, '{}'`,
  `feature_flags (project_id, environment, key, type, enabled, revision, definition)
    select p.id, 'production', 'f', 'boolean', true, 1, '{}'`,
  `identities select p.id, 'a', 'u', now(), gen_random_uuid()`,
  `insight_cache select p.id, 'production', repeat('0', 64), null, now()`,
  `insight_recommendations select p.id, 'production', 'r', 'a', false, 'products', '[]', now()`,
  `insight_usage select p.id, current_date, 1, 1, 0`,
  `metrics select p.id, 'orders', '{}'`,
  `minute_visitors select p.id, 'production', now(), 'a', 'u'`,
  `overview_sessions select encode(sha256(p.id::text::bytea), 'hex'), p.id, (select min(k.id) from nunchi.api_keys k), now()`,
  `processing_minutes (minute, shard, calls, events, failures, latency_ms_sum, latency_ms_max)
    select now(), 0, 1, 1, 0, 1, 1`,
  `quality_days select p.id, 'production', current_date, 0, 1, 0, 0, 0, 0, 0`,
  `ramps (project_id, environment, id, kind, key, experiment, revision, plan, state, reason, actor)
    select p.id, 'production', p.id, 'experiment', 'e', 'e', 1, '{}', 'running', '{}', 'cli:test'`,
  `ramp_steps select p.id, 'production', p.id, 0, 100000, 1, now()`,
  `ramp_looks (project_id, environment, ramp, look, step, progress, tests, decision)
    select p.id, 'production', p.id, 1, 0, 0.25, '[]', 'hold'`,
  `reader_grants (role_name, project_id) select 'nunchi_app', p.id`,
  `rollup_days select p.id, 'production', current_date, 'total', '', 0, 1, 0`,
  `rollup_minutes select p.id, 'production', now(), 'total', '', 0, 1, 0`,
  `sessions (project_id, session_id, environment, started_at, ended_at, first_event_id, last_event_id, events,
    pages, conversions) select p.id, 's', 'production', now(), now(), gen_random_uuid(), gen_random_uuid(), 1, 0, 0`,
  `traits select p.id, 'user', 'u', 'plan', '1', now(), gen_random_uuid()`,
]

/** Values that a table's rules ask for, where one of the column's type will not do. */
const particular: { [column: string]: string } = {
  'item_neighbors.source': `'cf'`,
  'token_verifiers.kind': `'secret'`,
  'token_verifiers.algorithm': `'HS256'`,
  'token_verifiers.environment': `'production'`,
  'token_verifiers.secret': `'x'`,
  tracker: '(select t.id from nunchi.result_trackers t where t.project_id = p.id)',
  project_id: 'p.id',
}

const ofType: { [type: string]: string } = {
  text: `'x'`,
  uuid: 'gen_random_uuid()',
  jsonb: `'{}'`,
  boolean: 'true',
  date: 'current_date',
  ARRAY: `'{}'`,
  'timestamp with time zone': 'now()',
}

/** A row of each project for the tables that have none yet: each column that must have a value gets one of its type. */
async function fillEmpty({ sql }: TestDatabase): Promise<void> {
  const columns = (await sql.unsafe(`
    select c.table_name as name, c.column_name as column, c.data_type as type
    from information_schema.columns c join pg_class t on t.oid = format('nunchi.%I', c.table_name)::regclass
    where c.table_schema = 'nunchi' and t.relkind in ('r', 'p') and not t.relispartition
      and (c.is_nullable = 'NO' and c.column_default is null and c.is_identity = 'NO' or c.column_name = 'secret')
    order by c.table_name = 'result_trackers' desc, c.table_name, c.ordinal_position`)) as unknown as {
    name: string
    column: string
    type: string
  }[]
  const tables = Map.groupBy(columns, ({ name }) => name)
  for (const [name, all] of tables) {
    if (!all.some(({ column }) => column === 'project_id')) continue
    const values = all.map(
      ({ column, type }) => particular[`${name}.${column}`] ?? particular[column] ?? ofType[type] ?? '1',
    )
    await sql.unsafe(`insert into nunchi.${name} (${all.map(({ column }) => column).join(', ')})
      select ${values.join(', ')} from nunchi.projects p
      where not exists (select from nunchi.${name} t where t.project_id = p.id)`)
  }
}

/** Gives both projects rows in every table, and events in every partition that stands. */
async function settle(db: TestDatabase): Promise<Tenants> {
  const tenant = async (name: string, person: string, hash: string): Promise<string> => {
    const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name })
    await db.owner.call('set_member', { projectId, userId: person, role: 'owner' })
    await db.owner.call('create_key', { projectId, environment: 'production', kind: 'srv', hash, hint: 'x' })
    const rejection = { index: 1, code: 'event_name_invalid', detail: 'x' }
    const at = Date.now()
    const batch = { batch: newId(), keyHash: hash, receivedAt: at, sentAt: at, context: {} }
    const rejects = [{ rejection, event: '{}' }]
    await db.app.call('ingest', {
      batches: [{ ...batch, dropped: { store_full: 1 }, events: [someEvent()], rejects }],
    })
    return projectId
  }
  const tenants = {
    a: await tenant('A', 'alice', 'a'.repeat(64)),
    b: await tenant('B', 'bob', 'b'.repeat(64)),
  }
  await db.sql.unsafe(`
    insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id,
      clock_suspect, internal, environment, type, name, tab, sdk)
    select p.id, coalesce(substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)')::uuid,
        '00000000-0000-7000-8000-000000000000'), now(), now(), now(), 0, 0, 0, false, false, 'production', 'track',
      'x', 't', 's'
    from pg_inherits i join pg_class c on c.oid = i.inhrelid, nunchi.projects p
    where i.inhparent = 'nunchi.analytics_events'::regclass`)
  for (const row of seeds)
    await db.sql.unsafe(`insert into nunchi.${row} from nunchi.projects p on conflict do nothing`)
  await fillEmpty(db)
  return tenants
}

describePostgres('the tenancy matrix', (server) => {
  let db: TestDatabase
  let tenants: Tenants
  let logins: { stranger: Sql; app: Sql; reader: Sql; owner: Sql }

  beforeAll(async () => {
    db = await createDatabase(server)
    // Partitions made at run time, by the collector's own login, must be as closed as those of the migration.
    await db.app.call('make_partitions', { months: 6 })
    tenants = await settle(db)
    for (const role of [stranger, reader])
      await db.sql.unsafe(`do $$ begin create role ${role} login password 'nunchi';
        exception when duplicate_object or unique_violation then null; end $$`)
    await db.sql.unsafe(`grant nunchi_reader to ${reader}`)
    await db.owner.call('set_reader', { role: reader, projectId: tenants.a })
    const as = (username: string) =>
      db.connect(Object.assign(new URL(db.appUrl), { username }).href, { max: 1 })
    logins = {
      stranger: as(stranger),
      app: db.connect(db.appUrl, { max: 1 }),
      reader: as(reader),
      owner: db.connect(db.url, { max: 1 }),
    }
  })
  afterAll(() => db?.drop())

  it('security 41: knows every table there is, the partitions made at run time included', async () => {
    const tables = await tablesOf(db.sql)
    expectNone(unknownTables(tables))
    expect(tables.filter(({ name }) => /^analytics_events_\d{4}_\d\d$/.test(name)).length).toBeGreaterThan(6)
    expect(unknownTables([{ name: 'refresh_tokens', kind: 'refresh_tokens' }])).toEqual([
      expect.stringContaining('nunchi.refresh_tokens has no entry in the tenancy matrix. Say in'),
    ])
  })

  it('security 42, 43, 44: each cell of table × verb × role comes out as its rule says', async () => {
    const tables = await tablesOf(db.sql)
    const { cells, faults } = await tryMatrix(tables, logins, tenants)
    expectNone(faults)
    expect(cells).toBe(tables.length * (7 * (actors.length - 1) + 1))
  })

  it('security 42: the matrix sees one grant too many, and one policy too wide', async () => {
    const tables = (await tablesOf(db.sql)).filter(({ name }) => ['sdk_drops', 'projects'].includes(name))
    await db.sql.unsafe('grant select, insert, update on nunchi.sdk_drops to nunchi_member')
    await db.sql.unsafe('create policy wide on nunchi.projects for select to nunchi_member using (true)')
    const { faults } = await tryMatrix(tables, logins, tenants)
    await db.sql.unsafe('revoke all on nunchi.sdk_drops from nunchi_member')
    await db.sql.unsafe('drop policy wide on nunchi.projects')
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.stringContaining('member of A: select on nunchi.projects came out as "both"'),
        expect.stringContaining('member without claims: select on nunchi.projects came out as "both"'),
        // Forced row-level security still hides and refuses the rows; the grant alone is a fault.
        expect.stringContaining('member of A: select on nunchi.sdk_drops came out as "nothing"'),
        expect.stringContaining('member of A: move on nunchi.sdk_drops came out as "nothing"'),
      ]),
    )
    expect(faults.join()).not.toContain('insert')
  })

  it('security 42: nobody logs in as the owner, or becomes it, or a member without the collector', async () => {
    const ownerUrl = Object.assign(new URL(db.appUrl), { username: 'nunchi_owner' })
    await expect(db.connect(ownerUrl.href, { max: 1 }).unsafe('select 1')).rejects.toMatchObject({
      code: expect.stringMatching(/^28/),
    })
    for (const role of ['nunchi_owner', 'nunchi_member', 'nunchi_app', 'nunchi_reader'])
      await expect(logins.stranger.unsafe(`set role ${role}`)).rejects.toMatchObject({ code: '42501' })
    await expect(logins.app.unsafe('set role nunchi_owner')).rejects.toMatchObject({ code: '42501' })
    for (const name of ['find_key', 'health', 'ingest', 'member_projects', 'create_key'])
      await expect(logins.stranger.unsafe(`select nunchi.${name}('{}')`)).rejects.toMatchObject({
        code: '42501',
      })
  })

  it.each(['nunchi_app', 'one address for everything'])(
    'security 45: 200 interleaved calls over two connections, a third of them failing, leak no claims (%s)',
    async (login) => {
      const client = db.connect(login === 'nunchi_app' ? db.appUrl : db.url, { max: 2 })
      const storage = postgres(client)
      const seen = (sub: string) =>
        storage
          .call<{ name: string }[]>('member_projects', {}, { claims: { sub } })
          .then((projects) => projects.map(({ name }) => name).join())
      const fails = (fn: string, sub?: string) =>
        storage.call(fn, { hash: 'x' }, sub ? { claims: { sub } } : {}).then(
          () => 'answered',
          (error: { code?: string }) => error.code,
        )
      const kinds: [() => Promise<unknown>, unknown][] = [
        [() => seen('alice'), 'A'],
        [() => fails('create_project', 'bob'), '42501'],
        [() => seen('bob'), 'B'],
        [() => seen('stranger'), ''],
        [() => fails('no_such_function', 'alice'), '42883'],
        [() => storage.call('find_key', { hash: 'x' }), null],
        [() => fails('member_projects'), '42501'],
      ]
      const calls = Array.from({ length: 200 }, (_, i) => kinds[(i * 5) % kinds.length] as (typeof kinds)[0])
      const answers = await Promise.all(calls.map(([call]) => call()))
      expect(answers).toEqual(calls.map(([, expected]) => expected))
      expect(await leftOver(client)).toEqual([login === 'nunchi_app' ? 'nunchi_app|' : 'superuser|'])
    },
  )

  /** What ten questions at once find on the pool's connections: who one is, and whose claims. */
  async function leftOver(client: Sql): Promise<string[]> {
    const ask = () =>
      client.unsafe(`select (case when rolsuper then 'superuser' else rolname end) || '|' ||
        coalesce(current_setting('request.jwt.claims', true), '') as who from pg_roles where rolname = current_user`)
    const rows = await Promise.all(Array.from({ length: 10 }, ask))
    return [...new Set(rows.map(([row]) => row?.['who'] as string))]
  }

  it('security 45: claims set for the session, as the driver never does, would be found', async () => {
    const client = db.connect(db.appUrl, { max: 1 })
    await client.unsafe(
      `select set_config('role', 'nunchi_member', false), set_config('request.jwt.claims', '{"sub":"alice"}', false)`,
    )
    await client.unsafe('select nunchi.no_such_function()').catch(() => {})
    expect(await leftOver(client)).toEqual(['nunchi_member|{"sub":"alice"}'])
  })

  it('security 46: every view runs as who asks, every function has a fixed search path and no public callers', async () => {
    const loose = async (sql: Pick<Sql, 'unsafe'>) =>
      (
        await sql.unsafe(`
          select 'view ' || c.relname as name from pg_class c
          where c.relnamespace in ('nunchi'::regnamespace, 'nunchi_data'::regnamespace) and c.relkind in ('v', 'm')
            and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
          union all
          select 'path ' || p.proname from pg_proc p
          where p.pronamespace in ('nunchi'::regnamespace, 'nunchi_data'::regnamespace)
            -- A body of the SQL standard's form looked its names up when it was made.
            and not coalesce('search_path=""' = any (p.proconfig), false) and (p.prosecdef or p.prosqlbody is null)
          union all
          select 'public ' || p.proname from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
          where p.pronamespace in ('nunchi'::regnamespace, 'nunchi_data'::regnamespace) and g.grantee = 0
          order by 1`)
      ).map((row) => row['name'] as string)
    expect(await loose(db.sql)).toEqual([])
    const caught = db.sql.begin(async (tx) => {
      await tx.unsafe('create view nunchi.leak as select * from nunchi.api_keys')
      await tx.unsafe(`create function nunchi.leak() returns int language sql security definer as 'select 1'`)
      const names = await loose(tx)
      await tx.unsafe('rollback')
      return names
    })
    expect(await caught).toEqual(['path leak', 'public leak', 'view leak'])
  })
})
