/** The tenancy matrix: every table of the catalog × verb × actor, tried for real, and the rules it must obey. */
import type { Sql } from 'postgres'

/** The two projects whose people must not meet. */
export interface Tenants {
  a: string
  b: string
}

/** One table of the catalog; a partition is judged by what its parent says. */
export interface Table {
  name: string
  /** The table whose entry describes it. */
  kind: string
}

interface Entry {
  /** The column that says whose a row is. */
  column: string
  /** That column's value for a project. */
  value(project: string): string
  /** What reads the project back from a row; `null` where a row is nobody's. */
  read: string | null
}

const byProject: Entry = { column: 'project_id', value: (id) => `'${id}'`, read: 'project_id' }

/** Whose rows each table holds. A table without an entry here fails the matrix. */
const entries: { [table: string]: Entry } = {
  aliases: byProject,
  analytics_events: byProject,
  api_keys: byProject,
  audit_log: byProject,
  config_refusals: byProject,
  config_versions: byProject,
  daily_visitors: byProject,
  erasure_runs: byProject,
  erasures: byProject,
  event_processing_queue: {
    column: 'project_ids',
    value: (id) => `array['${id}']::uuid[]`,
    read: 'project_ids[1]',
  },
  event_rejects: byProject,
  experiment_assignments: byProject,
  experiment_conversions: byProject,
  experiment_variants: byProject,
  experiments: byProject,
  feature_flags: byProject,
  identities: byProject,
  import_runs: byProject,
  insight_cache: byProject,
  insight_recommendations: byProject,
  match_blocks: byProject,
  match_candidates: byProject,
  match_consents: byProject,
  match_decisions: byProject,
  match_runs: byProject,
  insight_usage: byProject,
  metric_facts: byProject,
  metric_parts: byProject,
  metrics: byProject,
  minute_visitors: byProject,
  overview_sessions: byProject,
  quality_days: byProject,
  processing_minutes: { column: 'shard', value: () => '-1', read: null },
  project_members: byProject,
  projects: { ...byProject, column: 'id', read: 'id' },
  ramp_looks: byProject,
  ramp_steps: byProject,
  ramps: byProject,
  reader_grants: byProject,
  result_metrics: byProject,
  result_sums: byProject,
  result_touches: byProject,
  result_trackers: byProject,
  result_units: byProject,
  rollup_days: byProject,
  rollup_minutes: byProject,
  schema_migrations: { column: 'version', value: () => '-1', read: null },
  sdk_drops: byProject,
  sessions: byProject,
  token_verifiers: byProject,
  traits: byProject,
  actor_changes: byProject,
  interactions: byProject,
  item_changes: byProject,
  item_features: byProject,
  item_neighbors: byProject,
  item_popularity: byProject,
  item_stats: byProject,
  items: byProject,
  recommendation_cache: byProject,
  recommendation_catalogs: byProject,
  recommendation_days: byProject,
  recommendation_errors: byProject,
  recommendation_models: byProject,
  recommendation_settings: byProject,
  user_preferences: byProject,
}

/** Every table there is now, partitions of all depths included. */
export async function tablesOf(sql: Sql): Promise<Table[]> {
  const rows = await sql.unsafe(`
    select c.relname::text as name,
      (select r.relname::text from pg_class r where r.oid = coalesce(pg_partition_root(c.oid), c.oid)) as kind
    from pg_class c where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p', 'f', 'm') order by 1`)
  return rows.map((row) => ({ name: row['name'] as string, kind: row['kind'] as string }))
}

/** Tables that nobody has said the tenant of, each with what to do. */
export function unknownTables(tables: Table[]): string[] {
  return tables
    .filter(({ kind }) => !entries[kind])
    .map(
      ({ name }) =>
        `nunchi.${name} has no entry in the tenancy matrix. Say in tenancy-matrix.ts which column names its project, and in the rules who may do what.`,
    )
}

/** Who tries: a login, and what it does first. */
export interface Actor {
  name: string
  login: 'stranger' | 'app' | 'reader' | 'owner'
  /** The claims of the person it acts for as `nunchi_member`; absent, it acts as itself. */
  claims?: string | null
}

export const actors: Actor[] = [
  { name: 'a login without rights', login: 'stranger' },
  { name: 'nunchi_app', login: 'app' },
  // Looks through the views of nunchi_data, and cannot so much as name a table.
  { name: 'reader of A', login: 'reader' },
  { name: 'member of A', login: 'app', claims: '{"sub":"alice"}' },
  { name: 'member of B', login: 'app', claims: '{"sub":"bob"}' },
  { name: 'member of nothing', login: 'app', claims: '{"sub":"stranger"}' },
  { name: 'member without claims', login: 'app', claims: null },
  { name: 'member with empty claims', login: 'app', claims: '' },
  { name: 'member with garbage claims (text)', login: 'app', claims: 'garbage' },
  { name: 'member with garbage claims (array)', login: 'app', claims: '["alice"]' },
  { name: 'member with garbage claims (null)', login: 'app', claims: '{"sub":null}' },
  { name: 'member with garbage claims (list)', login: 'app', claims: '{"sub":["alice"]}' },
  { name: 'member with garbage claims (SQL)', login: 'app', claims: `{"sub":"x' or user_id = 'alice"}` },
  { name: 'the owner', login: 'owner' },
]

const verbs = ['select', 'insert own', 'insert foreign', 'update', 'move', 'delete', 'truncate'] as const
type Verb = (typeof verbs)[number]

/** `refused` is SQLSTATE 42501; `A`, `B` and `both` say whose rows were seen or touched, `all` nobody's in particular. */
type Outcome = 'refused' | 'nothing' | 'A' | 'B' | 'both' | 'all' | `error ${string}` | 'some'

interface Rule {
  table: RegExp
  verb: RegExp
  actor: RegExp
  outcomes: readonly RegExp[]
}

const readable = /^(projects|project_members)$/

/** The first rule that fits a cell decides it; the last refuses everything else. */
const rules: Rule[] = [
  // The control: both tenants have rows in every table, so that "nothing" below means what it says.
  {
    table: /^(schema_migrations|processing_minutes)$/,
    verb: /^select$/,
    actor: /^the owner$/,
    outcomes: [/^all$/],
  },
  { table: /./, verb: /^select$/, actor: /^the owner$/, outcomes: [/^both$/] },
  { table: readable, verb: /^select$/, actor: /^member of A$/, outcomes: [/^A$/] },
  { table: readable, verb: /^select$/, actor: /^member of B$/, outcomes: [/^B$/] },
  { table: readable, verb: /^select$/, actor: /garbage claims/, outcomes: [/^nothing$/, /^error 22/] },
  { table: readable, verb: /^select$/, actor: /^member/, outcomes: [/^nothing$/] },
  { table: /./, verb: /./, actor: /./, outcomes: [/^refused$/] },
]

function statements({ name, kind }: Table, verb: Verb, own: string, foreign: string): string[] {
  const { column, value, read } = entries[kind] as Entry
  const table = `nunchi.${name}`
  const tenant = read ? `(${read})::text` : 'null::text'
  const both = (text: string) => [`${text} returning ${tenant} as tenant`, text]
  switch (verb) {
    case 'select':
      return [`select ${tenant} as tenant from ${table}`, `select count(*) from ${table} having count(*) > 0`]
    case 'insert own':
      return [`insert into ${table} (${column}) values (${value(own)})`]
    case 'insert foreign':
      return [`insert into ${table} (${column}) values (${value(foreign)})`]
    case 'update':
      return both(`update ${table} set ${column} = ${column}`)
    case 'move':
      return both(`update ${table} set ${column} = ${value(foreign)}`)
    case 'delete':
      return both(`delete from ${table}`)
    case 'truncate':
      return [`truncate ${table}`]
  }
}

function outcomeOf(rows: { tenant?: string | null }[], count: number, { a, b }: Tenants): Outcome {
  if (count === 0) return 'nothing'
  if (rows.length === 0 || !('tenant' in (rows[0] as object))) return 'some'
  const seen = new Set(rows.map((row) => row.tenant))
  if (seen.size === 1 && seen.has(null)) return 'all'
  if ([...seen].some((one) => one !== a && one !== b)) return 'some'
  return seen.size === 2 ? 'both' : seen.has(a) ? 'A' : 'B'
}

/** Tries one statement as an actor and takes back what it did. */
async function attempt(sql: Sql, actor: Actor, text: string, tenants: Tenants): Promise<Outcome> {
  const connection = await sql.reserve()
  try {
    await connection.unsafe('begin')
    if (actor.login === 'owner') await connection.unsafe('set local role nunchi_owner')
    if (actor.claims !== undefined) {
      await connection.unsafe('set local role nunchi_member')
      if (actor.claims !== null)
        await connection.unsafe(`select set_config('request.jwt.claims', $1, true)`, [actor.claims])
    }
    const rows = await connection.unsafe(text)
    return outcomeOf([...rows] as { tenant?: string }[], rows.count ?? rows.length, tenants)
  } catch (error) {
    const { code } = error as { code?: string }
    return code === '42501' ? 'refused' : `error ${code}`
  } finally {
    await connection.unsafe('rollback')
    connection.release()
  }
}

/** What the matrix tried, and a sentence for each cell that came out otherwise than its rule. */
export interface Verdict {
  cells: number
  faults: string[]
}

/** Tries every cell. `logins` are clients that really log in as what they are called. */
export async function tryMatrix(
  tables: Table[],
  logins: { [login in Actor['login']]: Sql },
  tenants: Tenants,
): Promise<Verdict> {
  const verdict: Verdict = { cells: 0, faults: [] }
  const judge = async (table: Table, verb: Verb, actor: Actor) => {
    const rule = rules.find(
      (one) => one.table.test(table.kind) && one.verb.test(verb) && one.actor.test(actor.name),
    ) as Rule
    const [own, foreign] = actor.name === 'member of B' ? [tenants.b, tenants.a] : [tenants.a, tenants.b]
    verdict.cells++
    const [first = '', plain] = statements(table, verb, own, foreign)
    let outcome = await attempt(logins[actor.login], actor, first, tenants)
    // Refused may mean that only looking at the result is: the deed alone is tried too.
    if (outcome === 'refused' && plain) outcome = await attempt(logins[actor.login], actor, plain, tenants)
    if (!rule.outcomes.some((allowed) => allowed.test(outcome)))
      verdict.faults.push(
        `${actor.name}: ${verb} on nunchi.${table.name} came out as "${outcome}", not as ${rule.outcomes.join(' or ')}.`,
      )
  }
  for (const actor of actors)
    for (const table of tables)
      for (const verb of verbs)
        if (actor.login !== 'owner' || verb === 'select') await judge(table, verb, actor)
  return verdict
}
