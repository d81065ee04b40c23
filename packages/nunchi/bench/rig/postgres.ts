/** A Postgres of this run's own, from the server that the machine has. */
import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { listen } from './listen.ts'

const run = promisify(execFile)

/** A running cluster. */
export interface Cluster {
  url: string
  /** Such as `Postgres 15.18`. */
  label: string
  stop(): Promise<void>
}

function programs(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => +b - +a) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.find((folder) => ['initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name))))
}

/** Postgres refuses to run as root: then it runs as the system's `postgres`. */
function account(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {}
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** Starts a cluster in a new folder; `undefined` where the machine has no Postgres. */
export async function startPostgres(): Promise<Cluster | undefined> {
  const bin = programs()
  const who = account()
  if (!bin || !who) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-'))
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid!)
  const data = join(folder, 'data')
  const free = await listen(createServer())
  await free.close()
  const settings = `-p ${free.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`
  const quiet = { ...who, cwd: folder, env: { ...process.env, LC_ALL: 'C' } }
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'nunchi', '-A', 'trust', '-E', 'UTF8'], quiet)
  const start = ['start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', settings]
  // pg_ctl leaves its pipes to the server: waiting for them to close would wait for ever.
  execFileSync(join(bin, 'pg_ctl'), start, { ...quiet, stdio: 'ignore' })
  const { stdout } = await run(join(bin, 'postgres'), ['--version'], quiet)
  return {
    url: `postgres://nunchi@127.0.0.1:${free.port}/postgres`,
    label: `Postgres ${/[\d.]+/.exec(stdout)?.[0]}`,
    async stop() {
      execFileSync(join(bin, 'pg_ctl'), ['stop', '-m', 'immediate', '-D', data], {
        ...quiet,
        stdio: 'ignore',
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
