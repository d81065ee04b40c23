/** Starts the real demo for a test: on free ports, with a database folder of its own that is migrated already, in its own process. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migratedFolder } from '../../../edge/collector/test/migrated-pglite.ts'
import { ensureScriptTag } from '../../../scripts/lib/build.ts'

/** A running demo. */
export interface OpenDemo {
  /** The shop's address. */
  shop: string
  /** The collector's address. */
  collector: string
  /** Stops it as Ctrl-C does, and removes its database. */
  close(): Promise<void>
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  )
  server.listen(port, '127.0.0.1')
  const free = await listening
  if (free) await new Promise((closed) => server.close(closed))
  return free
}

/** The shop takes a port and the collector the next one, so both must be free. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

const program = (sdk: string): string =>
  `import { demo } from ${JSON.stringify(new URL('../serve.ts', import.meta.url).href)}
  process.exitCode = await demo(async () => ${JSON.stringify(sdk)})`

/**
 * Starts the demo and waits until the shop is open.
 *
 * @throws Error with what the demo printed, where it stops instead
 */
export async function openDemo(): Promise<OpenDemo> {
  const { file } = await ensureScriptTag('nunchi-recommendations.global')
  const port = await twoFreePorts()
  const data = mkdtempSync(join(tmpdir(), 'nunchi-demo-'))
  // A copy: another test may be building the packages anew.
  const sdk = join(data, 'nunchi.global.js')
  copyFileSync(file, sdk)
  await migratedFolder(join(data, 'data'))
  const { DATABASE_URL: _, NUNCHI_MIGRATE_URL: __, ...rest } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(sdk)], {
    env: { ...rest, PORT: `${port}`, NUNCHI_DATA: join(data, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  await new Promise<void>((open, failed) => {
    const listen = (text: Buffer) => {
      said += text
      if (said.includes('The shop is open')) open()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => failed(new Error(`The demo stopped while starting:\n${said}`)))
  })
  return {
    shop: `http://localhost:${port}`,
    collector: `http://localhost:${port + 1}`,
    async close() {
      child.kill('SIGINT')
      await exited
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Turns the collector's port off, or on again. */
export async function setNetwork({ shop }: OpenDemo, network: { down: boolean }): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${shop}/demo/network`, {
    method: 'POST',
    headers,
    body: JSON.stringify(network),
  })
  if (!answer.ok) throw new Error(`The switch answered ${answer.status}.`)
}
