/** What a failed call to the database means for the events that it carried. */
import { Problem } from './problem.ts'
import { sqlState } from './storage/storage.ts'

/**
 * - `poison`: something among the data cannot be stored, now or later
 * - `passing`: the same call may succeed in a moment
 * - `lasting`: it will not succeed until someone mends the database (a missing migration, a missing grant)
 */
export type Failure = 'poison' | 'passing' | 'lasting'

// Classes: 22 data, 23 constraint, 54 limit exceeded (an index row too large, say).
const poison = /^(?:22|23|54)/
// 08 connection, 25006 read-only (failover), 40001 serialization, 40P01 deadlock, 53 resources, 55P03 lock
// timeout, 57 shutdown or cancelled.
const passing = /^(?:08|25006|40001|40P01|53|55P03|57)/

/** Reads a driver's error. One without SQLSTATE is a lost connection or a timeout, and passes. */
export function failureOf(error: unknown): Failure {
  const state = sqlState(error)
  if (state === undefined) return 'passing'
  if (poison.test(state)) return 'poison'
  return passing.test(state) ? 'passing' : 'lasting'
}

/** The 503 that tells the client to keep its events and come again. */
export function unavailable(cause: unknown, retryAfter = 5): Problem {
  return cause instanceof Problem ? cause : new Problem('storage_unavailable', { retryAfter, cause })
}
