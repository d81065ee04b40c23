/** Where plugins and listeners are called: what one throws reaches neither the page nor the others. */
import type { Event } from '@nunchi/protocol'
import type { Report } from './errors.ts'
import type { Listener } from './stages.ts'

/** What can be hooked into, and what each hook is given. */
export interface HookTypes {
  /** An event, before it is written; may be changed; `false` drops it. */
  event: (event: Event) => unknown
  /** The page is hidden or goes away. */
  leave: () => void
  /** The page is seen again; `restored` from the back/forward cache. */
  show: (restored: boolean) => void
  /** The visitor was reset. */
  reset: () => void
  /** An event reached a stage of its way. */
  stage: Listener
}

/** The hooks of one client. */
export interface Hooks {
  /** Adds a hook. @returns removes it */
  on<Name extends keyof HookTypes>(name: Name, hook: HookTypes[Name]): () => void
  /** Calls all hooks of a name in their order; false where one answered `false`. */
  run<Name extends keyof HookTypes>(name: Name, ...args: Parameters<HookTypes[Name]>): boolean
}

/** Makes the hooks of one client. */
export function createHooks(report: Report): Hooks {
  const hooks: Partial<Record<keyof HookTypes, Set<unknown>>> = {}
  return {
    on(name, hook) {
      const set = hooks[name] ?? new Set()
      hooks[name] = set.add(hook)
      return () => set.delete(hook)
    },
    run(name, ...args) {
      let go = true
      for (const hook of hooks[name] ?? [])
        try {
          if ((hook as (...args: unknown[]) => unknown)(...args) === false) go = false
        } catch (error) {
          report('plugin_failed', error)
        }
      return go
    },
  }
}
