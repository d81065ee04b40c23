/** Where a person's id can stand: every column of every table, either handled by erasing and exporting, or with a reason. */

/** A column that can hold a text, as the catalog has it. */
export interface TextColumn {
  table: string
  column: string
}

/** What `nunchi.person_tables()` says of a table. */
export interface PersonTable {
  name: string
  own: string
  shared: string | null
}

const internal = 'names people of the project’s own staff, not visitors'
const settings = 'says how a project is set up'
const counts = 'counts that no row ties to anybody'
const hashes = 'holds a hash, not the id'
const catalog = 'says what can be recommended, and what lies near what'

/** Tables that nobody's events are told in, or columns `table.column`; each with why. */
const reasons: { [place: string]: string } = {
  api_keys: settings,
  audit_log: 'names staff, and persons by hash alone; append-only',
  config_refusals: settings,
  config_versions: settings,
  'erasure_runs.ids': 'the ids of a person being erased; the row goes when nothing is left to look for',
  'erasure_runs.id_hash': hashes,
  'erasure_runs.phase': settings,
  'erasure_runs.removed': counts,
  erasures: hashes,
  event_processing_queue: 'names events by id; erase_events() takes those of the person out of the arrays',
  experiment_variants: settings,
  experiments: settings,
  feature_flags: settings,
  insight_cache: 'by content alone, which names nobody; see docs/guide/insights.md',
  match_runs: counts,
  metric_parts: settings,
  metrics: settings,
  result_metrics: settings,
  result_sums: counts,
  'result_trackers.built':
    'how far sums were built; erase_derived() begins them anew where it is the person’s unit',
  'result_trackers.environment': settings,
  'result_trackers.experiment': settings,
  item_changes: catalog,
  item_features: catalog,
  item_neighbors: catalog,
  item_popularity: counts,
  item_stats: counts,
  import_runs: 'how far an import came, by the source’s own row ids',
  'overview_sessions.token_hash': hashes,
  quality_days: counts,
  project_members: internal,
  projects: settings,
  ramp_looks: counts,
  ramp_steps: settings,
  ramps: settings,
  reader_grants: internal,
  recommendation_catalogs: settings,
  recommendation_days: counts,
  recommendation_errors: 'counts failures; the message is the database’s own',
  recommendation_models: settings,
  recommendation_settings: settings,
  rollup_days: counts,
  rollup_minutes: counts,
  schema_migrations: settings,
  sdk_drops: counts,
  token_verifiers: settings,
}

/** A sentence for each place that nobody has thought of, and for each reason whose place is gone. */
export function uncovered(columns: TextColumn[], tables: PersonTable[]): string[] {
  const handled = new Map(tables.map((table) => [table.name, table]))
  const places = new Set(columns.flatMap(({ table, column }) => [table, `${table}.${column}`]))
  const unknown = columns
    .filter(({ table, column }) => !handled.has(table) && !reasons[table] && !reasons[`${table}.${column}`])
    .map(
      ({ table, column }) =>
        `nunchi.${table}.${column} can hold a person's id, and neither erase nor export knows it. Give the table a row in sql/functions/person_tables.sql, or a reason in person-coverage.ts.`,
    )
  const unread = columns
    .filter(({ table, column }) => {
      const rule = handled.get(table)
      return rule && /^(anonymous|user|previous)_id$/.test(column) && !rule.own.includes(`t.${column} `)
    })
    .map(
      ({ table, column }) =>
        `nunchi.${table}.${column} holds a person's id, and the rule of its table does not read it. Add it in sql/functions/person_tables.sql.`,
    )
  const gone = [...Object.keys(reasons), ...handled.keys()]
    .filter((place) => !places.has(place))
    .map(
      (place) =>
        `nunchi.${place} is not there any more. Take it out of person_tables.sql or person-coverage.ts.`,
    )
  return [...unknown, ...unread, ...gone]
}
