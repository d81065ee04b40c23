/** The visit: one record shared by all tabs, renewed by activity. */
import type { Local } from './page/local.ts'

interface Session {
  id: string
  /** When it was last active, in ms since the epoch. */
  last: number
}

/** The visit as it is now. */
export interface Sessions {
  /** The visit's id; a new one after `timeout` without activity. */
  current(): string
  /** Begins a new visit. */
  reset(): void
}

/** Activity is written down this often at most, in ms: each write wakes every other tab. */
const precision = 10_000

/**
 * Opens the visit.
 *
 * @param timeout how long without activity ends a visit, in ms
 * @param id makes a new visit's id
 */
export function openSession(local: Local, timeout: number, id: () => string, now: () => number): Sessions {
  return {
    current() {
      const time = now()
      const session = local.get<Session>('session')
      // In both directions: a clock that was set back must not keep a visit alive for years.
      const idle = Math.abs(time - (session?.last ?? 0))
      if (session && idle < precision) return session.id
      const next = { id: session && idle < timeout ? session.id : id(), last: time }
      local.set('session', next)
      return next.id
    },
    reset: () => local.set('session'),
  }
}
