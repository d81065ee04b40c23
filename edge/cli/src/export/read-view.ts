/** Reads a view of nunchi_data row by row, by a cursor: as much memory for ten rows as for ten million. */
import type { MigrationSession } from '@nunchi/collector'
import { CliError } from '../cli-error.ts'
import type { CsvColumn } from './csv.ts'

/** Which rows. */
export interface ViewQuery {
  /** A view of nunchi_data. */
  view: string
  projectId: string
  /** The first moment, and the one after the last: ISO 8601, in the project's time zone where they name none. */
  from?: string | undefined
  to?: string | undefined
  environment?: string | undefined
}

/** What is told of the rows. */
export interface ViewReader {
  /** The columns, once, before any row. */
  columns(columns: CsvColumn[]): Promise<void>
  /** The next rows, each value as text. */
  rows(rows: (string | null)[][]): Promise<void>
}

const catalog = `
  select c.relname::text as view, quote_ident(a.attname) as quoted, a.attname::text as name, t.typname::text as type,
    t.typcategory::text as category, to_regproc('nunchi_data.' || quote_ident(c.relname || '_between'))::text as between
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
  join pg_catalog.pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'nunchi_data'::regnamespace and c.relkind = 'v'
  order by c.relname, a.attnum`

interface Column {
  view: string
  quoted: string
  name: string
  type: string
  category: string
  between: string | null
}

/** Times as ISO 8601 in UTC, lists as JSON, all else as Postgres writes it. */
function asText({ quoted, type, category }: Column): string {
  if (type === 'timestamptz') return `to_char(${quoted} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  return category === 'A' ? `to_jsonb(${quoted})::text` : `${quoted}::text`
}

/** The column that tells when, where a view has one. */
const timeOf = (columns: Column[]): Column | undefined =>
  ['occurred_at', 'started_at', 'received_at', 'minute', 'day']
    .map((name) => columns.find((column) => column.name === name))
    .find((column) => column !== undefined)

async function columnsOf(tx: MigrationSession, view: string): Promise<Column[]> {
  const all = (await tx.query(catalog)) as unknown as Column[]
  const columns = all.filter((column) => column.view === view)
  if (columns.length === 0)
    throw new CliError(
      'usage',
      `There is no view "${view}"; there are ${[...new Set(all.map((column) => column.view))].join(', ')}.`,
    )
  return columns
}

/** A moment as Postgres writes it, or what is on the other side of all moments. */
async function moment(
  tx: MigrationSession,
  text: string | undefined,
  otherwise: string,
  project: string,
): Promise<string> {
  if (text === undefined) return otherwise
  const zoned = /(Z|[+-]\d\d(:?\d\d)?)$/.test(text) && text.includes(':')
  const [row] = await tx.query(
    zoned
      ? 'select ($1::text::timestamptz)::text as at'
      : `select ($1::text::timestamp at time zone p.timezone)::text as at from nunchi.projects p where p.id = $2::uuid`,
    zoned ? [text] : [text, project],
  )
  return row?.['at'] as string
}

async function selection(tx: MigrationSession, query: ViewQuery, columns: Column[]): Promise<string> {
  const { view, projectId, environment } = query
  const time = timeOf(columns)
  const bounded = query.from !== undefined || query.to !== undefined
  if (bounded && !time)
    throw new CliError('usage', `The view ${view} has no time to go by; leave --from and --to away.`)
  const from = await moment(tx, query.from, '1970-01-01 00:00:00+00', projectId)
  const to = await moment(tx, query.to, '9999-12-31 00:00:00+00', projectId)
  const conditions = [`project_id = '${projectId}'`]
  if (environment !== undefined) {
    if (!columns.some(({ name }) => name === 'environment'))
      throw new CliError(
        'usage',
        `The view ${view} does not tell environments apart; leave --environment away.`,
      )
    conditions.push(`environment = '${environment.replaceAll("'", "''")}'`)
  }
  const between = bounded && columns[0]?.between
  if (bounded && time && !between)
    // A day is the project's; --from and --to cut where the project's days do.
    conditions.push(
      time.type === 'date'
        ? `day >= ('${from}'::timestamptz at time zone (select p.timezone from nunchi.projects p where p.id = '${projectId}'))::date
           and day < ('${to}'::timestamptz at time zone (select p.timezone from nunchi.projects p where p.id = '${projectId}'))::date`
        : `${time.quoted} >= '${from}' and ${time.quoted} < '${to}'`,
    )
  const source = between ? `${between}('${projectId}', '${from}', '${to}')` : `nunchi_data."${view}"`
  return `select ${columns.map((column) => `${asText(column)} as ${column.quoted}`).join(', ')}
    from ${source} where ${conditions.join(' and ')}`
}

/**
 * Reads, in one transaction: what arrives meanwhile is not in it.
 *
 * @returns how many rows there were
 * @throws CliError `usage` where the view, a time or the environment does not fit
 */
export function readView(session: MigrationSession, query: ViewQuery, reader: ViewReader): Promise<number> {
  return session.transaction(async (tx) => {
    await tx.exec(`set local role nunchi_owner; set local statement_timeout = 0; set local timezone = 'UTC';
      set local idle_in_transaction_session_timeout = 0`)
    const columns = await columnsOf(tx, query.view)
    const select = await selection(tx, query, columns)
    await reader.columns(columns.map(({ name, category }) => ({ name, numeric: category === 'N' })))
    await tx.exec(`declare export no scroll cursor for ${select}`)
    let total = 0
    for (;;) {
      const rows = await tx.query('fetch 1000 from export')
      if (rows.length === 0) return total
      total += rows.length
      await reader.rows(rows.map((row) => columns.map(({ name }) => row[name] as string | null)))
    }
  })
}
