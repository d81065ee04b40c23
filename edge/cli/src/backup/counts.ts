/** How many rows each table holds, counted in a database and in a dump, and the comparison of the two. */
import type { MigrationSession } from '@nunchi/collector'
import { CliError, type CliErrorCode } from '../cli-error.ts'

/** Rows by table name, without the schema; each partition is a table of its own. */
export type Counts = Map<string, number>

/** Counts every table that holds rows itself. Everything is read in the session's own transaction. */
export async function countTables(session: MigrationSession, schema = 'nunchi'): Promise<Counts> {
  const tables = await session.query(
    `select c.relname::text as name, format('%I.%I', n.nspname, c.relname) as quoted
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind = 'r' order by c.relname`,
    [schema],
  )
  const counts: Counts = new Map()
  for (const { name, quoted } of tables) {
    const [row] = await session.query(`select count(*)::text as rows from ${quoted}`)
    counts.set(name as string, Number(row?.['rows']))
  }
  return counts
}

/** All rows together. */
export const totalOf = (counts: Counts): number => [...counts.values()].reduce((sum, rows) => sum + rows, 0)

/** The rows of the events table, over all its partitions. */
export const eventsIn = (counts: Counts): number =>
  totalOf(new Map([...counts].filter(([name]) => name.startsWith('analytics_events'))))

/**
 * Compares table by table.
 *
 * @param found what is called `what` in the sentence
 * @throws CliError naming the tables that differ
 */
export function expectSameCounts(wanted: Counts, found: Counts, code: CliErrorCode, what: string): void {
  const differ = [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => wanted.get(name) !== found.get(name))
    .map((name) => `${name} has ${found.get(name) ?? 'no place'} of ${wanted.get(name) ?? 0}`)
  if (differ.length > 0)
    throw new CliError(
      code,
      `${what} does not hold every row (${differ.slice(0, 5).join(', ')}${differ.length > 5 ? ', …' : ''}).`,
    )
}
