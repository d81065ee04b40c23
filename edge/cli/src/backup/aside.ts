/** Sets the schema of a database aside while another one is restored, so that a failure can put it back. */
import type { MigrationSession } from '@nunchi/collector'
import { CliError } from '../cli-error.ts'
import { type Counts, countTables, totalOf } from './counts.ts'

const aside = 'nunchi_before_restore'
/** The views stand in a schema of their own, and go wherever the tables below them go. */
const views = 'nunchi_data'
const viewsAside = `${views}_before_restore`

/** What moves a schema, if it is there. */
const rename = (from: string, to: string): string =>
  `do $$ begin if to_regnamespace('${from}') is not null then alter schema ${from} rename to ${to}; end if; end $$`

/** Runs `fn` as the owner, who may make a schema (renaming one counts as that) for the time of `fn` only. */
async function asOwner(tx: MigrationSession, fn: () => Promise<void>): Promise<void> {
  const [row] = await tx.query(
    `select quote_ident(current_database()) as name,
       has_database_privilege('nunchi_owner', current_database(), 'create') as may`,
  )
  if (row?.['may'] !== true) await tx.exec(`grant create on database ${row?.['name']} to nunchi_owner`)
  await tx.exec('set local role nunchi_owner')
  await fn()
  await tx.exec('set local role none')
  if (row?.['may'] !== true) await tx.exec(`revoke create on database ${row?.['name']} from nunchi_owner`)
}

/** Gives the former schemas their names again, where `clear` has made room. */
const restoreNames = (clear: string): string =>
  [
    // Before the tables, which would take the views along: a schema that was set aside is what comes back.
    `do $$ begin if to_regnamespace('${viewsAside}') is not null then drop schema if exists ${views} cascade; end if; end $$`,
    clear,
    rename(aside, 'nunchi'),
    rename(viewsAside, views),
  ].join('; ')

async function standing(tx: MigrationSession): Promise<Set<string>> {
  const rows = await tx.query(
    `select n.nspname::text as name from pg_namespace n where n.nspname = '${aside}'
       or n.nspname = 'nunchi' and exists (select from pg_class c where c.relnamespace = n.oid)`,
  )
  return new Set(rows.map(({ name }) => name as string))
}

/**
 * Puts back what a restore that was killed left aside.
 *
 * @throws CliError `target_not_empty` where the restored schema stands too, so that only a person can choose
 */
export async function recoverAside(session: MigrationSession): Promise<void> {
  await session.transaction(async (tx) => {
    const there = await standing(tx)
    if (!there.has(aside)) return
    if (there.has('nunchi'))
      throw new CliError(
        'target_not_empty',
        `An earlier restore was cut off in its last step: the restored schema is nunchi, the former one ${aside}. Look at both, drop the former one (drop schema ${aside} cascade), and run the command again if you still want to.`,
      )
    await asOwner(tx, () => tx.exec(restoreNames('drop schema if exists nunchi')))
  })
}

/** The rows that would be lost with the schema; what the migrations wrote themselves is none. */
async function rowsIn(tx: MigrationSession, schema: string): Promise<Counts> {
  const counts = await countTables(tx, schema)
  counts.delete('schema_migrations')
  return counts
}

/**
 * Sets the schema `nunchi` aside and makes an empty one.
 *
 * @returns how many rows were set aside
 * @throws CliError `target_not_empty` where there are any, unless `replace`
 */
export function setAside(session: MigrationSession, replace: boolean): Promise<number> {
  return session.transaction(async (tx) => {
    await tx.exec('set local role nunchi_owner')
    const counts = await rowsIn(tx, 'nunchi')
    await tx.exec('set local role none')
    const rows = totalOf(counts)
    if (rows > 0 && !replace)
      throw new CliError(
        'target_not_empty',
        `The database holds ${rows} rows of nunchi's (${counts.get('projects') ?? 0} projects); restore into an empty one, or say --replace to remove them.`,
      )
    await asOwner(tx, () => tx.exec(`${rename('nunchi', aside)}; ${rename(views, viewsAside)}`))
    await tx.exec('create schema nunchi authorization nunchi_owner')
    return rows
  })
}

/** Removes the restored schema and puts the former one back. */
export async function putBack(session: MigrationSession): Promise<void> {
  await session.transaction((tx) => asOwner(tx, () => tx.exec(restoreNames('drop schema nunchi cascade'))))
}

/**
 * Removes what was set aside: the restore has succeeded.
 *
 * @param rows how many were set aside
 * @throws CliError `restore_failed` where there are more: a collector was still writing there
 */
export async function dropAside(session: MigrationSession, rows: number): Promise<void> {
  await session.transaction(async (tx) => {
    await tx.exec('set local role nunchi_owner')
    if (
      await tx
        .query('select to_regclass($1) as there', [`${aside}.analytics_events`])
        .then((found) => found[0]?.['there'])
    )
      await tx.exec(`lock table ${aside}.analytics_events in access exclusive mode`)
    if (totalOf(await rowsIn(tx, aside)) > rows)
      throw new CliError(
        'restore_failed',
        'Events arrived while the database was restored; stop the collectors on it, and run the command again.',
      )
    await tx.exec(`drop schema if exists ${viewsAside} cascade; drop schema ${aside} cascade`)
  })
}
