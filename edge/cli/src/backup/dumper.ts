/** Decides as whom a Postgres is dumped, so that row-level security hides no row from the dump. */
import type { MigrationSession } from '@nunchi/collector'
import { CliError } from '../cli-error.ts'

/** As whom, and against which server. */
export interface Dumper {
  /** The role to take; `undefined` where the login itself is above row-level security. */
  role: 'nunchi_owner' | undefined
  /** The server's major version. */
  server: number
}

/** Tables of which the current role would not be shown every row. */
const hiding = `
  select c.relname::text as name from pg_class c
  where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p') and row_security_active(c.oid)
    and (not exists (
        select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', 'r')
          and pg_get_expr(p.polqual, p.polrelid) = 'true'
          and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(current_user, r, 'usage')))
      or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('*', 'r')))
  order by c.relname`

/**
 * Takes the right role in this transaction.
 *
 * @throws CliError `backup_failed` where row-level security would hide rows even from the owner
 */
export async function becomeDumper(tx: MigrationSession): Promise<Dumper> {
  const [me] = await tx.query(
    `select rolsuper or rolbypassrls as above, current_setting('server_version_num')::integer / 10000 as server
     from pg_roles where rolname = current_user`,
  )
  const server = Number(me?.['server'])
  if (me?.['above'] === true) return { role: undefined, server }
  await tx.exec('set local role nunchi_owner')
  const hidden = await tx.query(hiding)
  if (hidden.length > 0)
    throw new CliError(
      'backup_failed',
      `Row-level security would hide rows of ${hidden.map(({ name }) => name).join(', ')} from this backup; run it as a role with bypassrls, or give the table's policy back: create policy owner on … to nunchi_owner using (true) with check (true).`,
    )
  return { role: 'nunchi_owner', server }
}
