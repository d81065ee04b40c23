/** Finds a Chromium on this machine, and says how tests launch it. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

const places = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** What was looked for, in the words a skipped test shows. */
export const chromiumHint: string =
  'no Chromium was found: set CHROMIUM_PATH to its program, or install one (Debian: apt-get install chromium)'

/** How tests start Chromium: silent, without its sandbox (containers and root have none), without calls home. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The path of a Chromium (or Chrome, or Edge).
 *
 * `CHROMIUM_PATH` decides alone where it is set: a wrong path means none, so that a mistake is seen.
 *
 * @returns `undefined` where there is none
 */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const wanted = env['CHROMIUM_PATH']
  if (wanted) return exists(wanted) ? wanted : undefined
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...places].find(exists)
}
