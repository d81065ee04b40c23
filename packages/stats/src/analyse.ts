/** From an experiment's sufficient statistics to one p, one interval and a lift per metric and variant, and a verdict. */
import { compareAll } from './analyse/compare.ts'
import type { Comparison } from './analyse/comparison.ts'
import { type Look, look } from './analyse/look.ts'
import type { AnalysisPlan, ExperimentSummary, Mode } from './analyse/plan.ts'
import {
  type Because,
  overallVerdict,
  type VariantVerdict,
  type Verdict,
  variantVerdict,
} from './analyse/verdict.ts'
import {
  type SampleRatio,
  type SampleRatioSequential,
  sampleRatio,
  sampleRatioSequential,
} from './methods/sample-ratio.ts'
import { type Answer, give, isLevel, refuse } from './summary.ts'

export type { Beside } from './analyse/beside.ts'
export type { Comparison, ComparisonResult } from './analyse/comparison.ts'
export type { NonInferiority } from './analyse/non-inferiority.ts'
// biome-ignore format: one line a file
export type { AnalysisPlan, Correction, ExperimentSummary, MetricData, MetricSummary, Mode, Role } from './analyse/plan.ts'
export type { Because, VariantVerdict, Verdict } from './analyse/verdict.ts'

/** What an experiment says. */
export interface Analysis {
  mode: Mode
  alpha: number
  /** The level of a single test that this look allows. */
  nominalAlpha: number
  /** Share of the planned units that has come. */
  information?: number
  sampleRatio: Answer<SampleRatio>
  sampleRatioSequential: Answer<SampleRatioSequential>
  comparisons: Comparison[]
  verdict: Verdict
  /** The variant that the verdict is about. */
  variant?: string
  because: Because[]
  variants: VariantVerdict[]
}

/** Whether the arms' sizes rule out that assignment works: health is looked at often, however the metrics are read. */
function isBroken(
  { sampleRatioSequential: test }: Pick<Analysis, 'sampleRatioSequential'>,
  level: number,
): boolean {
  return test.ok && test.pValue < level
}

/**
 * Analyses an experiment: the sample ratio first, then each metric of each variant by the test of its kind (rates by the
 * score test with Miettinen–Nurminen's and Koopman's intervals, Fisher's below an expected count of 5; means by Welch
 * with the log ratio; ratios by the delta method; CUPED where a covariate is given), read in the plan's mode, corrected
 * over the goals, and a verdict from the same numbers. Each interval is of the level that the correction leaves to it, so
 * that it leaves out zero exactly where the adjusted p is below alpha. `ship` needs both to agree, and every guardrail with
 * a margin to be shown no worse than it; a hurt guardrail or goal comes first.
 *
 * Single metrics that cannot be read are refused with their reason and leave the others alone; refused as a whole are
 * only fewer than two variants, a level that is none, and a group sequential plan that cannot be followed.
 *
 * When not to use it: on units that were assigned by something else than chance, on parts of an experiment that were
 * chosen for what was seen, or while a ramp changes the shares (`guardrailTest` compares within each step).
 *
 * @param summary the sufficient statistics
 * @param plan what was planned before the start; nothing of it may be changed for what was seen
 */
export function analyse(summary: ExperimentSummary, plan: AnalysisPlan = {}): Answer<Analysis> {
  const { alpha = 0.05, sampleRatioAlpha = 0.001 } = plan
  if (!isLevel(alpha) || !isLevel(sampleRatioAlpha)) return refuse('bad-alpha')
  if (summary.variants.length < 2) return refuse('one-variant')
  const sizes = summary.variants.map(({ units }) => units)
  if (!sizes.every((n) => Number.isFinite(n) && n >= 0)) return refuse('bad-input')
  const units = sizes.reduce((sum, n) => sum + n, 0)
  if (units === 0) return refuse('no-units')
  const now = look(plan, units)
  if (!now.ok) return now
  // Arms that nobody was to get say nothing of the shares of the others.
  const shared = summary.variants.filter(({ weight }) => weight !== 0)
  const shares = [shared.map((one) => one.units), shared.map(({ weight }) => weight)] as const
  const comparisons = compareAll(summary, plan, now, alpha)
  const numbers = {
    mode: now.mode,
    alpha,
    nominalAlpha: now.nominalAlpha,
    ...(now.information === undefined ? {} : { information: now.information }),
    sampleRatio: sampleRatio(...shares),
    sampleRatioSequential: sampleRatioSequential(...shares),
    comparisons,
  }
  return give({ ...numbers, ...judge(summary, plan, comparisons, now, isBroken(numbers, sampleRatioAlpha)) })
}

function judge(
  summary: ExperimentSummary,
  { ended = false }: AnalysisPlan,
  comparisons: readonly Comparison[],
  now: Look,
  broken: boolean,
): Pick<Analysis, 'verdict' | 'variant' | 'because' | 'variants'> {
  const progress = {
    final: now.final,
    ended,
    closed: now.mode === 'fixed' && !now.final && !ended,
    planned: now.information !== undefined,
  }
  const variants = summary.variants.slice(1).map(({ key }) => variantVerdict(key, comparisons, progress))
  if (broken)
    return { verdict: 'broken: sample ratio', because: [{ code: 'sample-ratio-mismatch' }], variants }
  const liftOf = (variant: string): number => {
    const goal = comparisons.find((one) => one.variant === variant && one.outcome === 'better')
    return goal?.result.ok ? Math.abs(goal.result.difference / (goal.result.control || 1)) : 0
  }
  const { verdict, variant, because } = overallVerdict(variants, liftOf)!
  return { verdict, variant, because, variants }
}
