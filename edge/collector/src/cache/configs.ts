/** The config in force of each environment: believed for two seconds, asked for once at a time, kept when the database fails. */
import type { Config } from '@nunchi/protocol'
import { boundedMap } from '../bounded-map.ts'
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'
import { type Cache, parsed } from './cache.ts'

/** A config in force, ready to be sent and to be evaluated. */
export interface FoundConfig {
  /** Counts publications; 0 before the first. */
  number: number
  version: string
  config: Config
  /** `config` as JSON. */
  text: string
  /** Whether the database did not answer, so that this is the last one known. */
  stale: boolean
}

/** Whose config it is: the part of a key that says so. */
export interface Whose {
  projectId: string
  environment: string
}

/** Finds configs. */
export interface Configs {
  /**
   * The config of the key's project and environment.
   *
   * @param wanted the version that the client has heard of: another one that is known is then not believed for long
   * @throws a `Problem`: `key_unknown` where the key was revoked, `storage_unavailable` where the database does not
   * answer and no config is known
   */
  find(storage: Storage, key: Whose, keyHash: string, wanted?: string): Promise<FoundConfig>
}

/** What `nunchi.config` answers. */
type Answer = { number: number; version: string | null; config?: Config | null } | null

interface Entry {
  found: FoundConfig
  /** When the database was asked, in ms. */
  asked: number
}

/** What instances tell each other of a config. */
interface Shared {
  number: number
  config: Config
  /** When the database was asked, in ms since the epoch. */
  asked: number
}

/** How long a config is kept for instances that start while the database does not answer, in ms. */
const lastKnownMs = 3_600_000

/** How long another version than a wanted one is believed, in ms: whoever makes versions up does not reach the database each time. */
const doubtMs = 250

/** What is in force before anything was published. */
export const emptyConfig: Config = { version: 'none', flags: {}, experiments: {} }

function foundOf(answer: NonNullable<Answer>, before: FoundConfig | undefined): FoundConfig {
  const { number, version } = answer
  if (before && before.version === version && !answer.config) return { ...before, number, stale: false }
  const config = answer.config ?? emptyConfig
  return { number, version: version ?? config.version, config, text: JSON.stringify(config), stale: false }
}

const isTable = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((one) => typeof one === 'object' && one !== null)

/** Whether it is what an instance said: others may write to the same Redis. */
const isShared = (news: Shared | undefined): news is Shared =>
  typeof news?.config?.version === 'string' &&
  isTable(news.config.flags) &&
  isTable(news.config.experiments) &&
  Number.isFinite(news.number) &&
  Number.isFinite(news.asked)

/** Makes the cache. */
export function configCache(settings: {
  ttlMs: number
  timeoutMs: number
  now: () => number
  limit?: number
  /** Hears of a failed call that a known config hides. */
  onFailure?: (error: unknown) => void
  /** Where instances tell each other what is in force; must not reject. */
  shared?: Cache | undefined
  /** Hears of each look-up in this instance's memory, and whether it was there. */
  onLookUp?: (hit: boolean) => void
}): Configs {
  const { ttlMs, timeoutMs, now, limit = 1_000, onFailure, shared, onLookUp } = settings
  const entries = boundedMap<string, Entry>(limit)
  // By storage, because on Workers one request may not wait for another's input or output.
  const flights = new WeakMap<Storage, Map<string, Promise<FoundConfig>>>()

  /** What an instance said last, this one among them. */
  async function told(name: string, before: FoundConfig | undefined): Promise<Entry | undefined> {
    const news = parsed<Shared>(await shared?.get(name))
    if (!isShared(news)) return undefined
    const { number, config, asked } = news
    const found = foundOf(
      config.version === before?.version
        ? { number, version: config.version }
        : { number, version: config.version, config },
      before,
    )
    // A clock ahead of ours must not keep an old config in force.
    const at = Math.min(asked, now())
    return { found, asked: at }
  }

  async function ask(storage: Storage, name: string, keyHash: string, believedMs: number) {
    const before = entries.get(name)?.found
    const news = await told(name, before)
    if (news && now() - news.asked < believedMs) {
      entries.set(name, news)
      return news.found
    }
    const asked = now()
    try {
      const call = () => storage.call<Answer>('config', { keyHash, known: before?.version ?? null })
      const answer = await retry(call, { timeoutMs, attempts: 2 })
      if (!answer) throw new Problem('key_unknown')
      const found = foundOf(answer, before)
      entries.set(name, { found, asked })
      const said: Shared = { number: found.number, config: found.config, asked }
      void shared?.set(name, JSON.stringify(said), lastKnownMs)
      return found
    } catch (error) {
      const last = before ?? news?.found
      if (error instanceof Problem || !last) throw unavailable(error)
      onFailure?.(error)
      const found = { ...last, stale: true }
      entries.set(name, { found, asked })
      return found
    }
  }

  return {
    async find(storage, { projectId, environment }, keyHash, wanted) {
      const name = `${projectId} ${environment}`
      const entry = entries.get(name)
      const doubted = entry && wanted !== undefined && wanted !== entry.found.version
      const believedMs = doubted ? Math.min(ttlMs, doubtMs) : ttlMs
      const fresh = entry !== undefined && now() < entry.asked + believedMs
      onLookUp?.(fresh)
      if (fresh) return entry.found
      const running = flights.get(storage) ?? new Map<string, Promise<FoundConfig>>()
      flights.set(storage, running)
      const flight =
        running.get(name) ?? ask(storage, name, keyHash, believedMs).finally(() => running.delete(name))
      running.set(name, flight)
      return flight
    },
  }
}
