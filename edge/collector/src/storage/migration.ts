/** The seam of migrations: what a database session and a set of SQL files look like to the runner. */

/** One row of a result, by column name. */
export type Row = Record<string, unknown>

/** A database connection that may change the schema; `pgliteSession()` and `postgresSession()` make one. */
export interface MigrationSession {
  /** Runs one statement; `params` are bound as text. */
  query(text: string, params?: readonly (string | number)[]): Promise<Row[]>
  /** Runs a script of several statements. */
  exec(script: string): Promise<void>
  /** Runs `fn` in one transaction: committed where it resolves, rolled back where it rejects. */
  transaction<Result>(fn: (session: MigrationSession) => Promise<Result>): Promise<Result>
}

/** One numbered migration: its number, its name, and the scripts that go there and back. */
export interface Migration {
  version: number
  name: string
  up: string
  down: string
}

/** A file that is applied again after each run: a function or a view. */
export interface SqlFile {
  name: string
  sql: string
}

/** Everything under `sql/`; `loadSql()` reads it from disk. */
export interface SqlSource {
  /** Roles, schema and the migrations' own table; safe to run again. */
  prelude: string
  /** In ascending order of `version`. */
  migrations: Migration[]
  functions: SqlFile[]
  views: SqlFile[]
}

/** What the runner refuses to do, and the remedy. */
export class MigrationError extends Error {
  readonly code: 'migration_changed' | 'migration_unknown' | 'migration_failed'
  readonly fix: string
  constructor(code: MigrationError['code'], message: string, fix: string, cause?: unknown) {
    super(`${message} ${fix}`, cause === undefined ? undefined : { cause })
    this.name = 'MigrationError'
    this.code = code
    this.fix = fix
  }
}
