/** Brings nunchi's schema up or down, one migration file in one transaction, safe against a second runner. */
import { sha256Hex } from '../sha256.ts'
import { type Migration, MigrationError, type MigrationSession, type SqlSource } from './migration.ts'
import { sqlState } from './storage.ts'

/** A migration and whether it is in the database. */
export interface MigrationState {
  version: number
  name: string
  /** ISO 8601, or `undefined` where it is not applied. */
  appliedAt?: string
}

/**
 * How long one file waits for another session's lock before it lets go, and how often it tries. Whoever
 * waits for a table holds up all who come after, so this is shorter than the collector's own five seconds.
 */
const lockTimeout = '2s'
const attempts = 3
/** Any number will do, so long as every runner uses the same. */
const lockKey = 7_382_501_146

/** SHA-256 of a migration's `up` script, hex; line endings do not count. */
export function checksum(script: string): Promise<string> {
  return sha256Hex(script.replaceAll('\r\n', '\n'))
}

/** Tries again where a script did not get its lock, after a pause in which the others get on. */
async function patiently<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++)
    try {
      return await run()
    } catch (error) {
      if (attempt === attempts || !isLocked((error as Error).cause)) throw error
      await new Promise((resolve) => setTimeout(resolve, attempt * 1000))
    }
}

const isLocked = (error: unknown): boolean => sqlState(error) === '55P03'

/** Runs `fn` in a transaction that no other runner of this database shares. */
function alone<Result>(
  db: MigrationSession,
  fn: (session: MigrationSession) => Promise<Result>,
  role: 'nunchi_owner' | 'none' = 'nunchi_owner',
): Promise<Result> {
  return patiently(() =>
    db.transaction(async (session) => {
      // The wait for another runner is not bounded: its migration may rightly take long.
      await session.exec('set local lock_timeout = 0; set local statement_timeout = 0')
      await session.query(`select pg_advisory_xact_lock(${lockKey})::text`)
      await session.exec(`set local lock_timeout = '${lockTimeout}'; set local role ${role}`)
      return fn(session)
    }),
  )
}

interface Applied {
  name: string
  checksum: string
  at: string
}

/** The bookkeeping table exists; before the first run, and after the last step down, it does not. */
async function started(session: MigrationSession): Promise<boolean> {
  const found = await session.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'nunchi' and c.relname = 'schema_migrations'`,
  )
  return found.length > 0
}

async function appliedMigrations(session: MigrationSession): Promise<Map<number, Applied>> {
  const rows = await session.query(
    `select version, name, checksum, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
     from nunchi.schema_migrations order by version`,
  )
  return new Map(rows.map((row) => [Number(row['version']), row as unknown as Applied]))
}

/** Refuses a database whose history is not the one in the files. */
async function checkHistory(applied: Map<number, Applied>, source: SqlSource): Promise<void> {
  for (const [version, row] of applied) {
    const file = source.migrations.find((migration) => migration.version === version)
    if (!file)
      throw new MigrationError(
        'migration_unknown',
        `The database has migration ${version} (${row.name}), which this version of nunchi does not know.`,
        'Run the newer version of nunchi that applied it, or take it down with that version first.',
      )
    if ((await checksum(file.up)) !== row.checksum)
      throw new MigrationError(
        'migration_changed',
        `Migration ${version} (${file.name}) was changed after it was applied to this database.`,
        `Restore sql/migrations/${fileName(file)}.up.sql as it was and put the change into a new migration.`,
      )
  }
}

function fileName(migration: Migration): string {
  return `${String(migration.version).padStart(4, '0')}_${migration.name}`
}

const locked =
  'Another session holds a table that it needs; nothing has changed. End it (select pid, state, query from pg_stat_activity order by xact_start shows it) and run migrate again.'

async function run(session: MigrationSession, what: string, script: string): Promise<void> {
  try {
    await session.exec(script)
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string }
    throw new MigrationError(
      'migration_failed',
      `${what} failed and was rolled back: ${message.replace(/\.$/, '')}.`,
      hint ?? (isLocked(error) ? locked : 'Mend the cause and run migrate again.'),
      error,
    )
  }
}

async function applyNext(db: MigrationSession, source: SqlSource): Promise<Migration | undefined> {
  return alone(db, async (session) => {
    const applied = await appliedMigrations(session)
    await checkHistory(applied, source)
    const next = source.migrations.find((migration) => !applied.has(migration.version))
    if (!next) return undefined
    await run(session, `Migration ${fileName(next)} (up)`, next.up)
    await session.query(
      'insert into nunchi.schema_migrations (version, name, checksum) values ($1::integer, $2, $3)',
      [next.version, next.name, await checksum(next.up)],
    )
    return next
  })
}

/**
 * Applies what is missing, then every view and function again (functions may ask views), then makes the coming months' partitions.
 *
 * @returns the migrations that this run applied
 * @throws MigrationError where an applied file was changed, the database is newer, or a script failed
 */
export async function migrateUp(db: MigrationSession, source: SqlSource): Promise<Migration[]> {
  await alone(db, (session) => run(session, 'sql/prelude.sql', source.prelude), 'none')
  const done: Migration[] = []
  for (let next = await applyNext(db, source); next; next = await applyNext(db, source)) done.push(next)
  await alone(db, async (session) => {
    // They come by name, so that one may call another that is still to come.
    await session.exec('set local check_function_bodies = off')
    for (const { name, sql } of [...source.views, ...source.functions]) await run(session, name, sql)
  })
  await alone(db, (session) => session.query(`select nunchi.make_partitions('{}')::text`))
  return done
}

/**
 * Takes away what would hold on to tables and columns: the functions that answer rows of a view, the views, what
 * the views call, and the functions that take or answer rows of a table. Those of a kind go in one statement, so
 * that their order does not matter, and without cascade: a view that somebody built on ours is named, and stays.
 */
const dropViews = `do $$
declare
  ours constant oid := to_regnamespace('nunchi_data');
  dropped text;
begin
  for dropped in
    select 'drop function ' || string_agg(p.oid::regprocedure::text, ', ') from pg_proc p
      where p.pronamespace = ours and p.proretset
    union all
    select 'drop view ' || string_agg(c.oid::regclass::text, ', ') from pg_class c
      where c.relnamespace = ours and c.relkind = 'v'
    union all
    select 'drop function ' || string_agg(p.oid::regprocedure::text, ', ') from pg_proc p
      where p.pronamespace = ours and not p.proretset
    union all
    select 'drop function ' || string_agg(distinct p.oid::regprocedure::text, ', ') from pg_proc p
      join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass
      join pg_type t on t.oid = d.refobjid
      left join pg_type e on e.oid = t.typelem
      join pg_class c on c.oid = coalesce(nullif(e.typrelid, 0), t.typrelid) and c.relkind in ('r', 'p')
      where p.pronamespace = to_regnamespace('nunchi') and c.relnamespace = p.pronamespace
  loop
    if dropped is not null then execute dropped; end if;
  end loop;
end
$$`

async function revertLast(db: MigrationSession, source: SqlSource): Promise<Migration | undefined> {
  return alone(db, async (session) => {
    const applied = await appliedMigrations(session)
    await checkHistory(applied, source)
    const last = source.migrations.findLast((migration) => applied.has(migration.version))
    if (!last) return undefined
    await run(session, `Migration ${fileName(last)} (down)`, `${dropViews};\n${last.down}`)
    if (applied.size > 1)
      await session.query('delete from nunchi.schema_migrations where version = $1::integer', [last.version])
    // With the last migration goes what the prelude made; the roles stay, other databases may use them.
    else await session.exec('drop schema if exists nunchi_data; drop schema nunchi cascade')
    return last
  })
}

/**
 * Takes the newest `steps` migrations down again; their data goes with them. Functions stay until the last
 * step takes the schema away, views go at once: after a step down, run `migrateUp()` of the version that you go
 * back to.
 *
 * @returns the migrations that were taken down, newest first
 */
export async function migrateDown(
  db: MigrationSession,
  source: SqlSource,
  steps: number,
): Promise<Migration[]> {
  const done: Migration[] = []
  while (done.length < steps && (await started(db))) {
    const last = await revertLast(db, source)
    if (!last) break
    done.push(last)
  }
  return done
}

/** Every migration of the files, and when it was applied. */
export async function migrationStatus(db: MigrationSession, source: SqlSource): Promise<MigrationState[]> {
  const applied = await db.transaction(async (session) => {
    if (!(await started(session))) return new Map<number, Applied>()
    await session.exec('set local role nunchi_owner')
    return appliedMigrations(session)
  })
  return source.migrations.map(({ version, name }) => {
    const at = applied.get(version)?.at
    return at === undefined ? { version, name } : { version, name, appliedAt: at }
  })
}
