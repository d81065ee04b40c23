/** Whose lists these are: another visitor on the same device never sees them. */
import type { PluginContext } from '../plugin.ts'

/** A visitor, and the person once one is named. */
export interface Who {
  who: string
  user?: string | undefined
}

/** Whether what was made for one may be shown to the other: the same visitor, before or after signing in. */
const isFor = (before: Who, now: Who): boolean =>
  before.who === now.who && (before.user === undefined || before.user === now.user)

/** Knows the visitor. */
export interface Visitor {
  current(): Who
  /** Looks who is there. @returns `other` where it is somebody else, `named` where the same one was named since */
  look(): 'same' | 'named' | 'other'
  /** Whether what is kept is this visitor's. */
  owns(kept: Who): boolean
}

/** Makes what knows the visitor of one page; other tabs may sign in or out meanwhile. */
export function openVisitor({ client }: PluginContext): Visitor {
  const now = (): Who => ({ who: client.anonymousId, user: client.userId })
  let known: Who | undefined
  return {
    current: now,
    look() {
      const before = known
      known = now()
      if (!before || (before.who === known.who && before.user === known.user)) return 'same'
      return isFor(before, known) ? 'named' : 'other'
    },
    owns: (kept) => isFor(kept, now()),
  }
}
