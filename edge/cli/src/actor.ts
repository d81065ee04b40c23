/** Who the audit log says it was. */
import { userInfo } from 'node:os'

/** The command line's user, as `cli:kim`. */
export function actor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // Some containers run under a number without a name.
    return 'cli'
  }
}
