/** Whether a guardrail is no worse than its margin allows. */
import { root } from '../distributions/root.ts'
import { type Answer, give, refuse } from '../summary.ts'
import type { Reading } from './look.ts'
import type { MetricSummary } from './plan.ts'

/** A guardrail against its margin. */
export interface NonInferiority {
  /** The relative worsening that is tolerated. */
  margin: number
  /** One-sided, of "it is worse than the margin"; valid for the mode. */
  pValue: number
  /** Below half of this it is shown; it is the level of the interval. */
  level: number
  /** Shown to be no worse: the interval of the lift lies above the margin. */
  held: boolean
  /** The whole interval lies beyond the margin. */
  beyond: boolean
}

/**
 * Tests that a guardrail is no worse than its margin, one-sided at half the level, by the interval of the lift: what is
 * shown and what is decided agree.
 *
 * @param reading the comparison at this look
 * @param level of the interval, over all looks
 */
export function nonInferiority(
  { margin, direction }: Pick<MetricSummary, 'margin' | 'direction'>,
  reading: Reading,
  level: number,
): Answer<NonInferiority> {
  if (!(margin !== undefined && margin > 0 && margin < 1)) return refuse('bad-input')
  const sign = direction === 'decrease' ? -1 : 1
  /** How far the unfavourable and the favourable end lie on the good side of the margin. */
  const ends = (at: number): Answer<{ worst: number; best: number }> => {
    const lift = reading.lift(at)
    if (!lift.ok) return lift
    const { low, high } = lift.interval
    const [worst, best] = sign > 0 ? [low, high] : [-high, -low]
    return give({ worst: worst + margin, best: best + margin })
  }
  const now = ends(level)
  if (!now.ok) return now
  const at = (log: number, end: 'worst' | 'best'): number => {
    const found = ends(Math.exp(log))
    return found.ok ? found[end] : Number.NaN
  }
  const [lowest, highest] = [Math.log(1e-15), Math.log(0.99)]
  // The level at which an end of the interval touches the margin is twice the one-sided p, from either side.
  const touches = (end: 'worst' | 'best'): number => {
    const [first, last] = [at(lowest, end), at(highest, end)]
    if (first > 0 === last > 0) return first > 0 === (end === 'worst') ? 1e-15 : 1
    return Math.exp(root((log) => at(log, end), lowest, highest, 1e-7))
  }
  const better = at(highest, 'worst') > 0
  const half = touches(better ? 'worst' : 'best') / 2
  const pValue = better ? half : 1 - half
  return give({ margin, pValue, level, held: now.worst > 0, beyond: now.best < 0 })
}
