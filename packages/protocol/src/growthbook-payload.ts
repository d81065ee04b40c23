/** What GrowthBook's SDKs download, as far as it can be converted. */
import type { UrlTarget } from './config.ts'
import type { Json, JsonObject } from './event.ts'

/** A share of all units, from 0 to 1: `[start, end)`. */
export type Share = [start: number, end: number]

/** Who may be in at all. */
export interface Filter {
  seed: string
  ranges: Share[]
  hashVersion?: number
  attribute?: string
}

/** A feature that must have a certain value first. */
export interface ParentCondition {
  id: string
  condition?: JsonObject
  gate?: boolean
}

/** What a rule and an experiment of GrowthBook have in common. */
export interface Shared {
  key?: string
  variations?: Json[]
  weights?: number[]
  coverage?: number
  ranges?: Share[]
  hashAttribute?: string
  fallbackAttribute?: string
  disableStickyBucketing?: boolean
  bucketVersion?: number
  minBucketVersion?: number
  hashVersion?: number
  seed?: string
  condition?: JsonObject
  parentConditions?: ParentCondition[]
  namespace?: [name: string, start: number, end: number]
  filters?: Filter[]
  meta?: { key?: string; name?: string; passthrough?: boolean }[]
}

/** A rule of a GrowthBook feature. */
export interface GrowthBookRule extends Shared {
  id?: string
  force?: Json
  range?: Share
  /** The variations of a contextual bandit, which older SDKs are to pass over. */
  contextualVariations?: Json[]
  contextualBanditRef?: string
}

/** A GrowthBook experiment that is no rule: a visual or redirect test. */
export interface GrowthBookExperiment extends Shared {
  key: string
  variations: Json[]
  status?: 'draft' | 'running' | 'stopped'
  active?: boolean
  force?: number
  urlPatterns?: UrlTarget[]
  persistQueryString?: boolean
}

/** Saved groups by name: a list of members, or one that says what it is, as far as it is understood. */
export interface SavedGroups {
  [id: string]:
    | Json[]
    | { type: string; attributeKey?: string; values?: Json[]; condition?: JsonObject }
    | null
}

/** What GrowthBook's SDKs download, decrypted. */
export interface GrowthBookPayload {
  features?: { [key: string]: { defaultValue?: Json; rules?: GrowthBookRule[] } }
  experiments?: GrowthBookExperiment[]
  savedGroups?: SavedGroups
  contextualBandits?: { [id: string]: { contexts?: Json[]; banditVersion?: number } }
}
