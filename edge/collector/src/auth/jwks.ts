/** The keys of verifiers: imported once each, and of JWKS addresses fetched, kept, and fetched again with restraint. */
import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet } from 'jose'
import { boundedMap } from '../bounded-map.ts'
import type { GuardedFetch } from '../guarded-fetch.ts'
import type { TokenHeader, TokenKeys, TokenVerifier } from './verifier.ts'

/** How key sets are fetched. */
export interface TokenKeysOptions {
  fetch: GuardedFetch
  /** The clock, in ms since the epoch. */
  now: () => number
  /** Hears of a key set that could not be read. The host alone is told. */
  onFailure?(host: string, error: unknown): void
}

/** How long a key set is believed before it is fetched again, in ms. */
export const freshMs = 300_000
/** How often at most an unknown `kid` fetches it again, in ms. */
export const againMs = 60_000
/** How long one is kept that cannot be fetched any more, in ms. */
export const keptMs = 86_400_000
/** How long a failure lasts before the next attempt, where none is known, in ms. */
const failureMs = 5_000
const maxBytes = 262_144
const maxKeys = 100
const timeoutMs = 3_000

type LocalSet = ReturnType<typeof createLocalJWKSet>

interface Entry {
  set?: LocalSet
  /** When `set` was fetched. */
  at: number
  /** When a fetch was last begun. */
  asked: number
  failed: boolean
}

/**
 * Reads a key set.
 *
 * @throws Error where it is none, is empty, or holds more than 100 keys
 */
export function readJwks(text: string): LocalSet {
  const set = JSON.parse(text) as JSONWebKeySet
  const { length } = set.keys
  if (!(length > 0 && length <= maxKeys)) throw new Error(`a key set has 1 to ${maxKeys} keys, not ${length}`)
  return createLocalJWKSet(set)
}

async function candidates(set: LocalSet, header: TokenHeader): Promise<CryptoKey[]> {
  try {
    return [await set({ ...header })]
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return []
    // A token without a kid, and several keys of its kind: any of them may have signed it.
    const all: CryptoKey[] = []
    for await (const key of error) all.push(key)
    return all
  }
}

async function importStatic(verifier: TokenVerifier): Promise<CryptoKey[]> {
  if (verifier.kind === 'key')
    return [(await importJWK({ ...verifier.key }, verifier.algorithm)) as CryptoKey]
  const raw = new TextEncoder().encode(verifier.kind === 'secret' ? verifier.secret : '')
  return [await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])]
}

/** Makes the source of keys; one for each collector. */
export function tokenKeys({ fetch, now, onFailure }: TokenKeysOptions): TokenKeys {
  const entries = boundedMap<string, Entry>(1_000)
  const imported = new WeakMap<TokenVerifier, CryptoKey[]>()
  // By scope, because on Workers one request may not wait for another's input or output.
  const scopes = new WeakMap<object, Map<string, Promise<void>>>()

  async function load(url: string, entry: Entry): Promise<void> {
    entry.asked = now()
    try {
      const answer = await fetch(url, { timeoutMs, maxBytes, headers: { Accept: 'application/json' } })
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`)
      Object.assign(entry, { set: readJwks(await answer.text()), at: entry.asked, failed: false })
    } catch (error) {
      entry.failed = true
      onFailure?.(new URL(url).host, error)
    }
  }

  function refresh(url: string, entry: Entry, scope: object): Promise<void> {
    const flights = scopes.get(scope) ?? new Map<string, Promise<void>>()
    scopes.set(scope, flights)
    const flight = flights.get(url) ?? load(url, entry).finally(() => flights.delete(url))
    flights.set(url, flight)
    return flight
  }

  const due = (entry: Entry): boolean => {
    const since = now() - entry.asked
    if (now() - entry.at >= keptMs) return !entry.failed || since >= failureMs
    return now() - entry.at >= freshMs && since >= (entry.failed ? againMs : 0)
  }

  async function ofUrl(url: string, header: TokenHeader, scope: object): Promise<CryptoKey[] | undefined> {
    const entry = entries.get(url) ?? { at: Number.NEGATIVE_INFINITY, asked: 0, failed: false }
    entries.set(url, entry)
    if (due(entry)) await refresh(url, entry, scope)
    if (!entry.set || now() - entry.at >= keptMs) return undefined
    const found = await candidates(entry.set, header)
    if (found.length > 0 || now() - entry.asked < againMs) return found
    // Perhaps a key that is newer than what we have.
    await refresh(url, entry, scope)
    return candidates(entry.set, header)
  }

  async function ofStatic(verifier: TokenVerifier): Promise<CryptoKey[]> {
    const known = imported.get(verifier) ?? (await importStatic(verifier))
    imported.set(verifier, known)
    return known
  }

  return {
    of(verifier, header, scope) {
      if (verifier.kind === 'jwks') return ofUrl(verifier.url, header, scope)
      const { kid } = verifier.kind === 'key' ? verifier.key : {}
      if (kid !== undefined && header.kid !== undefined && kid !== header.kid) return Promise.resolve([])
      return ofStatic(verifier)
    },
  }
}
