/** What the manage API says of a change that was published. */
import type { Outcome } from './publisher.ts'

/** The number and version in force now, and what changed. */
export function told({ number, version, change }: Outcome): object {
  const { reason, subject, before, after } = change
  return { number, version, reason, subject, before, after }
}
