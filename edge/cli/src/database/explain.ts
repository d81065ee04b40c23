/** Turns what a database driver throws into a sentence that says what to do. */
import { CliError, type CliErrorCode } from '../cli-error.ts'

/** By SQLSTATE or by Node's error code: what happened, and what to do. */
const known: { [code: string]: [CliErrorCode, string] } = {
  ECONNREFUSED: [
    'database_unreachable',
    'Nothing answers at the address of DATABASE_URL; start Postgres there, or correct host and port.',
  ],
  ENOTFOUND: ['database_unreachable', 'The host of DATABASE_URL has no address; correct its spelling.'],
  EAI_AGAIN: [
    'database_unreachable',
    'The host of DATABASE_URL could not be looked up; check the network and try again.',
  ],
  ETIMEDOUT: [
    'database_unreachable',
    'The host of DATABASE_URL does not answer; check the port, and the firewall in between.',
  ],
  CONNECT_TIMEOUT: [
    'database_unreachable',
    'The host of DATABASE_URL does not answer; check the port, and the firewall in between.',
  ],
  CONNECTION_CLOSED: ['database_unreachable', 'Postgres closed the connection; try again, its log says why.'],
  ECONNRESET: ['database_unreachable', 'Postgres closed the connection; try again, its log says why.'],
  '28P01': [
    'database_refused',
    'Postgres refused the password; correct it in the URL (special letters as %XX).',
  ],
  '28000': [
    'database_refused',
    'Postgres refused the login; check user, host rules (pg_hba.conf) and TLS (?sslmode=require).',
  ],
  '3D000': [
    'database_refused',
    'The database named in the URL does not exist; create it (createdb NAME) or correct the name.',
  ],
  '53300': ['database_unreachable', 'Postgres has no connection left; close some, or raise max_connections.'],
  '57P03': ['database_unreachable', 'Postgres is still starting; try again in a moment.'],
  '3F000': ['database_not_migrated', 'The database has no nunchi schema yet; run: nunchi migrate up'],
  '42883': ['database_not_migrated', 'The schema is older than this program; run: nunchi migrate up'],
  '42P01': ['database_not_migrated', 'The schema is older than this program; run: nunchi migrate up'],
  '42501': [
    'database_not_allowed',
    'This login may not do that; give the URL of an administrator in NUNCHI_MIGRATE_URL.',
  ],
  '55P03': ['database_unreachable', 'Another session holds a lock that this needs; try again in a moment.'],
  '25006': ['database_not_allowed', 'This database is read-only (a replica); give the URL of the primary.'],
}

interface DriverError {
  code?: unknown
  message?: unknown
  errors?: unknown[]
}

/** 22023: a role that `set role` does not find, or a sentence of one of our own functions. */
function explainParameter(error: unknown, message: string): CliError {
  return /role "?nunchi_/.test(message)
    ? new CliError(
        'database_not_migrated',
        'The database has no nunchi roles yet; run: nunchi migrate up',
        error,
      )
    : new CliError('usage', message, error)
}

/**
 * The sentence for a driver's error; the driver's own words follow it.
 *
 * @param name the variable that holds the address
 */
export function explainDatabaseError(error: unknown, name = 'DATABASE_URL'): CliError {
  if (error instanceof CliError) return error
  // The message of a MigrationError says what to do already.
  if (error instanceof Error && error.name === 'MigrationError')
    return new CliError('database_not_migrated', error.message, error)
  // Node tries ::1 and 127.0.0.1 and reports both refusals as one AggregateError.
  const { code, message, errors } = (error ?? {}) as DriverError
  const first = (errors?.[0] ?? {}) as DriverError
  if (code === '22023') return explainParameter(error, String(message))
  const [kind, sentence] = known[String(code ?? first.code)] ?? [
    'unexpected',
    'This failed in a way that nunchi has no advice for; NUNCHI_DEBUG=1 shows all of it.',
  ]
  const words = String(message || first.message || error)
    .split('\n')[0]!
    .replace(/\.$/, '')
  return new CliError(kind as CliErrorCode, `${sentence.replace('DATABASE_URL', name)} (${words})`, error)
}
