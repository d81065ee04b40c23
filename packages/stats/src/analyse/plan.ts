/** What an analysis is given: the sufficient statistics of an experiment, and what was planned. */
import type { Spending } from '../methods/group-sequential.ts'
import type { QuantileEstimate } from '../methods/quantiles.ts'
import type { JointMoments, Moments, Proportion } from '../summary.ts'

/** One metric's sufficient statistics, an entry for each variant in the experiment's order, the control first. */
export type MetricData =
  | { kind: 'proportion'; arms: readonly Proportion[] }
  | { kind: 'mean'; arms: readonly Moments[] }
  /** [metric, covariate] per unit: adjusted by CUPED. */
  | { kind: 'adjusted-mean'; arms: readonly JointMoments[] }
  /** [numerator, denominator] per unit. */
  | { kind: 'ratio'; arms: readonly JointMoments[] }
  /** [numerator, denominator, numerator before, denominator before] per unit: adjusted by CUPED. */
  | { kind: 'adjusted-ratio'; arms: readonly JointMoments[] }
  /** Null where the arm is too small for its quantile. */
  | { kind: 'quantile'; arms: readonly (QuantileEstimate | null)[] }

/** A goal decides, a guardrail must not be hurt, a secondary metric is shown. */
export type Role = 'goal' | 'guardrail' | 'secondary'

/** One metric of an experiment. */
export interface MetricSummary {
  key: string
  /** @default 'goal' */
  role?: Role
  /** Which way is better. @default 'increase' */
  direction?: 'increase' | 'decrease'
  /** Of a guardrail: the relative worsening that is tolerated, such as 0.02. Then it must be shown to lie above that. */
  margin?: number
  /** The relative change of this metric worth seeing. @default the plan's */
  minimumLift?: number
  data: MetricData
}

/** An experiment as numbers. */
export interface ExperimentSummary {
  /** The control first; `weight` is the planned share in any scale, `units` those exposed once, to one variant. */
  variants: readonly { key: string; weight: number; units: number }[]
  metrics: readonly MetricSummary[]
}

/** How often one may look. */
export type Mode = 'fixed' | 'group-sequential' | 'always-valid'

/** For any wrong claim at all (Holm), or for the share of wrong claims (Benjamini–Hochberg). */
export type Correction = 'none' | 'holm' | 'benjaminiHochberg'

/** What was planned before the start. */
export interface AnalysisPlan {
  /** Level over all looks and all goals together. @default 0.05 */
  alpha?: number
  /** @default 'group-sequential' where plannedUnits is given, else 'always-valid' */
  mode?: Mode
  /** Units of all variants together at which it ends. */
  plannedUnits?: number
  /**
   * Units of all variants together at each earlier look, ascending: for group sequential tests. Looks closer than 2 % of
   * the plan count as one.
   */
  earlierLooks?: readonly number[]
  /** @default 'obrien-fleming' */
  spending?: Spending
  /** Units of the two compared arms at which a confidence sequence is narrowest. @default 5000 */
  tuningN?: number
  /** How the goals of all variants are corrected; guardrails never are. @default 'holm' */
  correction?: Correction
  /** Below this p of the sequential test, which holds at every look, the arms' sizes are broken. @default 0.001 */
  sampleRatioAlpha?: number
  /** The relative change worth seeing, such as 0.02, for power and days left. */
  minimumLift?: number
  /** It was ended: nothing more will come, though less came than was planned. */
  ended?: boolean
  /** Units of all variants together that come each day, for days left. */
  unitsPerDay?: number
}
