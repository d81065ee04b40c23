/** The seam between the collector and its database: one verb, one jsonb in, one jsonb out. */

/** Verified claims of a person's token; the database sees them as `request.jwt.claims`. */
export interface Claims {
  sub: string
  [claim: string]: unknown
}

export interface CallOptions {
  /** Runs the call as `nunchi_member` with these claims, in one transaction. */
  claims?: Claims
}

/** A database that has nunchi's schema. `pglite()`, `postgres()` and `supabase()` make one. */
export interface Storage {
  /**
   * Runs `nunchi.<fn>(args jsonb) returns jsonb`.
   *
   * @param fn the function's bare name, such as `ingest`
   * @throws the driver's error; `sqlState()` reads its SQLSTATE
   */
  call<Result = unknown>(fn: string, args: unknown, options?: CallOptions): Promise<Result>
  /** Runs a script of several statements as the owner; only migrations use it. Absent where the driver cannot (Supabase's rpc). */
  script?(sql: string): Promise<void>
  /** Waits for running calls and lets go of the database. */
  close(): Promise<void>
}

/** The SQLSTATE of a driver's error, or `undefined` where it is none (a lost connection, a bug). */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[\dA-Z]{5}$/.test(code) ? code : undefined
}
