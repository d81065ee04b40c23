/** What goes wrong with a request that the collector makes itself. */

/**
 * - `address_refused`: the address, one that it resolves to, or one that it redirects to may not be called
 * - `timeout`: the answer was not complete in time
 * - `too_large`: the answer is larger than allowed
 * - `unreachable`: no connection, no such name, a bad certificate, or an answer that broke off
 */
export type OutgoingFault = 'address_refused' | 'timeout' | 'too_large' | 'unreachable'

/** Thrown where a request of the collector's own fails. Its message names no credentials and no path of the address. */
export class OutgoingError extends Error {
  override name = 'OutgoingError'
  readonly code: OutgoingFault

  constructor(code: OutgoingFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
