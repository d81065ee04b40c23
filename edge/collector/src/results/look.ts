/** How an experiment is tested: by the sample size that was planned, or so that every look holds. */
import { daysLeft, groupSequentialBounds } from '@nunchi/stats'
import type { PlannedExperiment, ResultsFrame } from './summary.ts'
import { type Said, words } from './words.ts'

const day = 86_400_000

/** Looks are taken to have been at each such share of the plan: whoever looked less often is safe too. */
const grid = 0.05

/** The look that these results are. */
export interface Look {
  mode: 'group sequential' | 'always valid'
  units: number
  planned: number | null
  /** Whole days until the plan is reached at the pace so far; null where nothing was planned or nobody comes. */
  daysLeft: number | null
  note: Said
}

/** Reads it off the frame. */
export function lookOf(frame: ResultsFrame, { targetSampleSize }: PlannedExperiment): Look {
  const units = frame.variants.reduce((sum, one) => sum + one.units, 0)
  if (targetSampleSize === undefined)
    return { mode: 'always valid', units, planned: null, daysLeft: null, note: words.unplanned() }
  const days = Math.max(frame.now - (frame.firstAt ?? frame.now), day / 24) / day
  const left = frame.status === 'running' ? daysLeft(targetSampleSize, units, units / days) : undefined
  return {
    mode: 'group sequential',
    units,
    planned: targetSampleSize,
    daysLeft: left?.ok ? left.days : null,
    note: words.planned(units, targetSampleSize),
  }
}

/**
 * The level of this look, of `alpha` over all looks.
 *
 * @returns 0 where it is so early that nothing could decide
 */
export function alphaAt({ planned, units }: Look, alpha: number): number {
  if (planned === null) return alpha
  const share = Math.min(1, units / planned)
  const before = Array.from({ length: Math.ceil(1 / grid) }, (_, i) => (i + 1) * grid)
  const bounds = groupSequentialBounds({
    fractions: [...before.filter((at) => at < share - 1e-9), share],
    alpha,
  })
  return bounds.ok ? bounds.nominalAlpha.at(-1)! : 0
}
