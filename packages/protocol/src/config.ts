/** The config that the page, the edge and the database evaluate: flags, experiments, and what they share. */
import type { Json, JsonObject } from './event.ts'

/**
 * A share of 1,000,000 buckets, in ppm: `[start, end)`, integers from 0 to 1,000,000. `[0, 100_000]` is the first
 * tenth.
 */
export type Range = [start: number, end: number]

/** Which hash puts a unit into a bucket: 3 is ours (murmur3), 1 and 2 are GrowthBook's. */
export type HashVersion = 1 | 2 | 3

/** What a flag's values are. */
export type FlagType = 'boolean' | 'string' | 'number' | 'json'

/** Where an experiment stands. Only a running one assigns. */
export type ExperimentStatus = 'draft' | 'running' | 'paused' | 'completed'

/**
 * A question about attributes: `{ country: 'KR', age: { $gte: 18 } }`. Keys are paths (dots go into objects) or
 * `$and $or $nor $not`; values are what the attribute must equal (a text, number, boolean or `null`), or operators. Documented in
 * docs/guide/flags-and-experiments.md.
 */
export interface Condition {
  [pathOrOperator: string]: Json
}

/** From when to when something holds, in ms since the epoch. */
export interface Schedule {
  /** The first moment. */
  start?: number
  /** The first moment after. */
  end?: number
}

/** Another flag that must have a certain value first. */
export interface Prerequisite {
  /** The other flag's key. */
  flag: string
  /** What `value` must be. @default `{ value: true }` */
  condition?: Condition
  /** Whether its failing ends the whole flag with its `off` value, rather than passing over this rule. @default false */
  gate?: boolean
}

/**
 * Who may be in at all: units with a bucket in one of the ranges. Experiments that share a namespace but no range of it
 * share no visitors.
 */
export interface Namespace {
  name: string
  /** The shares of the namespace that take part, in ppm. */
  ranges: Range[]
  /** Whether it stands for a holdout: a unit without a value is in, and the reason is `holdout`. @default false */
  holdout?: boolean
  /** @default 3 */
  hashVersion?: HashVersion
  /** What is hashed. @default the attribute of the experiment or rollout */
  attribute?: string
  /** What the attribute's value is hashed with. @default `__` and the name */
  seed?: string
}

/** Visitors kept out of several experiments at once, to be compared with everybody else. */
export interface Holdout {
  /** How many are kept out, in ppm. */
  coverage: number
  /** @default 3 */
  hashVersion?: HashVersion
  /** What is hashed. @default `anonymousId` */
  attribute?: string
  /** What the attribute's value is hashed with. @default `holdout:` and its key */
  seed?: string
}

/** Where an experiment runs: on addresses that one of these includes and none excludes. */
export interface UrlTarget {
  /** `simple` compares part by part with `*` as a wildcard; `regex` matches the address, or its path and query. */
  type: 'simple' | 'regex'
  pattern: string
  /** @default true */
  include?: boolean
}

/** A part of all units, cut by hash: those with a bucket in `[0, coverage)`, or in one of `ranges`. */
export interface Rollout {
  /** How many, in ppm. Growing it moves nobody out. @default 1,000,000 */
  coverage?: number
  /** The shares themselves, in place of `coverage`. */
  ranges?: Range[]
  /** What is hashed. @default `anonymousId` */
  attribute?: string
  /** What is hashed where `attribute` has no value. */
  fallback?: string
  /** What the attribute's value is hashed with. @default the flag's key */
  seed?: string
  /** @default 3 */
  hashVersion?: HashVersion
}

/** One rule of a flag. All that it names must hold; the first rule of which that is true gives the value. */
export interface Rule {
  /** Names the rule in results; unique within the flag. */
  id: string
  /** What the flag is for those whom the rule takes. Exactly one of `value` and `experiment`. */
  value?: Json
  /** The key of the experiment that gives the value; who is not in it goes on to the next rule. */
  experiment?: string
  condition?: Condition
  schedule?: Schedule
  rollout?: Rollout
  namespaces?: Namespace[]
  prerequisites?: Prerequisite[]
  /** Anything for people and tools; evaluation does not read it. */
  meta?: JsonObject
}

/** A flag. */
export interface Flag {
  type: FlagType
  /** What it is where no rule says otherwise. */
  value: Json
  /** The kill switch: `false` makes it `off` for everybody, whatever the rules say. @default true */
  enabled?: boolean
  /** What it is when it is disabled or a gate fails. @default `false` for a boolean flag, else `value` */
  off?: Json
  /** In order; the first that holds wins. */
  rules?: Rule[]
  /** Its phase: counts up when a change may move people. From 1. */
  revision: number
  /** Anything for people and tools; evaluation does not read it. */
  meta?: JsonObject
}

/** One arm of an experiment. */
export interface Variant {
  /** Unique within the experiment; what events and overrides call it. */
  key: string
  /** Its share in ppm; all of an experiment sum to 1,000,000. */
  weight: number
  /** Whether it is what the others are compared with, and what those get who are not in. Exactly one is. */
  isControl?: boolean
  /** What the product does differently; a flag's value where a rule names the experiment. */
  configuration?: Json
  /** Whether a flag goes on to its next rule for those in this arm. @default false */
  passthrough?: boolean
  /** Anything for people and tools; evaluation does not read it. */
  meta?: JsonObject
}

/** What a page needs of an experiment to assign a visitor. */
export interface Experiment {
  status: ExperimentStatus
  /** Its phase: exposures are counted once per unit, experiment and revision. From 1. */
  revision: number
  /** Two or more. */
  variants: Variant[]
  /** Which part of each arm takes part, in ppm. Growing it moves nobody. @default 1,000,000 */
  coverage?: number
  /** Each arm's buckets, in place of weights and coverage. */
  ranges?: Range[]
  /** What is hashed. @default `anonymousId` */
  attribute?: string
  /** What is hashed where `attribute` has no value. */
  fallback?: string
  /** What the attribute's value is hashed with. @default the experiment's key */
  seed?: string
  /** @default 3 */
  hashVersion?: HashVersion
  namespaces?: Namespace[]
  condition?: Condition
  prerequisites?: Prerequisite[]
  schedule?: Schedule
  urls?: UrlTarget[]
  /** Variants by unit value: testers and others who see a certain arm. They are not counted. */
  forced?: { [unit: string]: string }
  /** The variant that everybody gets who would be in; they are not counted. */
  force?: string
  /** After completion: the variant that everybody gets. */
  winner?: string
  /** What overrides and kept assignments call it. @default its key */
  assignmentKey?: string
  /** Kept assignments of another bucket version do not count. @default 0 */
  bucketVersion?: number
  /** Units with a kept assignment of a bucket version below this are not in. @default 0 */
  minBucketVersion?: number
  /** Whether assignments are neither kept nor looked up. @default false */
  disableSticky?: boolean
  /** Anything for people and tools; evaluation does not read it. */
  meta?: JsonObject
}

/** What `GET /v1/config` answers: all that evaluation reads, and nothing that visitors should not see. */
export interface Config {
  /** The hash of the canonical JSON of the rest; also the ETag. */
  version: string
  flags: { [key: string]: Flag }
  experiments: { [key: string]: Experiment }
}

/** A rule as people manage it. Publishing writes roles and groups (`$inGroup`, `$notInGroup`) into the condition. */
export interface RuleDefinition extends Rule {
  /** Takes those with one of these in the attribute `roles` (a text or a list). */
  roles?: string[]
}

/** A flag as people manage it. */
export interface FlagDefinition extends Flag {
  rules?: RuleDefinition[]
  /** What it is for. */
  description?: string
  /** Who made it. */
  createdBy?: string
}

/** An experiment as people manage it; what it adds to `Experiment` is never sent to pages. */
export interface ExperimentDefinition extends Experiment {
  /** Takes those with one of these in the attribute `roles` (a text or a list). */
  roles?: string[]
  /** Keys of holdouts; whoever is held out is not in. */
  holdouts?: string[]
  /** What people call it. */
  name: string
  /** What is believed to change, for whom, and why: one sentence, written before the start. */
  hypothesis: string
  description?: string
  /** Units needed in all arms together; planned before the start. */
  targetSampleSize?: number
  /** Of the verdict, between 0.5 and 1. @default 0.95 */
  confidenceLevel?: number
  /**
   * How often its results may be looked at; planned before the start. `fixed` (once, at the end) and `group sequential`
   * need a `targetSampleSize`. @default group sequential where that is given, else always valid
   */
  testing?: Testing
  /** Who made it. */
  createdBy?: string
}

/** How often an experiment's results may be looked at. */
export type Testing = 'fixed' | 'group sequential' | 'always valid'

/** All flags and experiments of an environment as people manage them; `publish` makes the `Config` of it. */
export interface ConfigDefinition {
  flags: { [key: string]: FlagDefinition }
  experiments: { [key: string]: ExperimentDefinition }
  holdouts?: { [key: string]: Holdout }
  /** Named lists of values for `$inGroup` and `$notInGroup`. */
  groups?: { [key: string]: Json[] }
}
