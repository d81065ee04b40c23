/** How an experiment is tested: by the sample size that was planned, or so that every look holds. */
import type { Testing } from '@nunchi/protocol'
import type { AnalysisPlan, Correction } from '@nunchi/stats'
import { daysLeft } from '@nunchi/stats'
import { brokenBelow } from './health.ts'
import type { Said } from './said.ts'
import type { PlannedExperiment, ResultsFrame } from './summary.ts'
import { words } from './words.ts'

const day = 86_400_000

/** Looks are taken to have been at each such share of the plan: whoever looked less often is safe too. */
const grid = 0.05

/** The look that these results are. */
export interface Look {
  mode: Testing
  units: number
  planned: number | null
  /** Units that came each day so far. */
  unitsPerDay: number
  /** Whole days until the plan is reached at the pace so far; null where nothing was planned or nobody comes. */
  daysLeft: number | null
  /** Of all looks and all goals together: an adjusted p below it decides. */
  alpha: number
  /** The level of a single test that this look has of it. */
  alphaNow: number
  /** How the goals of all variants are corrected. */
  correction: Correction
  note: Said
}

const modes = {
  fixed: 'fixed',
  'group sequential': 'group-sequential',
  'always valid': 'always-valid',
} as const

/** What the statistics are told of the plan. */
export function planOf(
  frame: ResultsFrame,
  planned: PlannedExperiment,
  correction: Correction,
): AnalysisPlan & { unitsPerDay: number } {
  const units = frame.variants.reduce((sum, one) => sum + one.units, 0)
  const end = frame.status === 'running' ? frame.now : (frame.endedAt ?? frame.lastAt ?? frame.now)
  const days = Math.max(end - (frame.firstAt ?? end), day / 24) / day
  const { targetSampleSize, testing } = planned
  return {
    // 1 − 0.95 is 0.05 and some digits that nobody meant.
    alpha: Number((1 - (planned.confidenceLevel ?? 0.95)).toPrecision(12)),
    correction,
    sampleRatioAlpha: brokenBelow,
    ended: frame.status === 'completed',
    unitsPerDay: units / days,
    ...(testing === undefined ? {} : { mode: modes[testing] }),
    ...(targetSampleSize === undefined
      ? {}
      : { plannedUnits: targetSampleSize, ...looks(units, targetSampleSize) }),
  }
}

/** The looks that are taken to have been before these units. */
export function looks(units: number, planned: number): { earlierLooks: number[] } {
  const all = Array.from({ length: Math.round(1 / grid) }, (_, i) => (i + 1) * grid * planned)
  return { earlierLooks: all.filter((at) => at < units) }
}

/** Reads it off the frame. */
export function lookOf(
  frame: ResultsFrame,
  plan: AnalysisPlan & { unitsPerDay: number },
  alphaNow: number,
): Look {
  const units = frame.variants.reduce((sum, one) => sum + one.units, 0)
  const { plannedUnits: planned, unitsPerDay, alpha = 0.05, correction = 'holm' } = plan
  const left =
    planned !== undefined && frame.status === 'running' ? daysLeft(planned, units, unitsPerDay) : undefined
  const mode = plan.mode ?? (planned === undefined ? 'always-valid' : 'group-sequential')
  // Before anybody came nothing of the level is spent.
  const now = mode === 'group-sequential' && units === 0 ? 0 : alphaNow
  const about = { units, unitsPerDay, alpha, alphaNow: now, correction }
  const days = left?.ok ? left.days : null
  if (mode === 'always-valid')
    return {
      ...about,
      mode: 'always valid',
      planned: planned ?? null,
      daysLeft: days,
      note: words.alwaysValid(),
    }
  const target = planned ?? units
  const note =
    mode === 'fixed' ? words.fixed(units, target) : words.groupSequential(units, target, alphaNow, alpha)
  const told = mode === 'fixed' ? ('fixed' as const) : ('group sequential' as const)
  return { ...about, mode: told, planned: target, daysLeft: days, note }
}
