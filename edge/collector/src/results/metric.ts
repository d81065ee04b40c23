/** What a metric is: data that says which events of a unit are added up, and how the sum is judged. */

/** Which events a metric counts, and what each adds. */
export interface MetricSource {
  /** The event's name, such as `Order Completed`. */
  event?: string
  /** The event's type. @default 'track' where `event` is given, else any */
  type?: 'track' | 'page' | 'identify' | 'group'
  /** Instead of an event: the name that `trackConversion()` was given. */
  conversion?: string
  /** With `conversion`: its funnel step. */
  step?: string
  /** Only events with exactly these properties. */
  where?: { [property: string]: string | number | boolean }
  /** The property whose number is added; a conversion adds its value. */
  property?: string
}

/** What is measured: see docs/guide/results.md for each. */
export type MetricKind =
  | 'conversion'
  | 'count'
  | 'sum'
  | 'mean'
  | 'ratio'
  | 'retention'
  | 'quantile'
  | 'funnel'

/** A metric, as it is stored. */
export interface MetricDefinition {
  /** What people call it. */
  name: string
  kind: MetricKind
  /** Of all kinds but `ratio` and `funnel`; `retention` without one takes any event. */
  source?: MetricSource
  /** Of `ratio`: sums of a property, or counts where there is none. */
  numerator?: MetricSource
  denominator?: MetricSource
  /** Of `funnel`: two to ten, done in this order. */
  steps?: MetricSource[]
  /** How long after the first exposure events count. @default until now, or until the experiment was completed */
  windowHours?: number
  /** Of `count`, `sum` and `quantile`: a unit counts for no more than this. */
  cap?: number
  /** Of `retention`: how many days after the first exposure, 1 to 365. */
  day?: number
  /** Of `quantile`: between 0 and 1. */
  quantile?: number
  /**
   * Takes out by what the unit did in the 14 days before its first exposure (CUPED).
   * @default true of `count`, `sum`, `mean` and `ratio`, false of `conversion`; other kinds have none
   */
  adjust?: boolean
  /** The relative change worth seeing, such as 0.02: for power, and the days that are left. */
  minimumLift?: number
  /** Of a guardrail: it must be shown to lose less than this share, such as 0.02. */
  margin?: number
  /** Which way is better. @default 'increase' */
  direction?: 'increase' | 'decrease'
  /** A goal decides, a guardrail may not be hurt, a secondary metric explains. @default 'goal' */
  role?: 'goal' | 'guardrail' | 'secondary'
  /** The experiments that it judges. @default all */
  experiments?: string[]
}

/** What is wrong with a definition, and where. */
export interface MetricMistake {
  /** Such as `steps[1].event`; empty for the whole. */
  path: string
  message: string
}
