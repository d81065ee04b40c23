/** Holds a restored schema to what the migrations make, and its tables to forced row-level security. */
import type { MigrationSession } from '@nunchi/collector'
import { loadSnapshot, schemaText } from '@nunchi/collector/node'
import { CliError } from '../cli-error.ts'

/** Each line under its statement's first one: two tables have columns of the same name. */
function linesOf(text: string): Set<string> {
  return new Set(
    text.split('\n\n').flatMap((statement) => {
      const [first, ...rest] = statement.split('\n')
      return rest.map((line) => `${first} … ${line.replace(/,$/, '').trim()}`).concat(first ?? '')
    }),
  )
}

const unguarded = `
  select c.relname::text as name from pg_class c
  where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')
    and not (c.relrowsecurity and c.relforcerowsecurity and exists (
      select from pg_policy p where p.polrelid = c.oid and p.polroles = array['nunchi_owner'::regrole::oid]
        and pg_get_expr(p.polqual, p.polrelid) = 'true'))
  order by c.relname`

/**
 * Compares the schema with this version's own.
 *
 * @param expected the schema's text; by default that of this version
 * @returns what the database has besides, such as indexes of one's own
 * @throws CliError `restore_failed` where something is missing or different, or a table is unguarded
 */
export async function checkSchema(
  session: MigrationSession,
  expected: string = loadSnapshot(),
): Promise<string[]> {
  const open = await session.query(unguarded)
  if (open.length > 0)
    throw new CliError(
      'restore_failed',
      `Row-level security is not forced with the owner's policy on ${open.map(({ name }) => name).join(', ')}.`,
    )
  const wanted = linesOf(expected)
  const found = linesOf(await schemaText(session))
  const missing = [...wanted].filter((line) => !found.has(line))
  if (missing.length > 0)
    throw new CliError(
      'restore_failed',
      `The restored schema lacks ${missing.length} lines of this version's, the first of them: ${missing[0]}`,
    )
  return [...found].filter((line) => !wanted.has(line))
}
