/** One metric of one variant beside the control: what an analysis gives for it. */
import type { Answer } from '../summary.ts'
import type { Read } from './look.ts'
import type { Role } from './plan.ts'
import type { Method } from './test-metric.ts'

/** The numbers of one comparison; differences are treatment − control in the metric's unit. */
export interface ComparisonResult extends Read {
  method: Method
  control: number
  treatment: number
  difference: number
  se: number
  /** After the correction over the goals of all variants; for other roles pValue itself. */
  adjustedPValue: number
  /** Cohen's h of rates, Hedges' g of means. */
  effectSize?: number
  /** The chance, at this size, to see `minimumLift`, and the smallest lift seen with a power of 0.8. */
  power: Answer<{ power: number }>
  minimumDetectableLift: Answer<{ lift: number }>
  daysLeft: Answer<{ days: number }>
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
