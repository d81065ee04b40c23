/** Starts the real example for a test: on free ports, with a database folder of its own that is migrated already, in its own process. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../../edge/cli/test/running.ts'
import { migratedFolder } from '../../../edge/collector/test/migrated-pglite.ts'

/** A running example. */
export interface OpenClub {
  url: string
  /** Stops it as Ctrl-C does, and removes its database. */
  close(): Promise<void>
}

/**
 * Starts it and waits until it is open.
 *
 * @throws Error with what it printed, where it stops instead
 */
export async function openClub(): Promise<OpenClub> {
  const port = await freePorts()
  const data = mkdtempSync(join(tmpdir(), 'nunchi-matching-'))
  await migratedFolder(join(data, 'data'))
  const { DATABASE_URL: _, NUNCHI_MIGRATE_URL: __, ...rest } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, '../serve.ts')], {
    env: { ...rest, PORT: `${port}`, NUNCHI_DATA: join(data, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  await new Promise<void>((open, failed) => {
    const listen = (text: Buffer) => {
      said += text
      if (said.includes('Ctrl-C stops it')) open()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => failed(new Error(`The example stopped while starting:\n${said}`)))
  })
  return {
    url: `http://localhost:${port}`,
    async close() {
      child.kill('SIGINT')
      await exited
      rmSync(data, { recursive: true, force: true })
    },
  }
}
