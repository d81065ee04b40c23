/** What evaluating takes and gives: options, results, and the seam to what is optional. */
import type { Bucketer } from './bucket.ts'
import type { Operators } from './condition.ts'
import type { Experiment } from './config.ts'
import type { Json, JsonObject } from './event.ts'

/** Values that hold whatever the config says: a developer's, a test's, a tester's. */
export interface Overrides {
  /** Values by flag. */
  flags?: { [key: string]: Json }
  /** Variants by experiment (by its `assignmentKey`, where it has one): a variant's key, or its position from 0. */
  experiments?: { [key: string]: string | number }
}

/** Kept assignments: by unit (`attribute||value`), then by experiment and bucket version (`key__version`), a variant. */
export interface Sticky {
  [unit: string]: { [assignment: string]: string }
}

/** What an evaluation depends on besides config and attributes. */
export interface EvaluateOptions {
  /** The page's address, for experiments with `urls` and for `?experiment=variant`. Needs the full evaluator. */
  url?: string
  overrides?: Overrides
  /** Needs the full evaluator. */
  sticky?: Sticky
  /** For schedules, in ms since the epoch. @default Date.now() */
  now?: number
  /**
   * A list that every assignment made on the way is added to: also those of prerequisites, and those of arms that pass
   * through. All of them are exposures.
   */
  assignments?: ExperimentResult[]
}

/**
 * Why a unit has the variant that it has. In: `split` (by its bucket), `sticky` (kept), `forced` (by the config),
 * `override` (by the caller or the address), `winner`. Out, with the control: the rest, each naming what failed.
 */
export type ExperimentReason =
  | 'split'
  | 'sticky'
  | 'forced'
  | 'override'
  | 'winner'
  | 'unknown'
  | 'unsupported'
  | 'draft'
  | 'paused'
  | 'completed'
  | 'schedule'
  | 'url'
  | 'no_unit'
  | 'namespace'
  | 'holdout'
  | 'condition'
  | 'prerequisite'
  | 'gate'
  | 'cycle'
  | 'bucket_version'
  | 'coverage'

/** What an experiment says of a unit: all that an exposure carries but the config's version. */
export interface ExperimentResult {
  experiment: string
  /** The variant's key; of a unit that is not in, the control's. Empty where the experiment is unknown. */
  variant: string
  /** The variant's position in `variants`, from 0. */
  index: number
  /** The variant's configuration, or `null`. */
  value: Json
  /** Whether the variant was meant for this unit, rather than the control for want of one. */
  inExperiment: boolean
  /** Whether a flag goes on to its next rule. */
  passthrough: boolean
  /** Whether bucket or kept assignment chose it: exactly these are exposures, and are counted. */
  assigned: boolean
  reason: ExperimentReason
  revision: number
  /** The attribute that was hashed. */
  attribute: string
  /** Its value, or empty. */
  unit: string
  /** From 0 to 999,999; `null` where nothing was hashed. */
  bucket: number | null
}

/** Why a flag is what it is. `value`: no rule held. `rule`: that rule, for all; `rollout`: that rule, by hash. */
export type FlagReason =
  | 'value'
  | 'rule'
  | 'rollout'
  | 'experiment'
  | 'override'
  | 'disabled'
  | 'prerequisite'
  | 'cycle'
  | 'unknown'
  | 'unsupported'

/** What a flag is for a unit. */
export interface FlagResult {
  flag: string
  /** `null` where the flag is unknown. */
  value: Json
  reason: FlagReason
  /** The rule that gave the value, or empty. */
  rule: string
  revision: number
  /** Where an experiment gave the value. */
  experiment: ExperimentResult | null
}

/** Evaluates one flag or experiment. */
export type Evaluate<Result> = (visit: Visit) => Result

/** One evaluation under way: attributes and options. */
export interface Visit extends EvaluateOptions {
  attributes: JsonObject
}

/** A config, compiled. */
export interface Compiled {
  version: string
  flags: ReadonlyMap<string, Evaluate<FlagResult>>
  experiments: ReadonlyMap<string, Evaluate<ExperimentResult>>
  /** What this evaluator does not understand, and therefore passes over: `flags.a.rules.b: $new`. */
  unsupported: string[]
  /** A flag's evaluator, also of one that is unknown. */
  flag(key: string): Evaluate<FlagResult>
  /** An experiment's evaluator, also of one that is unknown. */
  experiment(key: string): Evaluate<ExperimentResult>
}

/** What an extension knows of a visit before the experiment is evaluated. */
export interface Before {
  /** Why the unit is not in. */
  stop?: 'url' | 'bucket_version'
  /** The position of the variant that the address asks for. */
  asked?: number
  /** The position of the variant that was kept. */
  kept?: number
}

/** What can be added to the core: a page that does not need it does not load it. */
export interface Extension {
  operators?: Operators
  /** Hashes by version. */
  hashes?: { [version: number]: Bucketer }
  /**
   * Compiles what the core does not know of an experiment.
   *
   * @param rest the fields that the core does not know
   * @throws for a field that the extension does not know either
   */
  experiment?(key: string, experiment: Experiment, rest: object): (visit: Visit) => Before | undefined
}
