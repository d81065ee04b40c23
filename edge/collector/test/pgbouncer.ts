/** A pgbouncer in transaction mode before a test's database, where the machine has one. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A running pooler. */
export interface Pooler {
  /** The given address, through the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Where pgbouncer is, or `undefined`. */
export function findPgbouncer(): string | undefined {
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path))
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('pgbouncer did not start listening')
}

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
  await listening(port)
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
