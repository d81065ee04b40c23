/** The way to an environment's settings of recommendations by a server key through the collector. */
import { callByKey } from '../call-by-key.ts'
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
  const call = callByKey(storage, keyHash)
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
