/** What looking means in each mode: how a single look's test becomes a p and an interval that hold over all looks. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { root } from '../distributions/root.ts'
import { confidenceSequence } from '../methods/always-valid.ts'
import { groupSequentialBounds } from '../methods/group-sequential.ts'
import { type Answer, give, type Interval, refuse } from '../summary.ts'
import type { AnalysisPlan, Mode } from './plan.ts'
import type { MetricTest } from './test-metric.ts'

/** A comparison as it stands at this look. */
export interface Read {
  /** Valid for the mode: compare it with the level, however often you looked. */
  pValue: number
  interval: Interval
  lift: Answer<{ value: number; interval: Interval }>
}

/** One look at an experiment. */
export interface Look {
  mode: Mode
  /** Share of the planned units that has come; 1 where nothing was planned for a fixed test. */
  information?: number
  /** The level of a single test that this look allows; alpha where it is the only one. */
  nominalAlpha: number
  /** Whether nothing more will come: the planned units are there. */
  final: boolean
  read(test: MetricTest, units: number): Answer<Read>
}

function liftOf(test: MetricTest, alpha: number): Read['lift'] {
  const interval = test.liftInterval(alpha)
  if (!interval.ok) return interval
  if (test.control === 0) return refuse('control-zero')
  const { low, high } = interval
  return give({ value: test.difference / test.control, interval: { low, high } })
}

function readAt(test: MetricTest, alpha: number, pValue: number): Answer<Read> {
  const interval = test.interval(alpha)
  if (!interval.ok) return interval
  const { low, high } = interval
  return give({ pValue, interval: { low, high }, lift: liftOf(test, alpha) })
}

function readAnytime(test: MetricTest, units: number, alpha: number, tuningN?: number): Answer<Read> {
  const sequence = confidenceSequence(test, units, alpha, tuningN)
  if (!sequence.ok) return sequence
  const ratio = test.logRatio
  const log = ratio.ok
    ? confidenceSequence({ difference: ratio.value, se: ratio.se }, units, alpha, tuningN)
    : ratio
  const lift: Read['lift'] = log.ok
    ? give({
        value: test.difference / test.control,
        interval: { low: Math.expm1(log.interval.low), high: Math.expm1(log.interval.high) },
      })
    : log
  return give({ pValue: sequence.pValue, interval: sequence.interval, lift })
}

/** The smallest error over all looks at which this look's bound is reached (Jennison & Turnbull's repeated p). */
function repeatedP(z: number, fractions: number[], plan: AnalysisPlan): number {
  const bound = (logAlpha: number): number => {
    const alpha = Math.exp(logAlpha)
    const bounds = groupSequentialBounds({ fractions, alpha, spending: plan.spending ?? 'obrien-fleming' })
    return bounds.ok ? bounds.z.at(-1)! - z : Number.NaN
  }
  // Never below the p of a single look; far out it is hardly above it.
  const least = Math.log(Math.max(1e-300, 2 * normalSf(z)))
  const most = Math.log(0.9999)
  return bound(most) > 0 ? 1 : Math.min(1, Math.exp(root(bound, least, most, 1e-10)))
}

/** The share of the plan below which two looks count as one: what was seen has hardly changed. */
const closest = 0.02

/** The shares at the looks, this one last; beyond the plan all looks are the last one. */
function thinned(looks: readonly number[], planned: number, information: number): number[] {
  const kept: number[] = []
  for (const share of looks.map((look) => look / planned))
    if (share >= (kept.at(-1) ?? 0) + closest && share <= information - closest) kept.push(share)
  return [...kept, information]
}

function sequentialLook(plan: AnalysisPlan, units: number, alpha: number): Answer<Look> {
  const planned = plan.plannedUnits ?? 0
  if (!(planned > 0)) return refuse('bad-input')
  const information = Math.min(1, units / planned)
  const fractions = thinned(plan.earlierLooks ?? [], planned, information)
  const bounds = groupSequentialBounds({ fractions, alpha, spending: plan.spending ?? 'obrien-fleming' })
  if (!bounds.ok) return bounds
  const nominalAlpha = Math.max(1e-300, bounds.nominalAlpha.at(-1)!)
  return give({
    mode: 'group-sequential' as const,
    information,
    nominalAlpha,
    final: information >= 1,
    read: (test: MetricTest) =>
      readAt(test, nominalAlpha, repeatedP(normalIsf(test.pValue / 2), fractions, plan)),
  })
}

/**
 * Makes the look that a plan allows now.
 *
 * @param plan what was planned
 * @param units units of all variants together so far
 */
export function look(plan: AnalysisPlan, units: number): Answer<Look> {
  const { alpha = 0.05, plannedUnits } = plan
  const mode = plan.mode ?? (plannedUnits === undefined ? 'always-valid' : 'group-sequential')
  if (mode === 'group-sequential') return sequentialLook(plan, units, alpha)
  const information = plannedUnits === undefined ? {} : { information: Math.min(1, units / plannedUnits) }
  const final = plannedUnits === undefined ? mode === 'fixed' : units >= plannedUnits
  const read =
    mode === 'fixed'
      ? (test: MetricTest) => readAt(test, alpha, test.pValue)
      : (test: MetricTest, compared: number) => readAnytime(test, compared, alpha, plan.tuningN)
  return give({ mode, ...information, nominalAlpha: alpha, final, read })
}
