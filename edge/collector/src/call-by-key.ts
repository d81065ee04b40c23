/** Calls the SQL functions that take their project from a server key's hash. */
import { unavailable } from './failure.ts'
import { Problem } from './problem.ts'
import type { Storage } from './storage/storage.ts'

/** Calls one of them. */
export type CallByKey = <Answer>(fn: string, args: object) => Promise<Answer>

/**
 * Makes the call for one key.
 *
 * @returns a call that throws a `Problem`: `storage_unavailable`, or `key_unknown` and `key_not_allowed` where the
 * function says so
 */
export function callByKey(storage: Storage, keyHash: string): CallByKey {
  return async <Answer>(fn: string, args: object): Promise<Answer> => {
    const answer = await storage.call<Answer>(fn, { ...args, keyHash }).catch((error: unknown) => {
      throw unavailable(error, 2)
    })
    const { error } = (answer ?? {}) as { error?: string }
    if (error === 'key_unknown' || error === 'key_not_allowed') throw new Problem(error)
    return answer
  }
}
