/** Writes the data dictionary, docs/reference/data.md, from the comments on the views of nunchi_data. */
import type { MigrationSession } from '../src/storage/migration.ts'

const head = `<!-- Generated from the comments in edge/collector/sql/views by node edge/collector/test/generate.ts: do not edit. -->
# Data dictionary

The views of the schema \`nunchi_data\`: what people, Metabase and exports read. [Your data, in
SQL](../guide/your-data-in-sql.md) says how to get at them, with questions to start from. \`\\d+ nunchi_data.events\` in psql
shows the same words.

They are stable: a column keeps its name, its type and its meaning; new ones come at the end of a view. The tables below
them ([SQL](sql.md)) may change with any release. Each view shows the projects that the login was granted.
`

const views = `
  select c.oid::int as oid, c.relname::text as name, obj_description(c.oid, 'pg_class') as words
  from pg_class c where c.relnamespace = 'nunchi_data'::regnamespace and c.relkind = 'v'
  order by array_position(array['events', 'sessions', 'people', 'pages', 'vitals', 'conversions', 'revenue', 'features',
    'days', 'minutes', 'items', 'interactions', 'preferences', 'recommendation_days', 'rejects', 'drops', 'quality', 'projects', 'identities', 'aliases', 'all_events'], c.relname::text),
    c.relname collate "C"`

const columns = `
  select a.attname::text as name, col_description(a.attrelid, a.attnum) as words,
    replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz') as type
  from pg_attribute a where a.attrelid = $1::int::oid and a.attnum > 0 order by a.attnum`

const functions = `
  select p.proname::text as name, obj_description(p.oid, 'pg_proc') as words
  from pg_proc p where p.pronamespace = 'nunchi_data'::regnamespace and p.proname ~ '_between$'
  order by p.proname collate "C"`

/** The page. A view, column or function without a comment stands in it as `undescribed`, which its test finds. */
export async function dataDictionary(session: MigrationSession): Promise<string> {
  const parts = [head]
  for (const view of await session.query(views)) {
    const rows = await session.query(columns, [view['oid'] as number])
    parts.push(
      `## ${view['name']}\n\n${view['words'] ?? 'undescribed'}\n\n| column | type | |\n|---|---|---|\n${rows
        .map(({ name, type, words }) => `| \`${name}\` | ${type} | ${words ?? 'undescribed'} |\n`)
        .join('')}`,
    )
  }
  const spans = await session.query(functions)
  parts.push(
    `## A span of time\n\nEach takes \`(project uuid, since timestamptz, until timestamptz)\`.\n\n| function | answers |\n|---|---|\n${spans
      .map(({ name, words }) => `| \`nunchi_data.${name}\` | ${words ?? 'undescribed'} |\n`)
      .join('')}`,
  )
  return parts.join('\n')
}
