/** The way to an environment's settings of recommendations by a server key through the collector. */
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import type { RecommendationSettings } from '../recommend/settings.ts'
import type { Storage } from '../storage/storage.ts'

/** What an environment says, and what is in force with the defaults. */
export interface StoredSettings {
  definition: RecommendationSettings | null
  settings: RecommendationSettings
}

/** Reads and writes settings; each change leaves a row in the audit log. */
export interface SettingsGateway {
  read(): Promise<StoredSettings>
  /** @param definition a valid one; null goes back to the defaults */
  set(definition: RecommendationSettings | null): Promise<{ before: RecommendationSettings | null }>
}

/** Project, environment and actor are the key's. @param onChange hears of each change that was written */
export function keySettings(storage: Storage, keyHash: string, onChange: () => void): SettingsGateway {
  async function call<Answer>(fn: string, args: object): Promise<Answer> {
    const answer = await storage.call<Answer>(fn, { ...args, keyHash }).catch((error: unknown) => {
      throw unavailable(error, 2)
    })
    const { error } = (answer ?? {}) as { error?: string }
    if (error === 'key_unknown' || error === 'key_not_allowed') throw new Problem(error)
    return answer
  }
  return {
    read: () => call('recommendation_settings_by_key', {}),
    async set(definition) {
      const answer = await call<{ before: RecommendationSettings | null }>(
        'set_recommendation_settings_by_key',
        { definition },
      )
      onChange()
      return answer
    },
  }
}
