/** Which databases were named: DATABASE_URL serves, NUNCHI_MIGRATE_URL administers, a folder stands in for both. */
import { CliError } from '../cli-error.ts'

/** The addresses of a Postgres. */
export interface Urls {
  /** What the collector connects with: as `nunchi_app`, where there are two. */
  serve: string
  /** What migrations and administration connect with. */
  admin: string
  /** Whether both are the same login, so that each connection must change its role itself. */
  one: boolean
}

function checked(name: string, text: string): string {
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text
  throw new CliError(
    'database_url_invalid',
    `${name} is not a Postgres address; write it like postgres://user:password@host:5432/database (special letters of the password as %XX).`,
  )
}

/**
 * Reads the environment.
 *
 * @returns `undefined` where no Postgres is named
 * @throws CliError `database_url_invalid`
 */
export function givenUrls(env: NodeJS.ProcessEnv = process.env): Urls | undefined {
  const serve = env['DATABASE_URL'] || env['NUNCHI_MIGRATE_URL']
  const admin = env['NUNCHI_MIGRATE_URL'] || serve
  if (!serve || !admin) return undefined
  checked(env['DATABASE_URL'] ? 'DATABASE_URL' : 'NUNCHI_MIGRATE_URL', serve)
  checked('NUNCHI_MIGRATE_URL', admin)
  return { serve, admin, one: serve === admin }
}

/** The address without its password, fit for the terminal. */
export function shownUrl(url: string): string {
  const { protocol, username, host, pathname } = new URL(url)
  return `${protocol}//${username ? `${username}@` : ''}${host}${pathname}`
}

/** The password of `nunchi_app` in `url`, or `undefined` where it logs in as somebody else (poolers add `.project` to the name). */
export function appPassword(url: string): string | undefined {
  const { username, password } = new URL(url)
  const app = /^nunchi_app(\..+)?$/.test(decodeURIComponent(username))
  return app && password ? decodeURIComponent(password) : undefined
}
