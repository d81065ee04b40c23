/** The config on a server: asked for once, used at once, refreshed behind. */
import type { Config } from '@nunchi/protocol'
import { isConfig } from '../experiments/decider.ts'

/** What a cache is made of. */
export interface ConfigCacheOptions {
  /** Where the config is. */
  url: string
  fetch(url: string, init: RequestInit): Promise<Response>
  /** How old the config may be before it is asked for again, in ms. */
  maxAge: number
  /** How long a request that has no config yet waits for one, in ms. */
  timeout: number
  now(): number
}

/** An answer that has not come by then is given up, in ms. */
const patience = 10_000

/**
 * Makes the cache of one server. A request never waits where there is a config, however old: one that is too old is
 * refreshed for those who come after. Never rejects.
 */
export function createConfigCache({
  url,
  fetch,
  maxAge,
  timeout,
  now,
}: ConfigCacheOptions): () => Promise<Config | undefined> {
  let config: Config | undefined
  /** When the last request began. */
  let asked = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  const request = async () => {
    try {
      const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(patience) })
      const answer: unknown = response.ok ? await response.json() : undefined
      if (isConfig(answer)) config = answer
    } catch {
      // The one before holds, or none.
    } finally {
      asking = undefined
    }
  }

  return async () => {
    if (!asking && now() - asked >= maxAge) {
      asked = now()
      asking = request()
    }
    if (!config && asking) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeout)
      })
      await Promise.race([asking, late])
      clearTimeout(timer)
    }
    return config
  }
}
