/** Installs what only a bench needs, at its first use: nothing of it belongs to what `npm start` or `npm test` need. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes a bench folder's `node_modules` what its lockfile says.
 *
 * @param size how much there is to fetch, in words
 * @throws where npm could not install
 */
export function installPeers(folder: string, size: string): void {
  const stamp = join(folder, 'node_modules', '.installed')
  const wanted = readFileSync(join(folder, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log(`Installing the peers to measure against (once; ${size}) …`)
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // Started by npm, this process carries settings that are the outer command's own, such as --json.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(json|local_prefix|prefix)$/i.test(name)),
  )
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0)
    throw new Error(`npm could not install the peers. Run "npm ci" in ${folder} and see what it says.`)
  writeFileSync(stamp, wanted)
}
