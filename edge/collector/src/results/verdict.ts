/** From a variant's comparisons to what to do, by the same numbers that are shown. */
import type { Comparison } from './compare.ts'
import type { MetricDefinition } from './metric.ts'
import { type Said, words } from './words.ts'

/** What to do. */
export type Verdict = 'ship' | 'roll back' | 'keep running' | 'inconclusive' | 'broken: sample ratio'

/** A verdict, and why. */
export interface Judged {
  verdict: Verdict
  reason: Said
}

/** What one metric says of a variant; no comparison where it has no numbers. */
export interface Evidence {
  metric: MetricDefinition
  comparison?: Comparison
  /** At which p decides. */
  alpha: number
}

/** Better or worse beyond doubt: p below the level, and the interval on the same side of zero. */
export function direction({ metric, comparison, alpha }: Evidence): 'better' | 'worse' | 'unclear' {
  if (!comparison) return 'unclear'
  const { pValue, interval, difference } = comparison
  if (!(pValue < alpha)) return 'unclear'
  const up = interval.low > 0 && difference > 0
  const down = interval.high < 0 && difference < 0
  if (!up && !down) return 'unclear'
  return up === (metric.direction !== 'decrease') ? 'better' : 'worse'
}

/**
 * Judges a variant.
 *
 * @param over whether no more units will come: it was completed, or has all that were planned
 */
export function judge(evidence: Evidence[], over: boolean): Judged {
  const of = (role: string, found: string) =>
    evidence.find((one) => (one.metric.role ?? 'goal') === role && direction(one) === found)
  const hurt = of('guardrail', 'worse')
  if (hurt) return { verdict: 'roll back', reason: words.hurt(hurt.metric.name) }
  const worse = of('goal', 'worse')
  if (worse) return { verdict: 'roll back', reason: words.worse(worse.metric.name) }
  const better = of('goal', 'better')
  if (better)
    return { verdict: 'ship', reason: words.better(better.metric.name, better.comparison?.lift ?? null) }
  if (over) return { verdict: 'inconclusive', reason: words.ended() }
  const goal = evidence.some((one) => (one.metric.role ?? 'goal') === 'goal' && one.comparison)
  return { verdict: 'keep running', reason: goal ? words.running() : words.noGoal() }
}
