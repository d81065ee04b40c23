/** Which insight is asked for, by whom. */

/** By a key in force, and whom the insight may be about. */
export interface Asked {
  keyHash: string
  /** Of the match, or the `recommendationId`. */
  id: string
  /** Verified: by the visitor's token, or by a server that says so. */
  userId?: string
  anonymousId?: string
}
