/** What looking means in each mode: how a single look's test becomes a p and intervals that hold over all looks. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { confidenceSequence } from '../methods/always-valid.ts'
import { type Answer, give, type Interval, refuse } from '../summary.ts'
import type { AnalysisPlan, Mode } from './plan.ts'
import { type Nominal, nominals, repeatedP } from './repeated-p.ts'
import type { MetricTest } from './test-metric.ts'

/** A lift and where it lies. */
export type Lift = Answer<{ value: number; interval: Interval }>

/** A comparison as it stands at this look. Every level is one over all looks. */
export interface Reading {
  /** Valid for the mode: compare it with the level, however often you looked. */
  pValue(): number
  interval(level: number): Answer<Interval>
  lift(level: number): Lift
  /** The level of a single test that the level leaves to this look. */
  nominal(level: number): number
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
  read(test: MetricTest): Reading
}

/** The smallest level of a single test: beyond it there are no quantiles any more. */
const least = 1e-300

function liftOf(test: MetricTest, nominal: number): Lift {
  const interval = test.liftInterval(nominal)
  if (!interval.ok) return interval
  if (test.control === 0) return refuse('control-zero')
  const { low, high } = interval
  return give({ value: test.difference / test.control, interval: { low, high } })
}

/** By the intervals of a single look, each level put down to what is left of it. */
function readAt(test: MetricTest, pValue: () => number, left: (level: number) => number): Reading {
  const nominal = (level: number): number => Math.max(least, left(level))
  return {
    pValue,
    interval: (level) => test.interval(nominal(level)),
    lift: (level) => liftOf(test, nominal(level)),
    nominal,
  }
}

/** By the confidence sequence of the test's own z: how far it may go so far is what is left of the level. */
function readAnytime(test: MetricTest, alpha: number, tuningN?: number): Reading {
  const at = (z: number, level: number) =>
    confidenceSequence({ difference: z, se: 1 }, test.units, level, tuningN, alpha)
  const pValue = (): number => {
    const sequence = at(normalIsf(test.pValue / 2), alpha)
    return sequence.ok ? sequence.pValue : 1
  }
  return readAt(test, pValue, (level) => {
    const sequence = at(0, level)
    return sequence.ok ? 2 * normalSf(sequence.halfWidth) : 0
  })
}

/** The share of the plan below which two looks count as one: what was seen has hardly changed. */
const closest = 0.02

/** Looks before this share of the plan are taken to be at it: bounds further out are no numbers any more. */
const earliest = 0.001

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
  // The first units of millions are a look, too: at which nothing can decide.
  const information = Math.max(earliest, Math.min(1, units / planned))
  const fractions = thinned(plan.earlierLooks ?? [], planned, information)
  const ask: Nominal = nominals(fractions, plan.spending)
  const pOf = repeatedP(ask)
  const nominal = ask(alpha)
  if (!nominal.ok) return nominal
  const left = (level: number): number => {
    const answer = ask(level)
    return answer.ok ? answer.alpha : 0
  }
  return give({
    mode: 'group-sequential' as const,
    information,
    nominalAlpha: Math.max(least, nominal.alpha),
    final: information >= 1,
    read: (test: MetricTest) => readAt(test, () => pOf(normalIsf(test.pValue / 2)), left),
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
      ? (test: MetricTest) =>
          readAt(
            test,
            () => test.pValue,
            (level) => level,
          )
      : (test: MetricTest) => readAnytime(test, alpha, plan.tuningN)
  return give({ mode, ...information, nominalAlpha: alpha, final, read })
}
