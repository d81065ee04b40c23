/** Compares every metric of every variant with the control: the test, the correction, and what stands beside them. */
import { daysLeft, minimumDetectableEffect, power } from '../methods/power.ts'
import { type Answer, give, refuse } from '../summary.ts'
import { beside } from './beside.ts'
import type { Comparison, ComparisonResult } from './comparison.ts'
import { correctedLevels } from './levels.ts'
import type { Look, Reading } from './look.ts'
import { nonInferiority } from './non-inferiority.ts'
import type { AnalysisPlan, ExperimentSummary, MetricSummary } from './plan.ts'
import { type MetricTest, testMetric } from './test-metric.ts'

interface Asked {
  metric: MetricSummary
  variant: string
  at: number
  found: Answer<{ test: MetricTest; reading: Reading; pValue: number }>
}

function planning(
  plan: AnalysisPlan,
  { minimumLift: wanted = plan.minimumLift }: MetricSummary,
  { control, se }: { control: number; se: number },
  units: number,
  nominal: number,
): Pick<ComparisonResult, 'power' | 'minimumDetectableLift' | 'daysLeft'> {
  const smallest = minimumDetectableEffect(se, nominal)
  const seen =
    control === 0
      ? refuse('control-zero')
      : smallest.ok
        ? give({ lift: smallest.effect / Math.abs(control) })
        : smallest
  // Errors shrink with the square root of the units.
  const needed =
    plan.plannedUnits ?? (seen.ok && wanted ? units * (seen.lift / Math.abs(wanted)) ** 2 : undefined)
  return {
    power: wanted === undefined ? refuse('no-effect') : power(wanted * control, se, nominal),
    minimumDetectableLift: seen,
    daysLeft: needed === undefined ? refuse('no-effect') : daysLeft(needed, units, plan.unitsPerDay ?? 0),
  }
}

function outcome(
  { direction }: MetricSummary,
  { adjustedPValue, interval, nonInferiority: margin }: ComparisonResult,
  alpha: number,
): Comparison['outcome'] {
  if (margin?.ok && (margin.held || margin.beyond)) return margin.beyond ? 'worse' : 'unclear'
  if (!(adjustedPValue < alpha)) return 'unclear'
  const rises = interval.low > 0
  if (!rises && !(interval.high < 0)) return 'unclear'
  const better = rises === (direction !== 'decrease')
  // Worse than the control, and perhaps within the margin: more units will tell.
  return better ? 'better' : margin?.ok ? 'unclear' : 'worse'
}

function numbers(
  { metric, at }: Asked,
  { test, reading, pValue }: { test: MetricTest; reading: Reading; pValue: number },
  corrected: { adjustedPValue: number; level: number },
  plan: AnalysisPlan,
  units: number,
): Answer<ComparisonResult> {
  const interval = reading.interval(corrected.level)
  if (!interval.ok) return interval
  const nominalLevel = reading.nominal(corrected.level)
  const { margin, role } = metric
  return give({
    method: test.method,
    units: test.units,
    control: test.control,
    treatment: test.treatment,
    difference: test.difference,
    se: test.se,
    pValue,
    ...corrected,
    nominalLevel,
    interval: { low: interval.low, high: interval.high },
    lift: reading.lift(corrected.level),
    ...(test.effectSize === undefined ? {} : { effectSize: test.effectSize }),
    ...planning(plan, metric, test, units, nominalLevel),
    bayes: beside(metric, test, at),
    ...(margin === undefined || role !== 'guardrail'
      ? {}
      : { nonInferiority: nonInferiority(metric, reading, corrected.level) }),
  })
}

const isGoal = ({ metric: { role = 'goal' }, found }: Asked): boolean => role === 'goal' && found.ok

/** Each metric of each variant against the control, in the order metric, variant; goals corrected as one family. */
export function compareAll(
  summary: ExperimentSummary,
  plan: AnalysisPlan,
  now: Look,
  alpha: number,
): Comparison[] {
  const units = summary.variants.reduce((sum, one) => sum + one.units, 0)
  const asked = summary.metrics.flatMap((metric) =>
    summary.variants.slice(1).map(({ key }, i): Asked => {
      const test = testMetric(metric.data, i + 1)
      if (!test.ok) return { metric, variant: key, at: i + 1, found: test }
      const reading = now.read(test)
      return { metric, variant: key, at: i + 1, found: give({ test, reading, pValue: reading.pValue() }) }
    }),
  )
  const goals = asked.filter(isGoal)
  const family = correctedLevels(
    goals.map(({ found }) => (found.ok ? found.pValue : 1)),
    alpha,
    plan.correction ?? 'holm',
  )
  return asked.map((one): Comparison => {
    const { metric, variant, found } = one
    const alone = { adjustedPValue: found.ok ? found.pValue : 1, level: alpha }
    const corrected = family[goals.indexOf(one)] ?? alone
    const result = found.ok ? numbers(one, found, corrected, plan, units) : found
    return {
      metric: metric.key,
      variant,
      role: metric.role ?? 'goal',
      outcome: result.ok ? outcome(metric, result, alpha) : 'unclear',
      result,
    }
  })
}
