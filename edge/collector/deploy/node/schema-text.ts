/** Writes down, from the catalog, what the migrations and functions make of a database: `sql/schema.sql`. */
import type { MigrationSession, Row } from '../../src/storage/migration.ts'

const head = `-- What the migrations and functions make of a database, read from its catalog. Generated: do not edit.
-- After a change under sql/ run: node edge/collector/test/generate.ts
-- Function bodies stand in functions/. The months' partitions are made at run time, each like the default one.
`

/** Every table and view but the months' partitions; the views stand in a schema of their own. */
const relations = `
  select c.oid::int as oid, n.nspname || '.' || c.relname as name, c.relkind::text as kind,
    c.relrowsecurity as rls, c.relforcerowsecurity as forced, pg_get_userbyid(c.relowner)::text as owner,
    pg_get_partkeydef(c.oid) as partkey, pg_get_expr(c.relpartbound, c.oid) as bound,
    (select p.relname::text from pg_inherits i join pg_class p on p.oid = i.inhparent where i.inhrelid = c.oid) as parent,
    array_to_string(c.reloptions, ', ') as options
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('nunchi', 'nunchi_data') and c.relkind in ('r', 'p', 'v')
    and c.relname !~ '^analytics_events_\\d{4}_\\d\\d$'
  order by n.nspname collate "C", c.relname collate "C"`

/** Composite types of their own, which functions hand to each other. */
const types = `
  select c.oid::int as oid, c.relname::text as name from pg_class c
  where c.relnamespace = 'nunchi'::regnamespace and c.relkind = 'c' order by c.relname collate "C"`

const columns = `
  select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
    a.attidentity::text as identity, pg_get_expr(d.adbin, d.adrelid) as initial,
    case when a.attstorage <> t.typstorage then a.attstorage::text end as storage
  from pg_attribute a join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1::int::oid and a.attnum > 0 and not a.attisdropped
  order by a.attnum`

const constraints = `
  select conname::text as name, pg_get_constraintdef(oid) as text from pg_constraint
  where conrelid = $1::int::oid and contype in ('p', 'u', 'f', 'c') and (conparentid = 0 or contype = 'p')
  order by contype::text collate "C" desc, conname collate "C"`

const indexes = `
  select pg_get_indexdef(i.indexrelid) as text from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = $1::int::oid
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
  order by c.relname collate "C"`

const policies = `
  select p.polname::text as name, p.polcmd::text as command,
    (select string_agg(r.rolname::text, ', ' order by r.rolname collate "C") from pg_roles r where r.oid = any (p.polroles)) as roles,
    pg_get_expr(p.polqual, p.polrelid) as visible, pg_get_expr(p.polwithcheck, p.polrelid) as allowed
  from pg_policy p where p.polrelid = $1::int::oid order by p.polname collate "C"`

const tableGrants = `
  select pg_get_userbyid(g.grantee)::text as role, string_agg(lower(g.privilege_type), ', ' order by g.privilege_type) as rights
  from pg_class c, aclexplode(c.relacl) g
  where c.oid = $1::int::oid and g.grantee <> c.relowner
  group by 1 order by 1`

const functions = `
  select n.nspname || '.' || p.proname as name, pg_get_function_arguments(p.oid) as args, pg_get_function_result(p.oid) as result,
    l.lanname::text as language, p.prosecdef as definer, p.provolatile::text as volatility,
    array_to_string(p.proconfig, ', ') as settings,
    (select string_agg(case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end, ', ' order by 1)
     from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee <> p.proowner) as executors
  from pg_proc p join pg_language l on l.oid = p.prolang join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('nunchi', 'nunchi_data') order by n.nspname collate "C", p.proname collate "C"`

function columnText({ name, type, required, identity, initial, storage }: Row): string {
  const parts = [name, type]
  if (storage)
    parts.push(`storage ${{ e: 'external', m: 'main', p: 'plain', x: 'extended' }[storage as string]}`)
  if (required) parts.push('not null')
  if (identity) parts.push(`generated ${identity === 'a' ? 'always' : 'by default'} as identity`)
  if (initial) parts.push(`default ${initial}`)
  return `  ${parts.join(' ')}`
}

function policyText(table: string, { name, command, roles, visible, allowed }: Row): string {
  const verb =
    { r: ' for select', a: ' for insert', w: ' for update', d: ' for delete' }[command as string] ?? ''
  const using = visible ? ` using (${visible})` : ''
  return `create policy ${name} on ${table}${verb} to ${roles}${using}${allowed ? ` with check (${allowed})` : ''};`
}

async function relationText(session: MigrationSession, relation: Row): Promise<string> {
  const { oid, name, kind, parent, partkey, bound, rls, forced, owner, options } = relation
  const ask = (query: string) => session.query(query, [oid as number])
  const table = name as string
  const grants = (await ask(tableGrants)).map(({ role, rights }) => `grant ${rights} on ${table} to ${role};`)
  if (kind === 'v') {
    // The columns, not the text: each version of Postgres writes that in its own way.
    const face = (await ask(columns)).map(columnText).join(',\n')
    return [`create view ${table} with (${options}) (\n${face}\n);`, ...grants].join('\n')
  }
  const lines = parent
    ? []
    : [
        ...(await ask(columns)).map(columnText),
        ...(await ask(constraints)).map(({ name: key, text }) => `  constraint ${key} ${text}`),
      ]
  const body = parent
    ? ` partition of nunchi.${parent} ${String(bound).toLowerCase()}`
    : ` (\n${lines.join(',\n')}\n)`
  const indexText = parent ? [] : (await ask(indexes)).map(({ text }) => `${text};`)
  const security = [rls && 'enable row level security', forced && 'force row level security'].filter(Boolean)
  return [
    `create table ${table}${body}${partkey ? ` partition by ${partkey}` : ''};`,
    `alter table ${table} owner to ${owner};`,
    ...indexText,
    ...(security.length > 0 ? [`alter table ${table} ${security.join(', ')};`] : []),
    ...(await ask(policies)).map((policy) => policyText(table, policy)),
    ...grants,
  ].join('\n')
}

function functionText({
  name,
  args,
  result,
  language,
  definer,
  volatility,
  settings,
  executors,
}: Row): string {
  const kind = { i: 'immutable', s: 'stable', v: 'volatile' }[volatility as string]
  const how = `${language} ${kind} security ${definer ? 'definer' : 'invoker'}`
  return `-- ${name}(${args}) returns ${result}: ${how}, ${settings ? `set ${settings}` : 'its names resolved once'}; executed by ${executors ?? 'its owner'}`
}

/** The schema as text; the same on PGlite and on every supported Postgres. */
export async function schemaText(session: MigrationSession): Promise<string> {
  const tables: string[] = []
  // Without a search path the catalog's functions name everything in full.
  await session.transaction(async (tx) => {
    await tx.exec(`set local search_path = ''`)
    for (const relation of await tx.query(relations)) tables.push(await relationText(tx, relation))
    for (const { oid, name } of await tx.query(types)) {
      const fields = (await tx.query(columns, [oid as number])).map(columnText)
      tables.push(`create type nunchi.${name} as (\n${fields.join(',\n')}\n);`)
    }
    tables.push((await tx.query(functions)).map(functionText).join('\n'))
  })
  return `${head}\n${tables.join('\n\n')}\n`
}
