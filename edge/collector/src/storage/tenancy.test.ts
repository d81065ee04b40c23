/** What every database must show, read from its catalog: who can see and do what, whatever was added since. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { tablesOf, unknownTables } from '../../test/security/tenancy-matrix.ts'

const app = new Set([
  'claim_ramps',
  'decide_ramp',
  'ramp_ground',
  'ramp_summary',
  'read_ramp_by_key',
  'set_ramp_state_by_key',
  'start_ramp_by_key',
  'config',
  'config_definition_by_key',
  'config_history_by_key',
  'publish_config_by_key',
  'refuse_config_by_key',
  'results_frame_by_key',
  'summarize_by_key',
  'list_metrics_by_key',
  'set_metric_by_key',
  'find_key',
  'health',
  'insight_begin',
  'insight_end',
  'insight_recommendation',
  'ingest',
  'make_partitions',
  'overview',
  'overview_close',
  'overview_open',
  'recent_events',
  'retain',
  'breakdown',
  'prepare_results',
  'process',
  'prune',
  'queue_state',
  'token_verifiers',
  'usage',
  'delete_items',
  'list_items',
  'recommend',
  'recommendation_settings_by_key',
  'refresh_recommendations',
  'finish_training',
  'set_recommendation_settings_by_key',
  'training_catalogs',
  'training_interactions',
  'match',
  'match_between',
  'match_grounds',
  'match_opinions',
  'match_people',
  'match_tell',
  'write_matches',
  'training_items',
  'write_neighbors',
  'set_items',
])
const member = new Set(['member_projects', 'my_projects'])
const reader = new Set(['reader_projects', 'uuid_floor'])
/** What the views of nunchi_data stand on. */
const readable = [
  'aliases',
  'analytics_events',
  'daily_visitors',
  'event_rejects',
  'identities',
  'interactions',
  'items',
  'projects',
  'quality_days',
  'recommendation_days',
  'rollup_days',
  'rollup_minutes',
  'sdk_drops',
  'sessions',
  'traits',
  'user_preferences',
]

describePostgres('tenancy', (server) => {
  let db: TestDatabase
  const names = async (query: string) => (await db.sql.unsafe(query)).map((row) => row['name'] as string)
  const relations = `select c.relname::text as name from pg_class c where c.relnamespace = 'nunchi'::regnamespace`

  beforeAll(async () => {
    db = await createDatabase(server)
    await db.owner.call('create_project', { name: 'someone else’s' })
  })
  afterAll(() => db?.drop())

  it('security 41: has row-level security on and forced on every table, the months’ partitions included', async () => {
    const tables = await tablesOf(db.sql)
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['projects', 'analytics_events']))
    expect(unknownTables(tables)).toEqual([])
    expect(
      await names(`${relations} and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`),
    ).toEqual([])
  })

  it('has the owner’s policy on every table: forced without one, not even the owner sees a row', async () => {
    expect(
      await names(`${relations} and relkind in ('r', 'p') and not exists (
        select from pg_policy p where p.polrelid = c.oid and 'nunchi_owner'::regrole::oid = any (p.polroles))`),
    ).toEqual([])
  })

  it('has no function that waits for a compiler: once that cost a second a call, on a server with JIT', async () => {
    expect(
      await names(`select proname::text as name from pg_proc where pronamespace = 'nunchi'::regnamespace
        and pronargs = 1 and proargnames[1] = 'args' and not 'jit=off' = any (coalesce(proconfig, '{}'))`),
    ).toEqual([])
  })

  it('has nothing that nunchi_owner does not own', async () => {
    expect(await names(`${relations} and relowner <> 'nunchi_owner'::regrole`)).toEqual([])
    expect(
      await names(
        `select proname::text as name from pg_proc where pronamespace = 'nunchi'::regnamespace and proowner <> 'nunchi_owner'::regrole`,
      ),
    ).toEqual([])
  })

  it('security 41: grants tables for reading only, two to members and those below the views to readers', async () => {
    const rows = await db.sql.unsafe(`
      select c.relname::text as table, g.grantee::regrole::text as role, g.privilege_type as right
      from pg_class c, aclexplode(c.relacl) g
      where c.relnamespace = 'nunchi'::regnamespace and g.grantee <> c.relowner order by 2, 1`)
    expect(rows.map(({ table, role, right }) => `${role} ${right} ${table}`)).toEqual([
      'nunchi_member SELECT project_members',
      'nunchi_member SELECT projects',
      ...readable.map((table) => `nunchi_reader SELECT ${table}`),
    ])
  })

  it('security 46: fixes the search path of every function, and lets the public execute none', async () => {
    const functions = `select p.proname::text as name from pg_proc p where p.pronamespace = 'nunchi'::regnamespace`
    expect(await names(`${functions} and not 'search_path=""' = any (coalesce(proconfig, '{}'))`)).toEqual([])
    const executable = (role: string) =>
      names(`${functions} and has_function_privilege('${role}', p.oid, 'execute') order by 1`)
    await db.sql.unsafe(
      `do $$ begin create role nunchi_test_nobody; exception when duplicate_object then null; end $$`,
    )
    expect(await executable('nunchi_test_nobody')).toEqual([])
    expect(new Set(await executable('nunchi_app'))).toEqual(app)
    expect(new Set(await executable('nunchi_member'))).toEqual(member)
    expect(new Set(await executable('nunchi_reader'))).toEqual(reader)
  })

  it('overloads no function', async () => {
    expect(
      await names(
        `select proname::text as name from pg_proc where pronamespace = 'nunchi'::regnamespace group by 1 having count(*) > 1`,
      ),
    ).toEqual([])
  })

  it('gives no role more than it needs', async () => {
    const rows = await db.sql.unsafe(`
      select rolname::text as name, rolcanlogin as login, rolinherit as inherit from pg_roles
      where rolname like 'nunchi\\_%' and rolname !~ 'test' and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
      order by 1`)
    expect([...rows]).toEqual([
      { name: 'nunchi_app', login: true, inherit: false },
      { name: 'nunchi_member', login: false, inherit: true },
      { name: 'nunchi_owner', login: false, inherit: true },
      { name: 'nunchi_reader', login: false, inherit: true },
    ])
  })

  describe('logged in as nunchi_app, who is no superuser', () => {
    it('every table refuses each verb', async () => {
      const sql = db.connect(db.appUrl)
      const tables = await names(`${relations} and relkind in ('r', 'p')`)
      for (const table of tables) {
        const verbs = [
          `select * from nunchi.${table}`,
          `insert into nunchi.${table} default values`,
          `delete from nunchi.${table}`,
          `truncate nunchi.${table}`,
        ]
        for (const verb of verbs)
          await expect(sql.unsafe(verb), verb).rejects.toMatchObject({ code: '42501' })
      }
    })

    it('security 44: a member without claims, or with garbage, sees nothing', async () => {
      const sql = db.connect(db.appUrl)
      for (const claims of ['', '{}', '{"sub":null}', '{"sub":"stranger"}', 'garbage']) {
        const seen = await sql
          .begin(async (tx) => {
            await tx.unsafe(
              `select set_config('role', 'nunchi_member', true), set_config('request.jwt.claims', $1, true)`,
              [claims],
            )
            return [
              ...(await tx.unsafe('select id from nunchi.projects')),
              ...(await tx.unsafe('select user_id from nunchi.project_members')),
            ]
          })
          .catch((error: { code: string }) => error.code)
        expect(seen, claims).toEqual(claims === 'garbage' ? '22P02' : [])
      }
    })

    it('a member writes nothing, not even into an own project', async () => {
      const sql = db.connect(db.appUrl)
      for (const verb of [
        `update nunchi.projects set name = 'mine'`,
        `insert into nunchi.project_members (project_id, user_id, role) select id, 'me', 'owner' from nunchi.projects`,
        'delete from nunchi.projects',
      ])
        await expect(
          sql.begin(async (tx) => {
            await tx.unsafe(
              `select set_config('role', 'nunchi_member', true), set_config('request.jwt.claims', '{"sub":"me"}', true)`,
            )
            return tx.unsafe(verb)
          }),
          verb,
        ).rejects.toMatchObject({ code: '42501' })
    })

    it('nobody becomes the owner', async () => {
      await expect(db.connect(db.appUrl).unsafe('set role nunchi_owner')).rejects.toMatchObject({
        code: '42501',
      })
    })
  })
})
