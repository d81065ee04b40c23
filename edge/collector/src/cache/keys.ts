/** Looks API keys up, at most once in two seconds each, also those that are unknown. */
import { boundedMap } from '../bounded-map.ts'
import { unavailable } from '../failure.ts'
import { retry } from '../retry.ts'
import { sha256Hex } from '../sha256.ts'
import type { Storage } from '../storage/storage.ts'
import { type Cache, parsed } from './cache.ts'

/** A key in force, as the database describes it. */
export interface FoundKey {
  keyId: string
  projectId: string
  projectName: string
  environment: string
  kind: 'pub' | 'srv'
  /** What a server key may do; empty for everything. */
  scopes: string[]
  /** The origins whose pages may use it; empty for all. */
  origins: string[]
  /** Requests per second, or `null` for the collector's default. */
  rateLimit: number | null
  /** Whether its events are the team's own traffic. */
  internal: boolean
}

/** How a key is looked for. */
export interface FindOptions {
  /**
   * Whether a key that was in force when the database last answered will do while it does not: for what is answered
   * from memory then.
   * @default false
   */
  lastKnown?: boolean
}

/** Finds keys by their text. */
export interface Keys {
  /**
   * @returns the key's SHA-256 (hex), and the key, or `null` where it is unknown or revoked
   * @throws a `Problem` `storage_unavailable`
   */
  find(storage: Storage, key: string, options?: FindOptions): Promise<{ hash: string; key: FoundKey | null }>
}

/** What instances tell each other of a key. */
interface Shared {
  found: FoundKey | null
  /** When the database was asked, in ms since the epoch. */
  asked: number
}

interface Entry {
  found: FoundKey | null
  until: number
  /** Whether the database did not answer, so that this is only what was known. */
  stale?: boolean
}

const isText = (value: unknown) => typeof value === 'string'
const areTexts = (value: unknown) => Array.isArray(value) && value.every(isText)

/** Whether it is what the database would say: others may write to the same Redis. */
function isFound(value: unknown): value is FoundKey | null {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const { keyId, projectId, projectName, environment, kind, scopes, origins, rateLimit, internal } =
    value as FoundKey
  return (
    [keyId, projectId, projectName, environment].every(isText) &&
    (kind === 'pub' || kind === 'srv') &&
    [scopes, origins].every(areTexts) &&
    (rateLimit === null || Number.isFinite(rateLimit)) &&
    typeof internal === 'boolean'
  )
}

/**
 * Makes the cache. Keys are compared only by their hashes, so the time that an answer takes says nothing about
 * any key's text.
 */
export function keyCache(settings: {
  ttlMs: number
  timeoutMs: number
  now: () => number
  limit?: number
  /** Where instances tell each other what they found; must not reject. */
  shared?: Cache | undefined
  /** Hears of each look-up in this instance's memory, and whether it was there. */
  onLookUp?: (hit: boolean) => void
}): Keys {
  const { ttlMs, timeoutMs, now, limit = 10_000, shared, onLookUp } = settings
  const entries = boundedMap<string, Entry>(limit)
  // Hashes of public keys only: a server key's text is not kept.
  const hashes = boundedMap<string, string>(limit)
  // By storage, because on Workers one request may not wait for another's input or output.
  const flights = new WeakMap<Storage, Map<string, Promise<FoundKey | null>>>()

  async function hashOf(key: string): Promise<string> {
    const known = hashes.get(key)
    if (known) return known
    const hash = await sha256Hex(key)
    if (key.startsWith('nk_pub_')) hashes.set(key, hash)
    return hash
  }

  /** What another instance found, unless it is as old as what this one no longer believes. */
  async function told(hash: string): Promise<Entry | undefined> {
    const news = parsed<Shared>(await shared?.get(hash))
    if (!news || !isFound(news.found) || !Number.isFinite(news.asked)) return undefined
    const { found, asked } = news
    // A clock ahead of ours must not keep a revoked key in force.
    const until = Math.min(asked, now()) + ttlMs
    return now() < until ? { found, until } : undefined
  }

  async function lookUp(storage: Storage, hash: string): Promise<FoundKey | null> {
    const entry = await told(hash)
    if (entry) {
      entries.set(hash, entry)
      return entry.found
    }
    const asked = now()
    const call = () => storage.call<FoundKey | null>('find_key', { hash })
    const found = await retry(call, { timeoutMs, attempts: 2 }).catch((error: unknown) => {
      throw unavailable(error)
    })
    entries.set(hash, { found, until: asked + ttlMs })
    const news: Shared = { found, asked }
    void shared?.set(hash, JSON.stringify(news), ttlMs)
    return found
  }

  function single(storage: Storage, hash: string): Promise<FoundKey | null> {
    const running = flights.get(storage) ?? new Map<string, Promise<FoundKey | null>>()
    flights.set(storage, running)
    const flight = running.get(hash) ?? lookUp(storage, hash).finally(() => running.delete(hash))
    running.set(hash, flight)
    return flight
  }

  return {
    async find(storage, key, { lastKnown = false } = {}) {
      const hash = await hashOf(key)
      const entry = entries.get(hash)
      const fresh = entry !== undefined && now() < entry.until && (lastKnown || !entry.stale)
      onLookUp?.(fresh)
      if (fresh) return { hash, key: entry.found }
      const asked = now()
      try {
        return { hash, key: await single(storage, hash) }
      } catch (error) {
        if (!lastKnown || !entry?.found) throw error
        entries.set(hash, { found: entry.found, until: asked + ttlMs, stale: true })
        return { hash, key: entry.found }
      }
    },
  }
}
