/** The decider: the config in force, compiled, and what must stay as it is while the page lives. */
import {
  type Compiled,
  type Config,
  compile,
  type Experiment,
  type ExperimentResult,
  type Extension,
} from '@nunchi/protocol'

/** An experiment as a visitor has seen it. */
interface Held {
  definition: Experiment
  /** The version of the config that it came with. */
  version: string
}

/** Decides by the config in force. */
export interface Decider {
  readonly config: Config | undefined
  readonly compiled: Compiled
  /** What knows nothing, and says so of everything. */
  readonly nothing: Compiled
  /** Puts another config in force. */
  take(config: Config): void
  /** Keeps an experiment as it is: a later config changes it only by ending it. */
  hold(experiment: string): void
  /** The version of the config that a result comes from. */
  versionOf(result: ExperimentResult): string
  /** Whether a visitor who had this revision of an experiment still has it. */
  runs(experiment: string, revision: number): boolean
  /** Lets everything go that was held. */
  release(): void
}

/** Whether somebody's answer is a config: a portal's page or half of a file is none. */
export function isConfig(value: unknown): value is Config {
  const { version, flags, experiments } = Object(value) as Partial<Config>
  return typeof version === 'string' && [flags, experiments].every((part) => part && typeof part === 'object')
}

/** Makes a decider that understands what `extension` adds. */
export function createDecider(extension: Extension | undefined): Decider {
  const held = new Map<string, Held>()
  const nothing = compile({ version: '', flags: {}, experiments: {} })
  const recompile = () => {
    const { version = '', flags = {}, experiments = {} } = decider.config ?? {}
    const all = { ...experiments }
    // Ended, or taken out: what it was does not matter any more.
    for (const [key, { definition }] of held)
      if (all[key]?.status === 'running') all[key] = definition
      else held.delete(key)
    decider.compiled = compile({ version, flags, experiments: all }, extension)
  }
  const decider = {
    config: undefined as Config | undefined,
    compiled: nothing,
    nothing,
    take(config: Config) {
      decider.config = config
      recompile()
    },
    hold(key: string) {
      const { version, experiments } = decider.config!
      if (!held.has(key)) held.set(key, { definition: experiments[key]!, version })
    },
    versionOf: ({ experiment }: ExperimentResult) =>
      held.get(experiment)?.version ?? decider.config?.version ?? '',
    runs(key: string, revision: number) {
      const { status, revision: now } = held.get(key)?.definition ?? decider.config?.experiments[key] ?? {}
      return !decider.config || (status === 'running' && now === revision)
    },
    release() {
      held.clear()
      recompile()
    },
  }
  return decider
}
