/** One metric of one variant against the control: the test that belongs to the metric's kind. */
import { normalIsf } from '../distributions/normal.ts'
import { cuped, cupedRatio } from '../methods/cuped.ts'
import { fisherExact } from '../methods/fisher.ts'
import { quantileDifference } from '../methods/quantiles.ts'
import { ratioMetric } from '../methods/ratio.ts'
import { scoreDifference, scoreRatio } from '../methods/score-intervals.ts'
import { twoProportions } from '../methods/two-proportions.ts'
import { welch } from '../methods/welch.ts'
import {
  type Answer,
  give,
  type Interval,
  type JointMoments,
  type Proportion,
  proportionFault,
  refuse,
} from '../summary.ts'
import type { MetricData } from './plan.ts'

/** Which test it was. */
export type Method = 'score' | 'fisher' | 'welch' | 'cuped' | 'ratio' | 'cuped-ratio' | 'quantile'

/** A comparison at one look, before it is known how often one looks. */
export interface MetricTest {
  method: Method
  /** Units of both arms together. */
  units: number
  control: number
  treatment: number
  difference: number
  se: number
  /** As if this were the only look. */
  pValue: number
  /** The interval of the difference at a level, as if this were the only look. */
  interval(alpha: number): Answer<Interval>
  /** The interval of the relative lift at a level. */
  liftInterval(alpha: number): Answer<Interval>
  effectSize?: number
}

/** ln(treatment/control) and its standard error. */
type LogRatio = Answer<{ value: number; se: number }>

/** The logarithm of a ratio of two independent estimates, by the delta method. */
function logRatio(control: number, a: number, treatment: number, b: number): LogRatio {
  if (control === 0) return refuse('control-zero')
  if (control < 0 || treatment <= 0) return refuse('not-positive')
  return give({ value: Math.log(treatment / control), se: Math.hypot(a / control, b / treatment) })
}

/** Around ln ratio, back to a lift. */
function liftAround(ratio: LogRatio): (alpha: number) => Answer<Interval> {
  return (alpha) => {
    if (!ratio.ok) return ratio
    const reach = normalIsf(alpha / 2) * ratio.se
    return give({ low: Math.expm1(ratio.value - reach), high: Math.expm1(ratio.value + reach) })
  }
}

/** The interval of a method that is asked again at another level. */
function again(ask: (alpha: number) => Answer<{ interval: Interval }>): (alpha: number) => Answer<Interval> {
  return (alpha) => {
    const answer = ask(alpha)
    return answer.ok ? give(answer.interval) : answer
  }
}

const shifted = (ratio: Answer<Interval>): Answer<Interval> =>
  ratio.ok ? give({ low: ratio.low - 1, high: ratio.high - 1 }) : ratio

function proportionTest(a: Proportion, b: Proportion): Answer<MetricTest> {
  const fault = proportionFault(a, b)
  if (fault) return refuse(fault)
  const test = twoProportions(a, b)
  if (!test.ok) return test
  const x = a.successes + b.successes
  const n = a.n + b.n
  if (x === 0) return refuse('no-conversions')
  if (x === n) return refuse('no-variance')
  const small = (Math.min(a.n, b.n) * Math.min(x, n - x)) / n < 5
  const exact = small ? fisherExact(a, b) : refuse('bad-input')
  // Rates of 0 or 1 would have no error at all: half a success and half a failure are added for it (Jeffreys).
  const variance = ({ n: units, successes }: Proportion): number => {
    const rate = (successes + 0.5) / (units + 1)
    return (rate * (1 - rate)) / units
  }
  const { rateControl: control, rateTreatment: treatment } = test
  return give({
    method: exact.ok ? ('fisher' as const) : ('score' as const),
    units: n,
    control,
    treatment,
    difference: test.difference,
    se: Math.sqrt(variance(a) + variance(b)),
    pValue: exact.ok ? exact.twoSided : test.pValue,
    interval: (alpha: number) => scoreDifference(a, b, alpha),
    liftInterval: (alpha: number) => shifted(scoreRatio(a, b, alpha)),
    // Cohen's h.
    effectSize: 2 * (Math.asin(Math.sqrt(treatment)) - Math.asin(Math.sqrt(control))),
  })
}

function meanTest(data: MetricData & { kind: 'mean' }, at: number): Answer<MetricTest> {
  const [a, b] = [data.arms[0]!, data.arms[at]!]
  const test = welch(a, b)
  if (!test.ok) return test
  const { difference, se, pValue } = test
  const ratio = logRatio(a.mean, Math.sqrt(a.variance / a.n), b.mean, Math.sqrt(b.variance / b.n))
  const interval = again((alpha) => welch(a, b, alpha))
  const rest = { interval, liftInterval: liftAround(ratio), effectSize: test.hedgesG }
  return give({
    method: 'welch' as const,
    units: a.n + b.n,
    control: a.mean,
    treatment: b.mean,
    difference,
    se,
    pValue,
    ...rest,
  })
}

function ratioTest(a: JointMoments, b: JointMoments): Answer<MetricTest> {
  const test = ratioMetric(a, b)
  if (!test.ok) return test
  const { ratioControl: control, ratioTreatment: treatment, difference, se, pValue } = test
  const [va, vb] = [test.varianceControl / a.n, test.varianceTreatment / b.n]
  const ratio = logRatio(control, Math.sqrt(va), treatment, Math.sqrt(vb))
  const interval = again((alpha) => ratioMetric(a, b, alpha))
  const rest = { interval, liftInterval: liftAround(ratio), units: a.n + b.n }
  return give({ method: 'ratio' as const, control, treatment, difference, se, pValue, ...rest })
}

function adjustedTest(
  a: JointMoments,
  b: JointMoments,
  kind: 'adjusted-mean' | 'adjusted-ratio',
): Answer<MetricTest> {
  const adjust = kind === 'adjusted-mean' ? cuped : cupedRatio
  const test = adjust(a, b)
  if (!test.ok) return test
  const { difference, se, pValue, lift } = test
  const control = kind === 'adjusted-mean' ? a.means[0]! : a.means[0]! / a.means[1]!
  const usable = lift.ok && lift.value > -1 && control > 0
  const ratio = usable
    ? give({ value: Math.log1p(lift.value), se: lift.se / (1 + lift.value) })
    : refuse(lift.ok ? 'not-positive' : lift.reason)
  const interval = again((alpha) => adjust(a, b, alpha))
  const method = kind === 'adjusted-mean' ? ('cuped' as const) : ('cuped-ratio' as const)
  const rest = { interval, liftInterval: liftAround(ratio), units: a.n + b.n }
  return give({ method, control, treatment: control + difference, difference, se, pValue, ...rest })
}

function quantileTest(data: MetricData & { kind: 'quantile' }, at: number): Answer<MetricTest> {
  const [a, b] = [data.arms[0], data.arms[at]]
  if (!a || !b) return refuse('too-few-units')
  const test = quantileDifference(a, b)
  if (!test.ok) return test
  const { difference, se, pValue } = test
  const ratio = logRatio(a.value, a.se, b.value, b.se)
  const interval = again((alpha) => quantileDifference(a, b, alpha))
  const rest = { interval, liftInterval: liftAround(ratio), units: a.n + b.n }
  return give({
    method: 'quantile' as const,
    control: a.value,
    treatment: b.value,
    difference,
    se,
    pValue,
    ...rest,
  })
}

/**
 * Compares the variant at a place with the control (at 0).
 *
 * @param data the metric's sufficient statistics
 * @param at the variant's place among the arms
 */
export function testMetric(data: MetricData, at: number): Answer<MetricTest> {
  if (data.arms[at] === undefined) return refuse('one-variant')
  if (data.kind === 'quantile') return quantileTest(data, at)
  if (data.kind === 'proportion') return proportionTest(data.arms[0]!, data.arms[at]!)
  if (data.kind === 'mean') return meanTest(data, at)
  if (data.kind === 'ratio') return ratioTest(data.arms[0]!, data.arms[at]!)
  return adjustedTest(data.arms[0]!, data.arms[at]!, data.kind)
}
