/** An experiment's results: health first, then each metric and variant, then what to do and why. */
import { type Analysis, type AnalysisPlan, type Answer, analyse, type Because } from '@nunchi/stats'
import { Problem } from '../problem.ts'
import { type ResultsAsked, type Wanted, wanted } from './asked.ts'
import { type Grounds, groundsOf } from './grounds.ts'
import { type Health, healthOf } from './health.ts'
import { type Look, lookOf, planOf } from './look.ts'
import { type Measured, measure } from './measure.ts'
import type { MetricDefinition } from './metric.ts'
import { inOrder } from './metric-data.ts'
import { type NoResult, noResult } from './no-result.ts'
import { plannedShares } from './planned-shares.ts'
import { reasonOf } from './reason.ts'
import type { Said } from './said.ts'
import { type Segments, segmentsOf } from './segments.ts'
import { type Series, seriesOf } from './series.ts'
import { type SetApart, setApart, unreadable } from './set-apart.ts'
import type { Dimension, PlannedExperiment, ResultsFrame, ResultsGateway } from './summary.ts'
import { type VariantResult, variantResult } from './variant-result.ts'

/** One metric. */
export interface MetricResult {
  key: string
  name: string
  kind: MetricDefinition['kind']
  role: NonNullable<MetricDefinition['role']>
  direction: NonNullable<MetricDefinition['direction']>
  /** Of a guardrail: how much it may lose. */
  margin?: number
  /** What its comparison was combined over; null where that could not be. */
  stratifiedBy?: Dimension | null
  /** Where a few events have no number: how many, in figures that are given without them. */
  setApart?: SetApart
  variants: VariantResult[]
  /** Where a dimension was asked for. */
  byDimension?: Segments
  /** Where a series was asked for. */
  series?: Series
}

/** What to do about a variant, and why. */
export interface VariantAdvice {
  variant: string
  verdict: Analysis['verdict']
  /** For programs. */
  because: Because[]
  /** For people, from the same numbers. */
  reason: Said
}

/** Results. Times in ms. */
export interface ExperimentResults {
  experiment: string
  name: string
  revision: number
  status: string
  /** The first exposure. */
  firstAt: number | null
  computedAt: number
  /** Where more came at once than could be taken in: all that was processed until then is counted. */
  asOf?: number
  health: Health
  look: Look
  metrics: MetricResult[]
  verdicts: VariantAdvice[]
  /** Why there is nothing to decide, where there is not. */
  noResult?: NoResult
}

/** Why there are no numbers at all, if so. */
function nothing(frame: ResultsFrame, { variants }: PlannedExperiment): NoResult | undefined {
  const units = frame.variants.reduce((sum, one) => sum + one.units + one.multiple, 0)
  if (units === 0) return frame.status === 'draft' ? noResult.neverRan() : noResult.noExposures()
  return variants.length < 2 ? noResult.oneVariant() : undefined
}

async function frameOf(gateway: ResultsGateway, { experiment, revision, noRevision }: Wanted) {
  const frame = await gateway.frame(experiment, revision)
  if (!frame)
    throw new Problem('config_not_found', {
      detail: `There is no experiment "${experiment}", and there never was one in this environment.`,
      fix: 'Look which there are, with nunchi experiments list or GET /v1/manage/experiments.',
    })
  const known = frame.definition !== null && !noRevision
  return { frame, unknown: known ? undefined : noResult.unknownRevision(frame.revisions) }
}

/** A metric whose sums leave many events out, or that has none, stays in the analysis: what cannot be read guards nothing. */
function analysed(
  { keys, variants }: Grounds,
  measured: readonly Measured[],
  plan: AnalysisPlan,
): Answer<Analysis> {
  const metrics = measured.map(({ key, definition, summary, data }) => {
    const { role = 'goal', direction = 'increase', margin, minimumLift } = definition
    return {
      key,
      role,
      direction,
      ...(margin === undefined ? {} : { margin }),
      ...(minimumLift === undefined ? {} : { minimumLift }),
      data: unreadable(summary.faults, summary.variants)
        ? { kind: 'quantile' as const, arms: keys.map(() => null) }
        : data,
    }
  })
  return analyse({ variants, metrics }, plan)
}

function metricResult(
  grounds: Grounds,
  measured: Measured,
  comparisons: Analysis['comparisons'],
  plan: AnalysisPlan,
  { dimension, stratify }: Wanted,
): MetricResult {
  const { key, definition, summary, apart, daily } = measured
  const { name, kind, role = 'goal', direction = 'increase', margin } = definition
  const arms = inOrder(grounds.keys, summary.variants)
  const apartHere = unreadable(summary.faults, arms) ? undefined : setApart(summary.faults)
  const mine = comparisons.filter(({ metric }) => metric === key)
  const levelOf = (variant: string): number => {
    const result = mine.find((one) => one.variant === variant)?.result
    return result?.ok ? result.level : (plan.alpha ?? 0.05)
  }
  return {
    key,
    name,
    kind,
    role,
    direction,
    ...(margin === undefined ? {} : { margin }),
    ...(stratify && { stratifiedBy: measured.stratified ? stratify : null }),
    ...(apartHere && { setApart: apartHere }),
    variants: mine.map((one) => variantResult(one, arms, summary.faults)),
    ...(apart && dimension && { byDimension: segmentsOf(grounds, definition, apart, plan, dimension) }),
    ...(daily && { series: seriesOf(grounds, definition, daily, plan, levelOf) }),
  }
}

function verdictsOf(
  { metrics, look, health }: ExperimentResults,
  measured: readonly Measured[],
  analysis: Analysis,
): VariantAdvice[] {
  const told = {
    look,
    sampleRatioP: health.sampleRatio?.pValue ?? 1,
    guarded: metrics.some(({ role }) => role === 'guardrail'),
    find(key: string, variant: string) {
      const definition = measured.find((one) => one.key === key)?.definition
      const result = metrics.find((one) => one.key === key)?.variants.find((one) => one.variant === variant)
      return definition && result ? { definition, result } : undefined
    },
  }
  const broken = analysis.verdict === 'broken: sample ratio' ? analysis : undefined
  return analysis.variants.map(({ variant, verdict: own, because: why }) => {
    const [verdict, because] = broken ? [broken.verdict, broken.because] : [own, why]
    return { variant, verdict, because, reason: reasonOf(variant, because, told) }
  })
}

/**
 * Makes an experiment's results.
 *
 * @throws Problem `config_not_found` where there never was such an experiment, `query_invalid` where something is asked
 *   for that there is not
 */
export async function experimentResults(
  gateway: ResultsGateway,
  asked: ResultsAsked,
): Promise<ExperimentResults> {
  const want = wanted(asked)
  const { frame, unknown } = await frameOf(gateway, want)
  const planned = plannedShares(frame.definition ?? { name: want.experiment, variants: [] })
  const plan = planOf(frame, planned, want.correction)
  const grounds = groundsOf(frame, planned, want.experiment)
  const results: ExperimentResults = {
    experiment: want.experiment,
    name: planned.name,
    revision: frame.revision,
    status: frame.status ?? 'deleted',
    firstAt: frame.firstAt,
    computedAt: frame.now,
    ...(typeof frame.asOf === 'number' && { asOf: frame.asOf }),
    health: healthOf(frame, planned),
    look: lookOf(frame, plan, plan.alpha ?? 0.05),
    metrics: [],
    verdicts: [],
  }
  const why = unknown ?? nothing(frame, planned)
  if (why) return { ...results, noResult: why }
  const measured = await measure(gateway, grounds, want)
  const analysis = analysed(grounds, measured, plan)
  if (!analysis.ok) return { ...results, noResult: noResult.cannotAnalyse(analysis.reason) }
  results.look = lookOf(frame, plan, analysis.nominalAlpha)
  results.metrics = measured.map((one) => metricResult(grounds, one, analysis.comparisons, plan, want))
  results.verdicts = verdictsOf(results, measured, analysis)
  return grounds.metrics.length === 0 ? { ...results, noResult: noResult.noMetrics() } : results
}
