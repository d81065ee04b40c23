/** What the terminal sees of a failure: one sentence, an exit code, no stack. */
import { stripVTControlCharacters } from 'node:util'
import { CliError } from './cli-error.ts'
import { explainDatabaseError } from './database/explain.ts'
import { red } from './print.ts'

/** The sentence for anything that can be thrown. */
function explain(error: unknown): CliError {
  if (error instanceof CliError) return error
  // citty's own, for a missing argument or an unknown command.
  if (error instanceof Error && error.name === 'CLIError')
    return new CliError(
      'usage',
      `${stripVTControlCharacters(error.message).replace(/\.$/, '')}; --help shows the usage.`,
    )
  return explainDatabaseError(error)
}

/**
 * Prints why a command could not go on; all of it with NUNCHI_DEBUG set.
 *
 * @returns the exit code: 1 for a failure, 2 for a wrong command line
 */
export function report(error: unknown): 1 | 2 {
  const { message, exitCode } = explain(error)
  process.stderr.write(`${red('✗')} ${message}\n`)
  if (process.env['NUNCHI_DEBUG']) console.error(error)
  return exitCode
}
