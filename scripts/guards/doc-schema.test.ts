/** The SQL reference, and all SQL of the documentation, is held to a database that the migrations have made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgliteSession } from '../../edge/collector/src/index.ts'
import { migratedPglite } from '../../edge/collector/test/migrated-pglite.ts'
import { examplesOf } from './doc-examples.ts'
import { type Described, describedIn, schemaDocs } from './doc-schema.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readText } from './source.ts'

const path = 'docs/reference/sql.md'

const columns = `
  select c.relname::text as table, a.attname || ' ' || replace(format_type(a.atttypid, null), 'timestamp with time zone', 'timestamptz') as column
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped
  order by c.relname, a.attnum`

const functions = `
  select p.proname::text as name,
    case when has_function_privilege('nunchi_app', p.oid, 'execute') then 'nunchi_app'
      when has_function_privilege('nunchi_member', p.oid, 'execute') then 'nunchi_member'
      when has_function_privilege('nunchi_reader', p.oid, 'execute') then 'nunchi_reader'
      else 'nunchi_owner' end as who
  from pg_proc p where p.pronamespace = 'nunchi'::regnamespace order by 1`

let db: Awaited<ReturnType<typeof migratedPglite>>

beforeAll(async () => {
  db = await migratedPglite()
})
afterAll(() => db?.close())

async function describedByDatabase(): Promise<Described> {
  const session = pgliteSession(db)
  const tables = Map.groupBy(await session.query(columns), (row) => String(row['table']))
  const executors = await session.query(functions)
  return {
    tables: new Map([...tables].map(([name, rows]) => [name, rows.map((row) => String(row['column']))])),
    functions: new Map(executors.map((row) => [String(row['name']), String(row['who'])])),
  }
}

/** Runs a block and takes back whatever it did. */
async function runSql(sql: string): Promise<void> {
  await db.exec('begin')
  try {
    await db.exec(sql)
  } finally {
    await db.exec('rollback')
  }
}

describe('SQL in the documentation', () => {
  const blocks = listFiles()
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => examplesOf(readText(page)!, page, 'sql'))

  it.each(blocks.map((block) => [`${block.path}:${block.line}`, block.code]))('%s runs', async (_, code) => {
    await runSql(code)
  })

  it('is caught asking for what is not there', async () => {
    await expect(runSql('select gone from nunchi.analytics_events')).rejects.toThrow('"gone" does not exist')
  })
})

describe('the SQL reference', () => {
  it('describes every table, column and function that there is, and no other', async () => {
    expectNone(schemaDocs(describedIn(readText(path) ?? ''), await describedByDatabase(), path))
  })

  it('is caught lacking a column, naming one too many, and giving a function to the wrong role', () => {
    const page = describedIn(
      '### nunchi.a\n\n| `x` | text | |\n| `y` | text | |\n\n## F\n\n| function | who |\n|---|---|\n| `f` | `nunchi_app` |\n',
    )
    const schema = {
      tables: new Map([['a', ['x text', 'z text']]]),
      functions: new Map([['f', 'nunchi_owner']]),
    }
    expect(schemaDocs(page, schema, path)).toEqual([
      `${path} lacks the column of a z text. Describe it.`,
      `${path} describes the column of a y text, which the schema has not. Mend the page.`,
      `${path} lacks the function f (for nunchi_owner). Describe it.`,
      `${path} describes the function f (for nunchi_app), which the schema has not. Mend the page.`,
    ])
  })
})
