/** How the interval of each metric became what it is: one a day, each as it stood at that day's end. */
import { type AnalysisPlan, type Interval, intervals } from '@nunchi/stats'
import type { Grounds } from './grounds.ts'
import { looks } from './look.ts'
import { inOrder, metricData } from './metric-data.ts'
import { metricPlan } from './metric-plan.ts'
import { type NoResult, noResult } from './no-result.ts'
import { unreadable } from './set-apart.ts'
import type { MetricSummary } from './summary.ts'

/** A variant at the end of a day, of the same level over all looks as the result itself. */
export interface SeriesPoint {
  variant: string
  units: number
  control: number
  value: number
  difference: number
  interval: Interval
  lift: number | null
  liftInterval: Interval | null
}

/** The days in the project's time zone, ascending; days without a comparison have no points. Or why there is none. */
export type Series = { days: { day: string; variants: SeriesPoint[] }[] } | { noResult: NoResult }

/** At most so many days; of longer experiments every second one, every third … and the last. */
const most = 90

function evenly<Day>(days: readonly Day[]): Day[] {
  const step = Math.ceil(days.length / most)
  return days.filter((_, i) => (days.length - 1 - i) % step === 0)
}

/** @param levelOf the level that the result itself has for a variant */
export function seriesOf(
  grounds: Grounds,
  definition: Grounds['metrics'][number]['definition'],
  { days, faults, variants: all }: MetricSummary,
  plan: AnalysisPlan,
  levelOf: (variant: string) => number,
): Series {
  const asked = metricPlan(definition)
  if (asked.kind === 'quantile') return { noResult: noResult.noSeriesOfQuantiles() }
  if (unreadable(faults, all)) return { noResult: noResult.notANumber(faults.events, faults.example ?? '') }
  if (!days) return { noResult: noResult.beingPrepared() }
  const point = ({ day, variants }: (typeof days)[number]): { day: string; variants: SeriesPoint[] } => {
    const arms = inOrder(grounds.keys, variants)
    const units = arms.reduce((sum, one) => sum + one.units, 0)
    const { plannedUnits } = plan
    const now = intervals(
      {
        variants: grounds.variants.map((one, i) => ({ ...one, units: arms[i]!.units })),
        metrics: [{ key: 'metric', data: metricData(asked, arms) }],
      },
      { ...plan, ...(plannedUnits === undefined ? {} : looks(units, plannedUnits)) },
      (_, variant) => levelOf(variant),
    )
    const told = now.ok ? now.intervals : []
    return {
      day,
      variants: told.flatMap(({ variant, result }, i) => {
        if (!result.ok) return []
        const { control, treatment: value, difference, interval, lift } = result
        const ratio = { lift: lift.ok ? lift.value : null, liftInterval: lift.ok ? lift.interval : null }
        return [{ variant, units: arms[i + 1]!.units, control, value, difference, interval, ...ratio }]
      }),
    }
  }
  return { days: evenly(days).map(point) }
}
