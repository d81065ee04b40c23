/** The PGlite driver: Postgres inside the process, for development, tests and the demo. */
import type { MigrationSession, Row } from './migration.ts'
import type { Claims, Storage } from './storage.ts'

interface PgliteQueries {
  query<Result>(text: string, params?: unknown[]): Promise<{ rows: Result[] }>
  exec(script: string): Promise<unknown>
}

/** What the driver needs of a `PGlite` instance. */
export interface PgliteClient extends PgliteQueries {
  transaction<Result>(fn: (tx: PgliteQueries) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Options of `pglite()`. */
export interface PgliteOptions {
  /**
   * The role that calls run as.
   * @default 'nunchi_app'
   */
  role?: 'nunchi_app' | 'nunchi_owner'
}

async function prepare(tx: PgliteQueries, role: string, claims: Claims | undefined): Promise<void> {
  if (!claims) {
    await tx.exec(`set local role ${role}`)
    return
  }
  await tx.query(
    `select set_config('request.jwt.claims', $1, true), set_config('role', 'nunchi_member', true)`,
    [JSON.stringify(claims)],
  )
}

/**
 * Storage on a PGlite instance that has nunchi's schema (`migrateUp(pgliteSession(db), …)`). PGlite has one
 * connection: calls queue, each in a transaction of its own. `close()` closes the instance too.
 */
export function pglite(db: PgliteClient, options: PgliteOptions = {}): Storage {
  const { role = 'nunchi_app' } = options
  return {
    call: <Result>(fn: string, args: unknown, { claims }: { claims?: Claims } = {}) =>
      db.transaction(async (tx) => {
        await prepare(tx, role, claims)
        const { rows } = await tx.query<{ result: string | null }>(
          `select nunchi."${fn.replaceAll('"', '""')}"($1::text::jsonb)::text as result`,
          [JSON.stringify(args ?? {})],
        )
        const text = rows[0]?.result
        return (text == null ? null : JSON.parse(text)) as Result
      }),
    script: async (sql) => {
      await db.exec(sql)
    },
    close: () => db.close(),
  }
}

function session(db: PgliteQueries, transaction: MigrationSession['transaction']): MigrationSession {
  return {
    query: async (text, params = []) => (await db.query<Row>(text, [...params])).rows,
    exec: async (script) => {
      await db.exec(script)
    },
    transaction,
  }
}

/** The session through which migrations run on a PGlite instance. */
export function pgliteSession(db: PgliteClient): MigrationSession {
  return session(db, (fn) =>
    db.transaction((tx) => {
      const inner: MigrationSession = session(tx, (nested) => nested(inner))
      return fn(inner)
    }),
  )
}
