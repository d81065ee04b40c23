/** What the database tells of an experiment and of one metric, and the two ways to ask it. */
import type { Testing } from '@nunchi/protocol'
import { callByKey } from '../call-by-key.ts'
import type { Storage } from '../storage/storage.ts'
import type { MetricDefinition } from './metric.ts'
import type { MetricPlan } from './metric-plan.ts'

/** One variant's sufficient statistics; see `nunchi.summarize`. */
export interface VariantSummary {
  variant: string
  units: number
  multiple: number
  /** Exact totals of the value and of its denominator. */
  sums?: [string, string]
  /** Of value, denominator, and both before the first exposure. */
  means?: number[]
  covariance?: (number | null)[][]
  /** A quantile and its neighbours by rank; null where the sample does not reach so far. */
  order?: { low: number | null; high: number | null; value: number }
}

/** Events whose number is none. */
export interface Faults {
  events: number
  example: string | null
  /** How many of each variant that has some; absent where there are none. */
  byVariant?: { [variant: string]: number }
}

/** One metric's statistics. */
export interface MetricSummary {
  variants: VariantSummary[]
  faults: Faults
  /** Where a dimension was asked for: its values, most units first; null while they are being prepared. */
  by?: { value: string | null; other?: boolean; variants: VariantSummary[]; faults: Faults }[] | null
  /** Where a series was asked for: the sums at the end of each day; null while they are being prepared, and of quantiles. */
  days?: { day: string; variants: VariantSummary[] }[] | null
}

/** What units are taken apart by: a fact of their first exposure. */
export const dimensions = ['country', 'deviceClass', 'browser', 'os'] as const
/** One of them. */
export type Dimension = (typeof dimensions)[number]

/** What results need of an experiment's definition. */
export interface PlannedExperiment {
  name: string
  variants: { key: string; weight: number; isControl?: boolean }[]
  /** Each variant's buckets, in place of weights. */
  ranges?: (readonly [number, number])[]
  targetSampleSize?: number
  confidenceLevel?: number
  testing?: Testing
}

/** What results need besides the summaries; see `nunchi.results_frame`. Times in ms. */
export interface ResultsFrame {
  revision: number
  definition: PlannedExperiment | null
  revisions: number[]
  /** Null where it is no longer in the config. */
  status: string | null
  endedAt: number | null
  /** All that was processed until then is counted; null or absent where everything is. */
  asOf?: number | null
  now: number
  firstAt: number | null
  lastAt: number | null
  variants: { variant: string; units: number; multiple: number }[]
  /** Exposures and conversions that could not be counted, by fault. */
  failures: { [fault: string]: number }
  metrics: { key: string; definition: MetricDefinition }[]
}

/** The way to an environment's results. */
export interface ResultsGateway {
  /** @returns null where no config ever had the experiment */
  frame(experiment: string, revision?: number): Promise<ResultsFrame | null>
  summarize(asked: {
    experiment: string
    revision: number
    plan: MetricPlan
    until?: number
    dimension?: Dimension
    series?: 'day'
  }): Promise<MetricSummary>
}

/** By a server key with the scope `results:read`: project and environment are the key's. */
export function keyResults(storage: Storage, keyHash: string): ResultsGateway {
  const call = callByKey(storage, keyHash)
  return {
    frame: (experiment, revision) => call('results_frame_by_key', { experiment, revision }),
    summarize: (asked) => call('summarize_by_key', asked),
  }
}

/** As the owner. */
export function ownerResults(
  owner: Storage,
  whose: { projectId: string; environment: string },
): ResultsGateway {
  return {
    frame: (experiment, revision) => owner.call('results_frame', { ...whose, experiment, revision }),
    summarize: (asked) => owner.call('summarize', { ...asked, ...whose }),
  }
}
