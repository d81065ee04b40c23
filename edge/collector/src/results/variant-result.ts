/** One metric of one variant as results tell it. */
import type { Answer, Comparison, ComparisonResult, Interval } from '@nunchi/stats'
import { type NoResult, noResult } from './no-result.ts'
import { unreadable } from './set-apart.ts'
import type { Faults, VariantSummary } from './summary.ts'

/** A variant against the control. Differences are variant − control in the metric's unit; 0.1 of lift is ten per cent more. */
export interface Numbers {
  control: number
  value: number
  difference: number
  /** Of the level `level` over all looks; it leaves out zero exactly where `pValue` is below the look's alpha. */
  interval: Interval
  /** Valid at this look, corrected over the goals of all variants: compare it with the look's `alpha`. */
  pValue: number
  /** Before the correction. */
  uncorrectedPValue: number
  level: number
  /** Null where the control is zero. */
  lift: number | null
  /** Of the same level; null where a ratio is not defined. */
  liftInterval: Interval | null
  method: ComparisonResult['method']
  /** Cohen's h of shares, Hedges' g of amounts; null of others. */
  effectSize: number | null
  /** The chance that this look shows the metric's `minimumLift`, if it is there; null without one. */
  power: number | null
  /** The lift that this look shows with a chance of 80 %. */
  minimumDetectableLift: number | null
  /** Until the plan is reached, or the metric's `minimumLift` is seen with a chance of 80 %. */
  daysLeft: number | null
  /** A bet, never a rule to stop: the chance to be better than the control, and what is lost on average if it is not. */
  bayes: { chanceToBeat: number; expectedLoss: number } | null
  /** Of a guardrail with a margin: whether it is shown to be no worse than that, one-sided below level/2. */
  nonInferiority?: { margin: number; pValue: number; held: boolean; beyond: boolean } | null
  says: Comparison['outcome']
}

/** One metric of one variant: the numbers, or why there are none. */
export type VariantResult = { variant: string; units: number } & (Numbers | { noResult: NoResult })

const numberOf = <T, K extends keyof T>(answer: Answer<T>, key: K): T[K] | null =>
  answer.ok ? answer[key] : null

function marginOf({ nonInferiority }: ComparisonResult): Pick<Numbers, 'nonInferiority'> {
  if (nonInferiority === undefined) return {}
  if (!nonInferiority.ok) return { nonInferiority: null }
  const { margin, pValue, held, beyond } = nonInferiority
  return { nonInferiority: { margin, pValue, held, beyond } }
}

/** It in the words of the answer. */
function numbersOf(result: ComparisonResult, says: Comparison['outcome']): Numbers {
  const { lift, bayes } = result
  return {
    control: result.control,
    value: result.treatment,
    difference: result.difference,
    interval: result.interval,
    pValue: result.adjustedPValue,
    uncorrectedPValue: result.pValue,
    level: result.level,
    lift: result.control === 0 ? null : result.difference / result.control,
    liftInterval: lift.ok ? lift.interval : null,
    method: result.method,
    effectSize: result.effectSize ?? null,
    power: numberOf(result.power, 'power'),
    minimumDetectableLift: numberOf(result.minimumDetectableLift, 'lift'),
    daysLeft: numberOf(result.daysLeft, 'days'),
    bayes: bayes.ok ? { chanceToBeat: bayes.chanceToBeat, expectedLoss: bayes.expectedLoss } : null,
    ...marginOf(result),
    says,
  }
}

/** A comparison, or why there is none; a sum that leaves many events out is no result. */
export function variantResult(
  { result, outcome, variant }: Comparison,
  arms: readonly VariantSummary[],
  faults: Faults,
): VariantResult {
  const units = arms.find((arm) => arm.variant === variant)?.units ?? 0
  if (unreadable(faults, arms))
    return { variant, units, noResult: noResult.notANumber(faults.events, faults.example ?? '') }
  if (!result.ok) return { variant, units, noResult: noResult.notComparable(result.reason) }
  return { variant, units, ...numbersOf(result, outcome) }
}
