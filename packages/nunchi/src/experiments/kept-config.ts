/** The last config on this device, at hand before the first paint. */
import type { Config } from '@nunchi/protocol'
import type { Local } from '../page/local.ts'
import { isConfig } from './decider.ts'

/** The config as it stands there, beside the address that it came from. */
type Kept = [where: string, config: unknown]

/** A larger config is not kept, in characters: it would be read before the first paint. */
const largest = 200_000

/** The config that is kept. */
export interface KeptConfig {
  /** What earlier pages have left. */
  config: Config | undefined
  /** Keeps another one. */
  keep(config: Config): void
}

/** Opens the config that came from the address `where`; one from elsewhere is another project's. */
export function openKeptConfig(local: Local, where: string): KeptConfig {
  const { 0: from, 1: config } = Object(local.get<Kept>('config')) as Kept
  const kept: KeptConfig = {
    config: from === where && isConfig(config) ? config : undefined,
    keep(next) {
      if (next.version === kept.config?.version) return
      kept.config = next
      local.set('config', JSON.stringify(next).length < largest ? [where, next] : undefined)
    },
  }
  return kept
}
