/** The one error of the CLI: a sentence that says what is wrong and what to do, and an exit code. */

/** What can stop a command; each has a heading in docs/reference/errors.md. */
export type CliErrorCode =
  | 'usage'
  | 'check_failed'
  | 'data_missing'
  | 'data_locked'
  | 'data_broken'
  | 'data_unwritable'
  | 'database_url_invalid'
  | 'database_unreachable'
  | 'database_refused'
  | 'database_not_migrated'
  | 'database_not_allowed'
  | 'port_taken'
  | 'port_not_allowed'
  | 'key_not_found'
  | 'program_missing'
  | 'file_exists'
  | 'file_missing'
  | 'file_unwritable'
  | 'backup_failed'
  | 'backup_unreadable'
  | 'target_not_empty'
  | 'restore_failed'
  | 'project_not_found'
  | 'id_not_erased'
  | 'source_unreadable'
  | 'reader_not_found'
  | 'config_invalid'
  | 'config_refused'
  | 'metric_invalid'
  | 'metric_not_found'
  | 'experiment_not_found'
  | 'settings_invalid'
  | 'token_verifier_invalid'
  | 'token_verifier_not_found'
  | 'token_key_invalid'
  | 'token_refused'
  | 'unexpected'

/** Stops a command. `message` is one sentence (or two: what, and what to do); shown without a stack. */
export class CliError extends Error {
  readonly code: CliErrorCode
  /** 2 where the command line itself is wrong, else 1. */
  readonly exitCode: 1 | 2

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CliError'
    this.code = code
    this.exitCode = code === 'usage' ? 2 : 1
  }
}
