/** A pgbouncer in transaction mode before a test's database, where the machine has one. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, freePort, listening } from './programs.ts'

/** A running pooler. */
export interface Pooler {
  /** The given address, through the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

/** Where pgbouncer is, or `undefined`. */
export const findPgbouncer = (): string | undefined => findProgram('pgbouncer')

/** Starts pgbouncer before `target` with two server connections, so that many clients share them. */
export async function startPgbouncer(binary: string, target: URL): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-pgbouncer-'))
  // It refuses to run as root, and then reads its files as somebody else.
  chmodSync(folder, 0o755)
  const port = await freePort()
  writeFileSync(join(folder, 'users'), `"nunchi_app" "nunchi"\n"postgres" "${target.password}"\n`)
  const database = target.pathname.slice(1)
  writeFileSync(
    join(folder, 'ini'),
    `[databases]
${database} = host=${target.hostname} port=${target.port} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, 'users')}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`,
  )
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const pooler = spawn(binary, [...user, join(folder, 'ini')], { stdio: 'ignore' })
  await listening(port, 'pgbouncer')
  return {
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    async stop() {
      const exit = new Promise((resolve) => pooler.once('exit', resolve))
      pooler.kill('SIGTERM')
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
