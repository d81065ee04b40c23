/** The peers that are measured beside us: installed at first use, and which version of each it is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPeers } from '../../../../scripts/lib/install-peers.ts'

const folder = join(import.meta.dirname, '..')

/** Makes `bench/node_modules` what the lockfile says. */
export const installOurPeers = (): void => installPeers(folder, 'about 130 MB')

/** The installed version of a peer's package. */
export function versionOf(name: string): string {
  const text = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
