/** The intervals of an experiment as it stood at one look, for a series of them over time. */
import { type Answer, give, type Interval, refuse } from '../summary.ts'
import { type Lift, look } from './look.ts'
import type { AnalysisPlan, ExperimentSummary } from './plan.ts'
import { testMetric } from './test-metric.ts'

/** One metric of one variant at a look. */
export interface IntervalNow {
  metric: string
  variant: string
  result: Answer<{ control: number; treatment: number; difference: number; interval: Interval; lift: Lift }>
}

/**
 * Reads the intervals of a look without its p values, which take longest.
 *
 * When not to use it: to decide. They are drawn beside a result of `analyse`, whose verdict needs its p as well.
 *
 * @param summary the sufficient statistics as they were then
 * @param plan what was planned; `earlierLooks` those before this one
 * @param levelOf the level of each comparison over all looks, such as `analyse` answers at the last one
 */
export function intervals(
  summary: ExperimentSummary,
  plan: AnalysisPlan,
  levelOf: (metric: string, variant: string) => number,
): Answer<{ intervals: IntervalNow[] }> {
  const units = summary.variants.reduce((sum, one) => sum + one.units, 0)
  if (units === 0) return refuse('no-units')
  const now = look(plan, units)
  if (!now.ok) return now
  const read = (metric: ExperimentSummary['metrics'][number], at: number): IntervalNow['result'] => {
    const test = testMetric(metric.data, at)
    if (!test.ok) return test
    const { control, treatment, difference } = test
    const reading = now.read(test)
    const level = levelOf(metric.key, summary.variants[at]!.key)
    const interval = reading.interval(level)
    if (!interval.ok) return interval
    const { low, high } = interval
    return give({ control, treatment, difference, interval: { low, high }, lift: reading.lift(level) })
  }
  return give({
    intervals: summary.metrics.flatMap((metric) =>
      summary.variants
        .slice(1)
        .map(
          ({ key }, i): IntervalNow => ({ metric: metric.key, variant: key, result: read(metric, i + 1) }),
        ),
    ),
  })
}
