/** Turns an address into what Postgres's own programs take, the password kept out of the process list. */

/** What libpq knows of the parameters that an address may carry; it refuses the others. */
const known = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'gssencmode',
  'host',
  'hostaddr',
  'options',
  'port',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
])

/** How a program of Postgres reaches the database. */
export interface Libpq {
  args: string[]
  env: Record<string, string>
}

/** The address as `--dbname`, without its password, which goes by the environment. */
export function libpq(url: string): Libpq {
  const address = new URL(url)
  const { password } = address
  address.password = ''
  const parameters = [...address.searchParams]
  address.search = new URLSearchParams(parameters.filter(([name]) => known.has(name))).toString()
  const ssl = address.searchParams.has('sslmode') ? undefined : new Map(parameters).get('ssl')
  if (ssl && ssl !== 'false') address.searchParams.set('sslmode', ssl === 'true' ? 'require' : ssl)
  // libpq takes a plus sign for itself, not for a space.
  address.search = address.search.replaceAll('+', '%20')
  return {
    args: [`--dbname=${address.href}`],
    env: password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) },
  }
}
