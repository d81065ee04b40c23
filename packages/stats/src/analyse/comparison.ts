/** One metric of one variant beside the control: what an analysis gives for it. */
import type { Answer, Interval } from '../summary.ts'
import type { Beside } from './beside.ts'
import type { Lift } from './look.ts'
import type { NonInferiority } from './non-inferiority.ts'
import type { Role } from './plan.ts'
import type { Method } from './test-metric.ts'

/** The numbers of one comparison; differences are treatment − control in the metric's unit. */
export interface ComparisonResult {
  method: Method
  /** Units of both arms together. */
  units: number
  control: number
  treatment: number
  difference: number
  se: number
  /** Valid for the mode, before the correction. */
  pValue: number
  /** After the correction over the goals of all variants, to be compared with alpha; for other roles pValue itself. */
  adjustedPValue: number
  /** The level over all looks that the correction leaves to this comparison; both intervals are of it. */
  level: number
  /** What of it this look has, as the level of a single test. */
  nominalLevel: number
  interval: Interval
  lift: Lift
  /** Cohen's h of rates, Hedges' g of means. */
  effectSize?: number
  /** The chance, at this look, to see `minimumLift`, and the smallest lift seen with a power of 0.8. */
  power: Answer<{ power: number }>
  minimumDetectableLift: Answer<{ lift: number }>
  daysLeft: Answer<{ days: number }>
  /** A Bayesian reading beside, of this metric alone; no rule to stop. */
  bayes: Answer<Beside>
  /** Of a guardrail with a margin. */
  nonInferiority?: Answer<NonInferiority>
}

/** One metric of one variant against the control. */
export interface Comparison {
  metric: string
  variant: string
  role: Role
  /** Better or worse only where p and interval agree. */
  outcome: 'better' | 'worse' | 'unclear'
  result: Answer<ComparisonResult>
}
