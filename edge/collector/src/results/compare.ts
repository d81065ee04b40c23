/** Compares one variant with the control on one metric: values, lift, one interval and one p, at one level. */
import {
  type Answer,
  confidenceSequence,
  cuped,
  cupedRatio,
  fisherExact,
  type Interval,
  type JointMoments,
  marginal,
  quantileDifference,
  type Refusal,
  ratioMetric,
  relativeLift,
  scoreDifference,
  scoreRatio,
  twoProportions,
  welch,
} from '@nunchi/stats'
import type { MetricPlan } from './metric-plan.ts'
import type { VariantSummary } from './summary.ts'

/** How sure one has to be, and whether looking at any moment is allowed for in the interval itself. */
export interface Level {
  /** At which the interval stands, and below which p decides. */
  alpha: number
  alwaysValid: boolean
}

/** A variant against the control. Differences are variant − control in the metric's unit; 0.1 of lift is ten per cent more. */
export interface Comparison {
  control: number
  value: number
  difference: number
  interval: Interval
  pValue: number
  /** Null where the control is zero. */
  lift: number | null
  /** By the logarithm of the ratio, at the same level; null where one of the two is not positive. */
  liftInterval: Interval | null
  method: 'score' | 'fisher' | 'welch' | 'cuped' | 'delta' | 'order statistics'
}

type Estimate = Omit<Comparison, 'lift' | 'liftInterval'> & {
  se: number
  lift: Answer<{ value: number; se: number }>
}

const z95 = 1.959963984540054

/** The joint moments of some of the four values. */
function joint({ units, means = [], covariance = [] }: VariantSummary, of: number[]): JointMoments {
  return {
    n: units,
    means: of.map((i) => means[i] ?? 0),
    covariance: of.map((i) => of.map((j) => covariance[i]?.[j] ?? 0)),
  }
}

const relative = (lift: ReturnType<typeof relativeLift>): Estimate['lift'] =>
  lift.ok ? { ok: true, value: lift.lift, se: lift.se } : lift

function shares(control: VariantSummary, treatment: VariantSummary, level: Level): Answer<Estimate> {
  const [a, b] = [control, treatment].map(({ units, sums }) => ({
    n: units,
    successes: Number(sums?.[0] ?? 0),
  })) as [{ n: number; successes: number }, { n: number; successes: number }]
  const test = twoProportions(a, b, level.alpha)
  if (!test.ok) return test
  const interval = scoreDifference(a, b, level.alpha)
  if (!interval.ok) return interval
  const share = (a.successes + b.successes) / (a.n + b.n)
  const rare = Math.min(a.n, b.n) * Math.min(share, 1 - share) < 5
  const exact = rare ? fisherExact(a, b) : undefined
  const lift = relativeLift(marginal(joint(control, [0]), 0), marginal(joint(treatment, [0]), 0), level.alpha)
  return {
    ok: true,
    control: test.rateControl,
    value: test.rateTreatment,
    difference: test.difference,
    se: test.seUnpooled,
    interval: { low: interval.low, high: interval.high },
    pValue: exact?.ok ? exact.twoSided : test.pValue,
    method: exact?.ok ? 'fisher' : 'score',
    lift: relative(lift),
  }
}

function amounts(control: VariantSummary, treatment: VariantSummary, { alpha }: Level): Answer<Estimate> {
  const [a, b] = [joint(control, [0, 2]), joint(treatment, [0, 2])]
  const known = a.covariance[1]![1]! > 0 && b.covariance[1]![1]! > 0
  const adjusted = known ? cuped(a, b, alpha) : undefined
  const values = { control: a.means[0]!, value: b.means[0]! }
  if (adjusted?.ok) {
    const { difference, se, interval, pValue, lift } = adjusted
    return { ok: true, ...values, difference, se, interval, pValue, lift, method: 'cuped' }
  }
  const test = welch(marginal(a, 0), marginal(b, 0), alpha)
  if (!test.ok) return test
  const { difference, se, interval, pValue } = test
  const lift = relative(relativeLift(marginal(a, 0), marginal(b, 0), alpha))
  return { ok: true, ...values, difference, se, interval, pValue, lift, method: 'welch' }
}

function ratios(control: VariantSummary, treatment: VariantSummary, { alpha }: Level): Answer<Estimate> {
  const plain = ratioMetric(joint(control, [0, 1]), joint(treatment, [0, 1]), alpha)
  if (!plain.ok) return plain
  const values = { control: plain.ratioControl, value: plain.ratioTreatment }
  const [a, b] = [joint(control, [0, 1, 2, 3]), joint(treatment, [0, 1, 2, 3])]
  const known = [a, b].every(({ means, covariance }) => means[3]! > 0 && covariance[2]![2]! > 0)
  const adjusted = known ? cupedRatio(a, b, alpha) : undefined
  if (adjusted?.ok) {
    const { difference, se, interval, pValue, lift } = adjusted
    return { ok: true, ...values, difference, se, interval, pValue, lift, method: 'cuped' }
  }
  const { difference, se, interval, pValue, ratioControl, ratioTreatment } = plain
  const lift = relativeLift(
    { n: control.units, mean: ratioControl, variance: plain.varianceControl },
    { n: treatment.units, mean: ratioTreatment, variance: plain.varianceTreatment },
    alpha,
  )
  return { ok: true, ...values, difference, se, interval, pValue, lift: relative(lift), method: 'delta' }
}

const tooFew: Refusal = { ok: false, reason: 'too-few-units' }

function estimated({ units, order }: VariantSummary) {
  if (!order || order.low === null || order.high === null) return undefined
  return { n: units, value: order.value, se: (order.high - order.low) / (2 * z95) }
}

function quantilesOf(control: VariantSummary, treatment: VariantSummary, { alpha }: Level): Answer<Estimate> {
  const [a, b] = [estimated(control), estimated(treatment)]
  if (!a || !b) return tooFew
  const test = quantileDifference(a, b, alpha)
  if (!test.ok) return test
  const spread = ({ n, value, se }: { n: number; value: number; se: number }) => ({
    n,
    mean: value,
    variance: se * se * n,
  })
  const { difference, se, interval, pValue } = test
  const lift = relative(relativeLift(spread(a), spread(b), alpha))
  return {
    ok: true,
    control: a.value,
    value: b.value,
    difference,
    se,
    interval,
    pValue,
    lift,
    method: 'order statistics',
  }
}

const methods = {
  share: shares,
  retention: shares,
  funnel: shares,
  amount: amounts,
  ratio: ratios,
  quantile: quantilesOf,
} as const

/** The interval of the ratio on the logarithm's scale, as many standard errors wide as that of the difference. */
function liftInterval({ lift, se, interval }: Estimate): Interval | null {
  if (!lift.ok || !(lift.value > -1) || !(se > 0)) return null
  const reach = (((interval.high - interval.low) / 2 / se) * lift.se) / (1 + lift.value)
  const low = (1 + lift.value) * Math.exp(-reach) - 1
  const high = (1 + lift.value) * Math.exp(reach) - 1
  return Number.isFinite(high) && Number.isFinite(low) ? { low, high } : null
}

function ofShares(plan: MetricPlan, control: VariantSummary, treatment: VariantSummary, alpha: number) {
  if (methods[plan.kind] !== shares) return undefined
  const arm = ({ units, sums }: VariantSummary) => ({ n: units, successes: Number(sums?.[0] ?? 0) })
  const ratio = scoreRatio(arm(control), arm(treatment), alpha)
  return ratio.ok ? { low: ratio.low - 1, high: ratio.high - 1 } : null
}

/** Compares; or says why it cannot. */
export function compare(
  plan: MetricPlan,
  control: VariantSummary,
  treatment: VariantSummary,
  level: Level,
): Answer<Comparison> {
  if (control.units === 0 || treatment.units === 0) return { ok: false, reason: 'no-units' }
  const found = methods[plan.kind](control, treatment, level)
  if (!found.ok) return found
  if (level.alwaysValid) {
    const { difference, se } = found
    const sequence = confidenceSequence({ difference, se }, control.units + treatment.units, level.alpha)
    if (!sequence.ok) return sequence
    found.interval = sequence.interval
    found.pValue = sequence.pValue
  }
  const { se, lift, ...rest } = found
  const exact = level.alwaysValid ? undefined : ofShares(plan, control, treatment, level.alpha)
  return {
    ...rest,
    lift: lift.ok ? lift.value : null,
    liftInterval: exact === undefined ? liftInterval(found) : exact,
  }
}
