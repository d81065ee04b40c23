/** Whether an experiment ran as planned: the shares of its variants, before any metric is read. */
import { sampleRatio, sampleRatioSequential } from '@nunchi/stats'
import type { PlannedExperiment, ResultsFrame } from './summary.ts'

/** Below this the shares are not those planned; holds at every look. */
const broken = 0.01

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
  /** Units that saw several variants, and are in no number. */
  multiple: number
  /** Exposures and conversions of the time that could not be counted, by fault. */
  failures: { [fault: string]: number }
}

/** Tests it. */
export function healthOf(
  { variants, failures }: ResultsFrame,
  { variants: arms }: PlannedExperiment,
): Health {
  const multiple = variants.reduce((sum, one) => sum + one.multiple, 0)
  const weighted = arms.filter(({ weight }) => weight > 0)
  const units = weighted.map(({ key }) => variants.find(({ variant }) => variant === key)?.units ?? 0)
  const weights = weighted.map(({ weight }) => weight)
  const [once, always] = [sampleRatio(units, weights), sampleRatioSequential(units, weights)]
  if (!once.ok || !always.ok) return { sampleRatio: null, multiple, failures }
  return {
    sampleRatio: {
      pValue: always.pValue,
      chiSquarePValue: once.pValue,
      broken: always.pValue < broken,
      variants: weighted.map(({ key }, i) => ({
        variant: key,
        units: units[i]!,
        expected: once.expected[i]!,
      })),
    },
    multiple,
    failures,
  }
}
