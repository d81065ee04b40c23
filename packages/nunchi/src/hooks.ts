/** Where plugins and listeners are called: what one throws reaches neither the page nor the others. */
import type { Event } from '@nunchi/protocol'
import type { Report, SdkCode } from './errors.ts'
import type { Emit, Listener, Stage } from './stages.ts'

/** What holds for one event on its way to the store; hooks see it beside the event, and may change it. */
export interface Marks {
  /** Never sampled out, and given up last when the store is full. @default true for all but `track` and `page` */
  keep?: boolean
  /** Why a hook answered `false`, in a few words; told by `debug()`. */
  why?: string
}

/** What can be hooked into, and what each hook is given. */
export interface HookTypes {
  /** An event, before it is written; may be changed; `false` drops it. */
  event: (event: Event, marks: Marks) => unknown
  /** The event as every plugin has left it, and nobody has seen it yet: what redacts it comes last. `false` drops it. */
  seal: (event: Event, marks: Marks) => unknown
  /** An event is kept: consent was given, it is in memory as it will be stored. Changing it changes nothing. */
  keep: (event: Event) => void
  /** The page is hidden or goes away. */
  leave: () => void
  /** The page is seen again; `restored` from the back/forward cache. */
  show: (restored: boolean) => void
  /** The visitor was reset. */
  reset: () => void
  /** The way was opened, held or closed: consent was given, or taken back. */
  gate: (state: 'open' | 'held' | 'closed' | 'memory') => void
  /** The client was closed: time to stop listening. */
  close: () => void
  /** An event reached a stage of its way. */
  stage: Listener
}

/** The hooks of one client. */
export interface Hooks {
  /** Adds a hook. @returns removes it */
  on<Name extends keyof HookTypes>(name: Name, hook: HookTypes[Name]): () => void
  /** Calls all hooks of a name in their order; false where one answered `false`. */
  run<Name extends keyof HookTypes>(name: Name, ...args: Parameters<HookTypes[Name]>): boolean
  /** Tells of a stage, and reports those that somebody should look into. */
  emit: Emit
}

/** Stages that are a problem of their own. */
const problems: { [stage in Stage]?: SdkCode } = { dropped: 'event_dropped', rejected: 'event_rejected' }

/** Makes the hooks of one client. */
export function createHooks(report: Report): Hooks {
  const hooks: Partial<Record<keyof HookTypes, Set<unknown>>> = {}
  const self: Hooks = {
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
    emit(stage, detail) {
      self.run('stage', stage, detail)
      // Only a failure has a status, and only a drop a reason.
      const { status, reason } = detail as { status?: number; reason?: string }
      // What a plugin takes out on purpose is nobody's problem.
      const code = /40[13]/.test(`${status}`) ? 'key_refused' : reason !== 'sampled' && problems[stage]
      if (code) report(code, detail)
    },
  }
  return self
}
