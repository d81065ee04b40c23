/** Whether an experiment ran as planned: the shares of its variants, before any metric is read. */
import { sampleRatio, sampleRatioSequential } from '@nunchi/stats'
import { type NoResult, noResult } from './no-result.ts'
import type { Said } from './said.ts'
import type { PlannedExperiment, ResultsFrame } from './summary.ts'
import { words } from './words.ts'

/** Below this the shares are not those planned; the test holds at every look. */
export const brokenBelow = 0.01

/** The health of an experiment. */
export interface Health {
  /** Null where there is nothing to test: one variant, or nobody yet. */
  sampleRatio: {
    /** Valid at every look; the experiment is broken below 0.01. */
    pValue: number
    /** Pearson's, for whoever looks once. */
    chiSquarePValue: number
    broken: boolean
    variants: { variant: string; units: number; expected: number }[]
  } | null
  /** Why the shares cannot be tested, where that is somebody's mistake. */
  noResult?: NoResult
  /** Variants that were seen and that the revision does not have; in no number. */
  unknownVariants: { variant: string; units: number; reason: Said }[]
  /** Units that saw several variants, and are in no number. */
  multiple: number
  /** Exposures and conversions of the time that could not be counted, by fault. */
  failures: { [fault: string]: number }
}

const isWeight = (weight: number): boolean => Number.isFinite(weight) && weight >= 0

function unknownIn(
  variants: ResultsFrame['variants'],
  arms: PlannedExperiment['variants'],
): Health['unknownVariants'] {
  return variants
    .filter(({ variant, units }) => units > 0 && !arms.some(({ key }) => key === variant))
    .map(({ variant, units }) => ({ variant, units, reason: words.unknownVariant(variant, units) }))
}

/** Tests it. */
export function healthOf(
  { variants, failures }: ResultsFrame,
  { variants: arms }: PlannedExperiment,
): Health {
  const rest = {
    unknownVariants: unknownIn(variants, arms),
    multiple: variants.reduce((sum, one) => sum + one.multiple, 0),
    failures,
  }
  const weights = arms.map(({ weight }) => weight)
  if (arms.length > 1 && (!weights.every(isWeight) || weights.filter((weight) => weight > 0).length < 2))
    return { sampleRatio: null, noResult: noResult.badWeights(weights), ...rest }
  const weighted = arms.filter(({ weight }) => weight > 0)
  const units = weighted.map(({ key }) => variants.find(({ variant }) => variant === key)?.units ?? 0)
  const shares = weighted.map(({ weight }) => weight)
  const [once, always] = [sampleRatio(units, shares), sampleRatioSequential(units, shares)]
  if (!once.ok || !always.ok) return { sampleRatio: null, ...rest }
  return {
    sampleRatio: {
      pValue: always.pValue,
      chiSquarePValue: once.pValue,
      broken: always.pValue < brokenBelow,
      variants: weighted.map(({ key }, i) => ({
        variant: key,
        units: units[i]!,
        expected: once.expected[i]!,
      })),
    },
    ...rest,
  }
}
