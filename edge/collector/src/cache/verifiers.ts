/** What verifies visitors' tokens, of each project and environment: believed for two seconds, asked for once at a time. */
import type { TokenVerifier } from '../auth/verifier.ts'
import { boundedMap } from '../bounded-map.ts'
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'

/** Finds verifiers. */
export interface Verifiers {
  /**
   * Those of the key's project and environment that are in force.
   *
   * @throws a `Problem`: `key_unknown` where the key was revoked, `storage_unavailable`
   */
  find(
    storage: Storage,
    key: { projectId: string; environment: string },
    keyHash: string,
  ): Promise<readonly TokenVerifier[]>
}

interface Entry {
  found: readonly TokenVerifier[]
  /** `found` as JSON: while it is the same, the objects stay the same, and with them the imported keys. */
  text: string
  until: number
}

/** Makes the cache. */
export function verifierCache(settings: {
  ttlMs: number
  timeoutMs: number
  now: () => number
  limit?: number
}): Verifiers {
  const { ttlMs, timeoutMs, now, limit = 1_000 } = settings
  const entries = boundedMap<string, Entry>(limit)
  // By storage, because on Workers one request may not wait for another's input or output.
  const flights = new WeakMap<Storage, Map<string, Promise<readonly TokenVerifier[]>>>()

  async function ask(storage: Storage, name: string, keyHash: string): Promise<readonly TokenVerifier[]> {
    const asked = now()
    const call = () => storage.call<TokenVerifier[] | null>('token_verifiers', { keyHash })
    const answer = await retry(call, { timeoutMs, attempts: 2 }).catch((error: unknown) => {
      throw unavailable(error)
    })
    if (!answer) throw new Problem('key_unknown')
    const text = JSON.stringify(answer)
    const before = entries.get(name)
    const found = before?.text === text ? before.found : answer
    entries.set(name, { found, text, until: asked + ttlMs })
    return found
  }

  return {
    async find(storage, { projectId, environment }, keyHash) {
      const name = `${projectId} ${environment}`
      const entry = entries.get(name)
      if (entry && now() < entry.until) return entry.found
      const running = flights.get(storage) ?? new Map<string, Promise<readonly TokenVerifier[]>>()
      flights.set(storage, running)
      const flight = running.get(name) ?? ask(storage, name, keyHash).finally(() => running.delete(name))
      running.set(name, flight)
      return flight
    },
  }
}
