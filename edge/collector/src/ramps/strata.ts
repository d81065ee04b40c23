/** From a metric's statistics by step to strata: what a guardrail is tested on. */
import { type Reason, rateStratum, ratioMetric, type Stratum } from '@nunchi/stats'
import type { MetricPlan } from '../results/metric-plan.ts'
import type { Faults } from '../results/summary.ts'

/** One variant in one step, as `nunchi.ramp_summary` tells it. */
export interface StepArm {
  step: number
  variant: string
  units: number
  /** Units of whom there was anything. */
  active: number
  /** Exact, as text. */
  sum: string
  /** Of value and denominator. */
  means: [number, number]
  covariance: [[number | null, number | null], [number | null, number | null]]
}

/** One metric by step. */
export interface StepSummary {
  arms: StepArm[]
  /** Events whose number is a text. */
  faults: Faults
}

/** Strata, or why there are none. */
export type Strata = { strata: Stratum[] } | { noResult: 'few' | Reason }

/** Below so many units of whom there was anything, a normal distribution is no guide. */
const fewest = 10

function ratioStratum(control: StepArm, treatment: StepArm): Stratum | Reason {
  const joint = ({ units, means, covariance }: StepArm) => ({
    n: units,
    means,
    covariance: covariance.map((row) => row.map((value) => value ?? 0)),
  })
  const test = ratioMetric(joint(control), joint(treatment))
  if (!test.ok) return test.reason
  return {
    control: { n: control.units, mean: test.ratioControl, variance: test.varianceControl },
    treatment: { n: treatment.units, mean: test.ratioTreatment, variance: test.varianceTreatment },
  }
}

function stratumOf(kind: MetricPlan['kind'], control: StepArm, treatment: StepArm): Stratum | Reason {
  if (kind === 'ratio') return ratioStratum(control, treatment)
  if (kind === 'amount') {
    const moments = ({ units, means, covariance }: StepArm) => ({
      n: units,
      mean: means[0],
      variance: covariance[0][0] ?? 0,
    })
    return { control: moments(control), treatment: moments(treatment) }
  }
  const rate = ({ units, sum }: StepArm) => ({ n: units, successes: Number(sum) })
  const stratum = rateStratum(rate(control), rate(treatment))
  return stratum.ok ? { control: stratum.control, treatment: stratum.treatment } : stratum.reason
}

/**
 * One stratum for each step in which both arms have two units at least.
 *
 * @param pair the control's and the treatment's key
 */
export function strataOf(
  kind: MetricPlan['kind'],
  { arms }: StepSummary,
  [control, treatment]: [string, string],
): Strata {
  const steps = [...new Set(arms.map(({ step }) => step))].sort((a, b) => a - b)
  const pairs = steps.flatMap((step) => {
    const of = (variant: string) => arms.find((arm) => arm.step === step && arm.variant === variant)
    const [a, b] = [of(control), of(treatment)]
    return a && b && a.units >= 2 && b.units >= 2 ? [[a, b] as const] : []
  })
  const active = pairs.reduce((sum, [a, b]) => sum + a.active + b.active, 0)
  if (active < fewest) return { noResult: 'few' }
  const strata: Stratum[] = []
  for (const [a, b] of pairs) {
    const stratum = stratumOf(kind, a, b)
    if (typeof stratum !== 'string') strata.push(stratum)
    // A ratio whose denominator nobody has yet in this step: the others speak.
    else if (kind !== 'ratio') return { noResult: stratum }
  }
  return strata.length > 0 ? { strata } : { noResult: 'few' }
}
