/** One line a check: what was looked at, how it is, and what to do about it. */
import { CliError } from './cli-error.ts'
import { dim, green, print, red, yellow } from './print.ts'

/** What one check found. A `warn` is worth a look and fails nothing. */
export interface Check {
  name: string
  status: 'ok' | 'warn' | 'fail'
  /** What was found, in one sentence without a full stop. */
  detail: string
  /** What to do, where something is to be done. */
  fix?: string
}

const marks = { ok: green('✓'), warn: yellow('!'), fail: red('✗') }

/** Prints one check as a line, and its remedy below it. */
export function printCheck({ name, status, detail, fix }: Check): void {
  print(`${marks[status]} ${name.padEnd(20)} ${detail}`)
  if (fix && status !== 'ok') print(`  ${' '.repeat(20)} ${dim('→')} ${fix}`)
}

/**
 * Ends a run of checks.
 *
 * @throws CliError `check_failed` where one failed
 */
export function concludeChecks(checks: Check[]): void {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ name }) => name)
  if (failed.length > 0)
    throw new CliError(
      'check_failed',
      `${failed.length} of ${checks.length} checks failed (${failed.join(', ')}); the lines above say what to do.`,
    )
}
