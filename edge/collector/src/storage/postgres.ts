/** The postgres.js driver: any Postgres 15 or later, directly or through a transaction-mode pooler. */
import type { MigrationSession, Row } from './migration.ts'
import type { Claims, Storage } from './storage.ts'

interface PostgresQueries {
  unsafe(text: string, params?: string[], options?: { prepare?: boolean }): PromiseLike<unknown>
}

/** What the driver needs of a `postgres()` client. */
export interface PostgresClient extends PostgresQueries {
  begin(fn: (sql: PostgresQueries) => Promise<unknown>): Promise<unknown>
  end(options?: { timeout?: number }): Promise<void>
}

/** Options of `postgres()`. */
export interface PostgresOptions {
  /**
   * The role that calls run as. A login of that name needs one statement a call; any other login, which
   * must be allowed to take the role, runs each call in a transaction after `set local role`.
   * @default 'nunchi_app'
   */
  role?: 'nunchi_app' | 'nunchi_owner'
  /**
   * How long a call may take, in ms, where the login is not the role itself (which has limits of its own).
   * @default 15_000
   */
  statementTimeoutMs?: number
  /**
   * How long a call may wait for a lock, in ms; as above.
   * @default 5_000
   */
  lockTimeoutMs?: number
  /**
   * How long `close()` waits for running calls, in seconds.
   * @default 10
   */
  closeTimeout?: number
}

function callText(fn: string): string {
  // Should a transaction's `set local role` be lost, the call must not run as someone mightier.
  return `select nunchi."${fn.replaceAll('"', '""')}"($1::text::jsonb)::text as result where current_user = $2`
}

async function callAs(sql: PostgresQueries, role: string, fn: string, args: unknown): Promise<unknown> {
  // Takes effect unless the client was made with `prepare: false`, as behind a transaction pooler.
  const rows = (await sql.unsafe(callText(fn), [JSON.stringify(args ?? {}), role], { prepare: true })) as {
    result: string | null
  }[]
  if (rows.length === 0)
    throw new Error(`The call of ${fn} did not run as ${role}. Check the role of the login.`)
  const text = rows[0]?.result
  return text == null ? null : JSON.parse(text)
}

/**
 * Storage on a `postgres()` client whose database has nunchi's schema. Behind a pooler in transaction mode
 * make the client with `prepare: false`. `close()` ends the client too.
 */
export function postgres(sql: PostgresClient, options: PostgresOptions = {}): Storage {
  const {
    role = 'nunchi_app',
    statementTimeoutMs = 15_000,
    lockTimeoutMs = 5_000,
    closeTimeout = 10,
  } = options
  let direct: Promise<boolean> | undefined

  /** Whether the login is the role itself, asked once. */
  function isDirect(): Promise<boolean> {
    direct ??= Promise.resolve(sql.unsafe('select current_user::text as name')).then(
      (rows) => (rows as Row[])[0]?.['name'] === role,
    )
    // A database that was away is asked again.
    direct.catch(() => {
      direct = undefined
    })
    return direct
  }

  const settings = `set_config('statement_timeout', '${statementTimeoutMs}', true), set_config('lock_timeout', '${lockTimeoutMs}', true)`

  /** Both statements travel together; a failure of the first fails the second. */
  function inTransaction(fn: string, args: unknown, claims: Claims | undefined): Promise<unknown> {
    const as = claims ? 'nunchi_member' : role
    return sql.begin(async (tx) => {
      // A query is sent when it is first waited for, so this `then` is what puts it before the call.
      const prepared = tx
        .unsafe(
          `select set_config('request.jwt.claims', $1, true), ${settings}, set_config('role', $2, true)`,
          [claims ? JSON.stringify(claims) : '', as],
          { prepare: true },
        )
        .then(() => undefined)
      const [, result] = await Promise.all([prepared, callAs(tx, as, fn, args)])
      return result
    })
  }

  async function run(fn: string, args: unknown, claims: Claims | undefined): Promise<unknown> {
    if (!claims && (await isDirect())) return callAs(sql, role, fn, args)
    return inTransaction(fn, args, claims)
  }

  const running = new Set<Promise<unknown>>()
  let closed = false

  return {
    call<Result>(fn: string, args: unknown, { claims }: { claims?: Claims } = {}): Promise<Result> {
      if (closed) return Promise.reject(new Error(`${fn} was called after the storage was closed.`))
      const call = run(fn, args, claims)
      running.add(call)
      const done = () => running.delete(call)
      call.then(done, done)
      return call as Promise<Result>
    },
    script: async (text) => {
      await sql.unsafe(text)
    },
    async close() {
      closed = true
      let timer: ReturnType<typeof setTimeout> | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeTimeout * 1000)
      })
      await Promise.race([Promise.allSettled(running), patience])
      clearTimeout(timer)
      await sql.end({ timeout: running.size > 0 ? 0 : closeTimeout })
    },
  }
}

function session(sql: PostgresQueries, transaction: MigrationSession['transaction']): MigrationSession {
  return {
    query: async (text, params = []) => [...((await sql.unsafe(text, params.map(String))) as Row[])],
    exec: async (script) => {
      await sql.unsafe(script)
    },
    transaction,
  }
}

/** The session through which migrations run on a `postgres()` client. */
export function postgresSession(sql: PostgresClient): MigrationSession {
  return session(
    sql,
    <Result>(fn: (inner: MigrationSession) => Promise<Result>) =>
      sql.begin((tx) => {
        const inner: MigrationSession = session(tx, (nested) => nested(inner))
        return fn(inner)
      }) as Promise<Result>,
  )
}
