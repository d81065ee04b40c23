/** Starts a throwaway Postgres server from a folder of binaries, also as root, and stops it without a trace. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running server of the tests' own. */
export interface PostgresServer {
  /** The superuser's address, with password, database `postgres`. */
  url: string
  /** The postmaster's process id. */
  pid(): number
  /** Ends the server and keeps its data: `SIGINT` stops it in order, `SIGKILL` as a crash does. */
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
  /** Stops the server and removes its folder. */
  stop(): Promise<void>
}

interface User {
  uid?: number
  gid?: number
}

const password = 'postgres'

/** Whom the server runs as: Postgres refuses root, so as root it is a user that has nothing. */
function serverUser(): User {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody'])
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user: the next one.
    }
  throw new Error('Postgres does not run as root, and there is neither a user postgres nor nobody.')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

function initialise(bin: string, data: string, folder: string, user: User): void {
  const secret = join(folder, 'password')
  writeFileSync(secret, password)
  execFileSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '-E',
      'UTF8',
      '--no-locale',
      '-N',
    ],
    { ...user, cwd: folder, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } },
  )
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      if (log.length < 20_000) log += chunk.toString()
      if (log.includes('database system is ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`The server did not start: ${log.trim()}`)))
  })
}

function ended(server: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve()
    server.once('exit', () => resolve())
    server.kill(signal)
  })
}

/** How a server is started. */
export interface PostgresOptions {
  /** `name=value`, as in postgresql.conf. */
  settings?: string[]
  /** Where its folder is made. @default the system's temporary folder */
  parent?: string
}

/**
 * Starts a server on a free port of the loopback interface, its data in a temporary folder.
 *
 * @param bin the folder of `initdb` and `postgres`
 * @throws what stood in the way, in words
 */
export async function startPostgres(
  bin: string,
  { settings = [], parent = tmpdir() }: PostgresOptions = {},
): Promise<PostgresServer> {
  const user = serverUser()
  const folder = mkdtempSync(join(parent, 'nunchi-postgres-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!)
    const data = join(folder, 'data')
    initialise(bin, data, folder, user)
    const port = await freePort()
    const given = [
      'max_connections=300',
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      ...settings,
    ]
    const args = ['-D', data, '-p', String(port), ...given.flatMap((setting) => ['-c', setting])]
    let server: ChildProcess | undefined
    // A run that is killed takes its server along as far as Node lets it.
    const abandon = () => server?.kill('SIGQUIT')
    process.once('exit', abandon)
    const start = async () => {
      server = spawn(join(bin, 'postgres'), args, {
        ...user,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      await ready(server)
    }
    await start()
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      pid: () => server!.pid!,
      end: (signal) => ended(server!, signal),
      start,
      async stop() {
        process.off('exit', abandon)
        // Fast shutdown: ends sessions, keeps what is committed.
        await ended(server!, 'SIGINT')
        remove()
      },
    }
  } catch (error) {
    remove()
    const { stderr, message } = error as Error & { stderr?: Buffer }
    throw new Error((stderr?.toString().trim() || message).split('\n').slice(-3).join(' '))
  }
}
