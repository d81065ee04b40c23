/** The postgres.js driver: any Postgres 15 or later, directly or through a transaction-mode pooler. */
import type { MigrationSession, Row } from './migration.ts'
import type { Claims, Storage } from './storage.ts'

interface PostgresQueries {
  unsafe(text: string, params?: string[], options?: { prepare?: boolean }): PromiseLike<unknown>
}

/** What the driver needs of a `postgres()` client. */
export interface PostgresClient extends PostgresQueries {
  reserve(): Promise<PostgresQueries & { release(): void }>
  end(options?: { timeout?: number }): Promise<void>
}

/** Options of `postgres()`. */
export interface PostgresOptions {
  /**
   * The role that calls run as. A login of that name needs one statement a call; any other login, which
   * must be allowed to take the role, takes it anew in each call.
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
   * How long a call may take in all, in ms, waiting for a connection included. Then it fails with SQLSTATE
   * 08006: postgres.js can lose sight of a query whose connection is lost, and would wait for ever.
   * @default 20_000
   */
  callTimeoutMs?: number
  /**
   * How long `close()` waits for running calls, in seconds.
   * @default 10
   */
  closeTimeout?: number
}

/** A string constant that means the same whatever `standard_conforming_strings` says. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/**
 * Messages of postgres.js 3.4 under 1 kB wait for the next turn of the event loop. When the connection is
 * lost just then, that message stays behind, and the connection never comes back, or brings the process
 * down (porsager/postgres#1208, #1215). Longer ones go out at once; so none of ours is shorter.
 */
const atOnce = 1024

function callText(fn: string, args: string, role: string): string {
  // Should the role be another than was meant, the call must not run as someone mightier.
  return `select nunchi."${fn.replaceAll('"', '""')}"(${args}::text::jsonb)::text as result where current_user = ${role}`
}

function readResult(rows: { result: string | null }[] | undefined, fn: string, role: string): unknown {
  if (!rows?.[0]) throw new Error(`The call of ${fn} did not run as ${role}. Check the role of the login.`)
  const text = rows[0].result
  return text === null ? null : JSON.parse(text)
}

/** Settles as `call` does, or fails when it takes longer. */
function inTime<Result>(call: Promise<Result>, ms: number, fn: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error(`${fn} was not answered within ${ms} ms.`), { code: '08006' })
    const timer = setTimeout(() => reject(late), ms)
    call.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * Storage on a `postgres()` client whose database has nunchi's schema. Make the client with
 * `fetch_types: false` (its question for types at each connect rejects unheard when the connection is lost)
 * and, behind a pooler in transaction mode, with `prepare: false`. `close()` ends the client too.
 */
export function postgres(sql: PostgresClient, options: PostgresOptions = {}): Storage {
  const {
    role = 'nunchi_app',
    statementTimeoutMs = 15_000,
    lockTimeoutMs = 5_000,
    callTimeoutMs = 20_000,
    closeTimeout = 10,
  } = options
  let direct: Promise<boolean> | undefined

  /** Whether the login is the role itself, asked once. */
  function isDirect(): Promise<boolean> {
    direct ??= Promise.resolve(sql.unsafe('select current_user::text as name'.padEnd(atOnce))).then(
      (rows) => (rows as Row[])[0]?.['name'] === role,
    )
    // A database that was away is asked again.
    direct.catch(() => {
      direct = undefined
    })
    return direct
  }

  /** Long arguments are bound to a statement that is prepared, unless the client was made with `prepare: false`. */
  async function callDirectly(fn: string, args: string): Promise<unknown> {
    const rows =
      args.length < atOnce
        ? await sql.unsafe(callText(fn, literal(args), literal(role)).padEnd(atOnce))
        : await sql.unsafe(callText(fn, '$1', '$2').padEnd(atOnce), [args, role], { prepare: true })
    return readResult(rows as { result: string | null }[], fn, role)
  }

  const limits = `set_config('statement_timeout', '${statementTimeoutMs}', true), set_config('lock_timeout', '${lockTimeoutMs}', true)`

  /**
   * Both statements in one message: Postgres runs them in one transaction of its own, so that role, limits
   * and claims end with it. `sql.begin()` is avoided: when a connection is lost inside it, its own rollback
   * brings down the process (porsager/postgres#1208), or the rest runs outside of the transaction (#1155).
   */
  async function callAs(as: string, fn: string, args: string, claims: string): Promise<unknown> {
    const set = `select set_config('request.jwt.claims', ${literal(claims)}, true), ${limits}, set_config('role', ${literal(as)}, true)`
    const text = `${set}; ${callText(fn, literal(args), literal(as))}`
    const results = await sql.unsafe(text.padEnd(atOnce))
    return readResult((results as { result: string | null }[][])[1], fn, as)
  }

  async function run(fn: string, args: unknown, claims: Claims | undefined): Promise<unknown> {
    const text = JSON.stringify(args ?? {})
    if (claims) return callAs('nunchi_member', fn, text, JSON.stringify(claims))
    return (await isDirect()) ? callDirectly(fn, text) : callAs(role, fn, text, '')
  }

  const running = new Set<Promise<unknown>>()
  let closed = false

  return {
    call<Result>(fn: string, args: unknown, { claims }: { claims?: Claims } = {}): Promise<Result> {
      if (closed) return Promise.reject(new Error(`${fn} was called after the storage was closed.`))
      const call = inTime(run(fn, args, claims), callTimeoutMs, fn)
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

/** The server has ended the connection, or the network has. */
function isLost(error: unknown): boolean {
  const { code, severity } = error as { code?: string; severity?: string }
  return severity === 'FATAL' || /^(CONNECTION_|ECONN|EPIPE|ETIMEDOUT)/.test(code ?? '')
}

/** The session through which migrations run on a `postgres()` client. */
export function postgresSession(sql: PostgresClient): MigrationSession {
  return session(sql, async (fn) => {
    // A client made with `fetch_types: false` that has not connected yet would keep reserve() waiting for ever.
    await sql.unsafe('select 1'.padEnd(atOnce))
    const connection = await sql.reserve()
    const inner: MigrationSession = session(connection, (nested) => nested(inner))
    try {
      await connection.unsafe('begin')
      const result = await fn(inner)
      await connection.unsafe('commit')
      connection.release()
      return result
    } catch (error) {
      // A lost connection has no transaction any more and leaves the pool by itself; see callAs().
      if (!isLost((error as Error).cause ?? error)) {
        await connection.unsafe('rollback')
        connection.release()
      }
      throw error
    }
  })
}
