/** Reads a table of Postgres in the order of its ids, page by page. */
import type { MigrationSession } from '@nunchi/collector'
import { CliError } from '../cli-error.ts'
import { type Columns, chooseColumns, type Field } from './columns.ts'
import type { RowValues, Source, SourcePart, SourceRow } from './source.ts'

interface Column {
  name: string
  type: string
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function columnsOf(
  session: MigrationSession,
  table: string,
): Promise<{ name: string; columns: Column[] }> {
  const rows = await session
    .query(
      `select to_regclass($1)::oid::regclass::text as table, a.attname::text as name, format_type(a.atttypid, null) as type
       from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [table],
    )
    .catch((error: unknown) => {
      throw new CliError('source_unreadable', `"${table}" is no name of a table; write SCHEMA.TABLE.`, error)
    })
  if (rows.length === 0)
    throw new CliError(
      'source_unreadable',
      `There is no table ${table} there; write SCHEMA.TABLE, as psql's \\d shows it.`,
    )
  return { name: String(rows[0]!['table']), columns: rows as unknown as Column[] }
}

/** Pages follow the id, so that no two rows may share one. */
async function expectUnique(session: MigrationSession, table: string, id: string): Promise<void> {
  const known = await session.query(
    `select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
     where i.indrelid = $1::regclass and i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = $2`,
    [table, id],
  )
  if (known.length > 0) return
  const twice = await session.query(
    `select ${quoted(id)}::text as id from ${table} group by ${quoted(id)} having count(*) > 1 and ${quoted(id)} is not null limit 1`,
  )
  if (twice.length > 0)
    throw new CliError(
      'source_unreadable',
      `Several rows of ${table} have the id ${twice[0]!['id']}; name a column that is unique with --columns id=NAME.`,
    )
}

/** What is read of a column: its text; of a time its ms since the epoch, in UTC where it names no zone. */
function expression(field: Field, { name, type }: Column): string {
  const isTime = field === 'at' && /^(timestamp|date)/.test(type)
  return isTime
    ? `floor(extract(epoch from t.${quoted(name)}) * 1000)::text as ${field}`
    : `t.${quoted(name)}::text as ${field}`
}

/** Opens a table as a source. `close` ends what was opened for it. */
export async function fromTable(
  session: MigrationSession,
  table: string,
  given: Columns,
  where: string,
  close: () => Promise<void>,
): Promise<Source> {
  const { name, columns } = await columnsOf(session, table)
  const chosen = chooseColumns(
    given,
    columns.map((column) => column.name),
    name,
  )
  const id = chosen.id!
  await expectUnique(session, name, id)
  const type = columns.find((column) => column.name === id)!.type
  const list = Object.entries(chosen).map(([field, column]) =>
    expression(field as Field, columns.find((one) => one.name === column)!),
  )
  const from = (after: string | null): string =>
    `from ${name} t where t.${quoted(id)} ${after === null ? 'is not null' : `> $1::${type}`}`

  async function* parts(after: string | null, size: number): AsyncGenerator<SourcePart> {
    const args = after === null ? [] : [after]
    const [counted] = await session.query(`select count(*)::text as n ${from(after)}`, args)
    const total = Number(counted?.['n'])
    if (after === null) yield* withoutId()
    let read = 0
    for (let cursor = after; ; ) {
      const page = await session.query(
        `select ${list.join(', ')} ${from(cursor)} order by t.${quoted(id)} limit ${size}`,
        cursor === null ? [] : [cursor],
      )
      const rows = page.map(
        (values): SourceRow => ({ place: `id ${values['id']}`, values: values as RowValues }),
      )
      if (rows.length === 0) return
      read += rows.length
      cursor = String(page.at(-1)!['id'])
      yield { rows, cursor, progress: total === 0 ? undefined : Math.min(read / total, 1) }
      if (rows.length < size) return
    }
  }

  /** They have no place among the pages; they are only told. */
  async function* withoutId(): AsyncGenerator<SourcePart> {
    const [counted] = await session.query(
      `select count(*)::int as n from ${name} where ${quoted(id)} is null`,
    )
    const count = Math.min(Number(counted?.['n']), 100_000)
    const rows = Array.from({ length: count }, (): SourceRow => ({ place: 'a row', values: {} }))
    if (count > 0) yield { rows, cursor: null, progress: 0 }
  }

  return { name: where ? `${name} of ${where}` : name, parts, close }
}
