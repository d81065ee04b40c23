/** What the database tells of a metric, as the statistics take it. */
import type { JointMoments, MetricData, QuantileEstimate } from '@nunchi/stats'
import { mergeJoint, postStratify } from '@nunchi/stats'
import type { MetricPlan } from './metric-plan.ts'
import type { VariantSummary } from './summary.ts'

const z95 = 1.959963984540054

const empty = (variant: string): VariantSummary => ({ variant, units: 0, multiple: 0 })

/** The summaries in the order of the experiment's variants; of nobody where there is none. */
export function inOrder(keys: readonly string[], summaries: readonly VariantSummary[]): VariantSummary[] {
  return keys.map((key) => summaries.find(({ variant }) => variant === key) ?? empty(key))
}

/** The joint moments of some of the four values: value, denominator, and both before. */
function joint({ units, means = [], covariance = [] }: VariantSummary, of: readonly number[]): JointMoments {
  return {
    n: units,
    means: of.map((i) => means[i] ?? 0),
    covariance: of.map((i) => of.map((j) => covariance[i]?.[j] ?? 0)),
  }
}

const successes = ({ units, sums }: VariantSummary) => ({ n: units, successes: Number(sums?.[0] ?? 0) })

function estimated({ units, order }: VariantSummary): QuantileEstimate | null {
  if (!order || order.low === null || order.high === null) return null
  return { n: units, value: order.value, se: (order.high - order.low) / (2 * z95) }
}

/** One value, or a value and its denominator, each with what it was before where that is known of every arm. */
function amounts(plan: MetricPlan, joints: (of: readonly number[]) => JointMoments[]): MetricData {
  const ratio = plan.kind === 'ratio'
  const all = joints([0, 1, 2, 3])
  const known =
    plan.beforeMs > 0 &&
    all.every(({ means, covariance }) => covariance[2]![2]! > 0 && (!ratio || means[3]! > 0))
  if (ratio) return known ? { kind: 'adjusted-ratio', arms: all } : { kind: 'ratio', arms: joints([0, 1]) }
  if (known) return { kind: 'adjusted-mean', arms: joints([0, 2]) }
  const arms = joints([0]).map(({ n, means, covariance }) => ({
    n,
    mean: means[0]!,
    variance: covariance[0]![0]!,
  }))
  return { kind: 'mean', arms }
}

const isShare = ({ kind, beforeMs }: MetricPlan): boolean =>
  kind === 'retention' || kind === 'funnel' || (kind === 'share' && beforeMs === 0)

/** The statistics' view of the arms, the control first. */
export function metricData(plan: MetricPlan, arms: readonly VariantSummary[]): MetricData {
  if (plan.kind === 'quantile') return { kind: 'quantile', arms: arms.map(estimated) }
  if (isShare(plan)) return { kind: 'proportion', arms: arms.map(successes) }
  return amounts(plan, (of) => arms.map((arm) => joint(arm, of)))
}

/** Strata in which each arm has two units at least; the smaller ones count as one, and with the smallest of the others if need be. */
function merged(strata: readonly JointMoments[][]): JointMoments[][] {
  const fits = (arms: readonly JointMoments[]): boolean => arms.every(({ n }) => n >= 2)
  const together = (some: readonly JointMoments[][]): JointMoments[] =>
    some[0]!.map((_, arm) => mergeJoint(some.map((arms) => arms[arm]!)))
  const large = strata.filter(fits)
  const small = strata.filter((arms) => !fits(arms))
  if (small.length === 0) return large
  const rest = together(small)
  if (fits(rest) || large.length === 0) return [...large, rest]
  return [...large.slice(0, -1), together([large.at(-1)!, rest])]
}

/**
 * The arms as if each had the same share of every stratum.
 *
 * @param strata the arms within each, the largest stratum first
 * @returns undefined for kinds that have no sums, and where a stratum is too small
 */
export function stratifiedData(
  plan: MetricPlan,
  strata: readonly VariantSummary[][],
): MetricData | undefined {
  if (plan.kind === 'quantile') return undefined
  const joints = merged(
    strata
      .map((arms) => arms.map((arm) => joint(arm, [0, 1, 2, 3])))
      .filter((arms) => arms.some(({ n }) => n > 0)),
  )
  const found = postStratify(joints)
  if (!found.ok) return undefined
  const picked = (of: readonly number[]): JointMoments[] =>
    found.arms.map(({ n, means, covariance }) => ({
      n,
      means: of.map((i) => means[i]!),
      covariance: of.map((i) => of.map((j) => covariance[i]![j]!)),
    }))
  return amounts(plan, picked)
}
