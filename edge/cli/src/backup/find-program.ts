/** Finds pg_dump and pg_restore of a version that fits the server. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CliError } from '../cli-error.ts'

/** A program of Postgres that this machine has. */
export interface Program {
  path: string
  /** Its major version. */
  major: number
}

type Name = 'pg_dump' | 'pg_restore'

/** Where Debian, Red Hat and Homebrew keep several versions side by side. */
const parents = ['/usr/lib/postgresql', '/usr', '/opt/homebrew/opt', '/usr/local/opt']

function folders(): string[] {
  const versions = parents.flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => /^(\d+|pgsql-\d+|postgresql@\d+|libpq)$/.test(name))
          .map((name) => join(parent, name, 'bin'))
      : [],
  )
  return [...(process.env['PATH'] ?? '').split(delimiter), ...versions]
}

function majorOf(path: string): number | undefined {
  try {
    const text = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const major = Number(/\) (\d+)/.exec(text)?.[1])
    return Number.isInteger(major) ? major : undefined
  } catch {
    return undefined
  }
}

/** Every program of that name, in the folders given (by default PATH and where systems keep them). */
export function listPrograms(name: Name, where: string[] = folders()): Program[] {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const paths = where.map((folder) => join(folder, `${name}${suffix}`)).filter((path) => existsSync(path))
  return [...new Set(paths)].flatMap((path) => {
    const major = majorOf(path)
    return major === undefined ? [] : [{ path, major }]
  })
}

const installed = (major: number): string =>
  `install the client programs of Postgres ${major} or newer (Debian: apt-get install postgresql-client-${major}; macOS: brew install libpq)`

/** The one whose version is the server's, else the next above it, which can read the older server too. */
export const nearest = (programs: Program[], major: number): Program[] =>
  programs.filter((one) => one.major >= major).sort((a, b) => a.major - b.major)

/**
 * The pg_dump for a server: never an older one, which would refuse.
 *
 * @throws CliError `program_missing`
 */
export function pgDumpFor(server: number, programs: Program[] = listPrograms('pg_dump')): Program {
  const [fit] = nearest(programs, server)
  if (fit) return fit
  const newest = Math.max(...programs.map(({ major }) => major))
  throw new CliError(
    'program_missing',
    programs.length === 0
      ? `A backup is made by pg_dump, and there is none here; ${installed(server)}.`
      : `The pg_dump here is of Postgres ${newest}, older than the server (${server}); ${installed(server)}.`,
  )
}

/**
 * Every pg_restore, those first that suit a server best: its own version, then newer, then older ones.
 *
 * @throws CliError `program_missing`
 */
export function pgRestoresFor(server: number, programs: Program[] = listPrograms('pg_restore')): Program[] {
  if (programs.length === 0)
    throw new CliError(
      'program_missing',
      `A backup is read by pg_restore, and there is none here; ${installed(server)}.`,
    )
  const older = programs.filter((one) => one.major < server).sort((a, b) => b.major - a.major)
  return [...nearest(programs, server), ...older]
}
