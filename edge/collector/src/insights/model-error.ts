/** What goes wrong between us and a language model. */

/**
 * - `timeout`: no whole answer in time
 * - `unavailable`: no connection, or a status of 500 and above
 * - `rate_limited`: 429
 * - `refused`: another status, such as 401 for a key that is wrong
 * - `broken`: an answer that is not one, or broke off
 */
export type ModelFault = 'timeout' | 'unavailable' | 'rate_limited' | 'refused' | 'broken'

/** Thrown where a model does not answer. */
export class ModelError extends Error {
  override name = 'ModelError'
  readonly code: ModelFault
  /** How long it asks to be left alone, in ms. */
  readonly retryAfterMs: number | undefined
  /** Whether tokens may have been spent all the same. */
  readonly spent: boolean

  constructor(
    code: ModelFault,
    message: string,
    more: { retryAfterMs?: number | undefined; spent?: boolean } = {},
  ) {
    super(message)
    this.code = code
    this.retryAfterMs = more.retryAfterMs
    this.spent = more.spent ?? false
  }
}
