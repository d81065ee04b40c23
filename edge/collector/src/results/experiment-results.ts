/** An experiment's results: health first, then each metric and variant, then what to do and why. */
import { Problem } from '../problem.ts'
import { type Comparison, compare, type Level } from './compare.ts'
import { type Health, healthOf } from './health.ts'
import { alphaAt, type Look, lookOf } from './look.ts'
import type { MetricDefinition } from './metric.ts'
import { metricPlan } from './metric-plan.ts'
import type {
  MetricSummary,
  PlannedExperiment,
  ResultsFrame,
  ResultsGateway,
  VariantSummary,
} from './summary.ts'
import { direction, type Evidence, type Judged, judge } from './verdict.ts'
import { type NoResult, noResult, words } from './words.ts'

/** One metric of one variant: the comparison, or why there is none. */
export type VariantResult = { variant: string; units: number } & (
  | (Comparison & { alpha: number; says: 'better' | 'worse' | 'unclear' })
  | { noResult: NoResult }
)

/** One metric. */
export interface MetricResult {
  key: string
  name: string
  kind: MetricDefinition['kind']
  role: NonNullable<MetricDefinition['role']>
  direction: NonNullable<MetricDefinition['direction']>
  variants: VariantResult[]
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
  health: Health
  look: Look
  metrics: MetricResult[]
  verdicts: ({ variant: string } & Judged)[]
  /** Why there is nothing to decide, where there is not. */
  noResult?: NoResult
}

const empty = (variant: string): VariantSummary => ({ variant, units: 0, multiple: 0 })

function variantResult(
  metric: MetricDefinition,
  { variants, faults }: MetricSummary,
  [control, treatment]: [string, string],
  level: Level,
): VariantResult {
  const [a, b] = [control, treatment].map(
    (key) => variants.find(({ variant }) => variant === key) ?? empty(key),
  ) as [VariantSummary, VariantSummary]
  const about = { variant: treatment, units: b.units }
  if (faults.events > 0)
    return { ...about, noResult: noResult.notANumber(faults.events, faults.example ?? '') }
  // So early in a plan that the level is no number any more: the interval is shown as wide as it can be.
  const alpha = Math.max(level.alpha, 1e-15)
  const found = compare(metricPlan(metric), a, b, { ...level, alpha })
  if (!found.ok) return { ...about, noResult: noResult.notComparable(found.reason) }
  const { ok, ...comparison } = found
  return { ...about, ...comparison, alpha, says: direction({ metric, comparison, alpha }) }
}

const roleOf = ({ role = 'goal' }: MetricDefinition) => role

/** Of several goals or variants each gets its part of the level; what may not be hurt is watched at the whole. */
function levels(metrics: ResultsFrame['metrics'], treatments: number, look: Look, alpha: number) {
  const goals = metrics.filter(({ definition }) => roleOf(definition) === 'goal').length
  const alwaysValid = look.planned === null
  const whole: Level = { alpha: alphaAt(look, alpha), alwaysValid }
  const part: Level = { alpha: alphaAt(look, alpha / Math.max(1, goals * treatments)), alwaysValid }
  return (metric: MetricDefinition): Level => (roleOf(metric) === 'goal' ? part : whole)
}

function verdictsOf(results: ExperimentResults, metrics: ResultsFrame['metrics'], treatments: string[]) {
  const { health, look, status } = results
  const over = status === 'completed' || (look.planned !== null && look.units >= look.planned)
  return treatments.map((variant) => {
    if (health.sampleRatio?.broken)
      return {
        variant,
        verdict: 'broken: sample ratio' as const,
        reason: words.broken(health.sampleRatio.pValue),
      }
    const evidence: Evidence[] = results.metrics.map(({ variants }, i) => {
      const metric = metrics[i]!.definition
      const found = variants.find((one) => one.variant === variant)!
      return 'noResult' in found ? { metric, alpha: 0 } : { metric, comparison: found, alpha: found.alpha }
    })
    return { variant, ...judge(evidence, over) }
  })
}

/** Why there are no numbers at all, if so. */
function nothing(frame: ResultsFrame, { variants }: PlannedExperiment): NoResult | undefined {
  const units = frame.variants.reduce((sum, one) => sum + one.units + one.multiple, 0)
  if (units === 0) return frame.status === 'draft' ? noResult.neverRan() : noResult.noExposures()
  return variants.length < 2 ? noResult.oneVariant() : undefined
}

async function frameOf(gateway: ResultsGateway, experiment: string, revision: string | undefined) {
  const number = revision !== undefined && /^[1-9]\d{0,8}$/.test(revision) ? Number(revision) : undefined
  const frame = await gateway.frame(experiment, number)
  if (!frame)
    throw new Problem('config_not_found', {
      detail: `There is no experiment "${experiment}", and there never was one.`,
      fix: 'Look which there are, with nunchi experiments list.',
    })
  const known = frame.definition !== null && (revision === undefined || number !== undefined)
  return { frame, unknown: known ? undefined : noResult.unknownRevision(frame.revisions) }
}

async function metricResults(
  gateway: ResultsGateway,
  about: { experiment: string; revision: number; until?: number },
  metrics: ResultsFrame['metrics'],
  pairs: [string, string][],
  levelOf: (metric: MetricDefinition) => Level,
): Promise<MetricResult[]> {
  const results: MetricResult[] = []
  // One after the other: each may read months of events, and there are few connections.
  for (const { key, definition } of metrics) {
    const summary = await gateway.summarize({ ...about, plan: metricPlan(definition) })
    results.push({
      key,
      name: definition.name,
      kind: definition.kind,
      role: roleOf(definition),
      direction: definition.direction ?? 'increase',
      variants: pairs.map((pair) => variantResult(definition, summary, pair, levelOf(definition))),
    })
  }
  return results
}

/**
 * Makes an experiment's results.
 *
 * @param asked.revision as it was typed; the newest where absent
 * @throws Problem `config_not_found` where there never was such an experiment
 */
export async function experimentResults(
  gateway: ResultsGateway,
  asked: { experiment: string; revision?: string | undefined },
): Promise<ExperimentResults> {
  const { frame, unknown } = await frameOf(gateway, asked.experiment, asked.revision)
  const planned = frame.definition ?? { name: asked.experiment, variants: [] }
  const look = lookOf(frame, planned)
  const results: ExperimentResults = {
    experiment: asked.experiment,
    name: planned.name,
    revision: frame.revision,
    status: frame.status ?? 'deleted',
    firstAt: frame.firstAt,
    computedAt: frame.now,
    health: healthOf(frame, planned),
    look,
    metrics: [],
    verdicts: [],
  }
  const why = unknown ?? nothing(frame, planned)
  if (why) return { ...results, noResult: why }
  const control = (planned.variants.find(({ isControl }) => isControl) ?? planned.variants[0]!).key
  const treatments = planned.variants.map(({ key }) => key).filter((key) => key !== control)
  const metrics = frame.metrics.filter(
    ({ definition: { experiments } }) => experiments?.includes(asked.experiment) ?? true,
  )
  const about = {
    experiment: asked.experiment,
    revision: frame.revision,
    ...(frame.endedAt === null ? {} : { until: frame.endedAt }),
  }
  const levelOf = levels(metrics, treatments.length, look, 1 - (planned.confidenceLevel ?? 0.95))
  const pairs = treatments.map((key): [string, string] => [control, key])
  results.metrics = await metricResults(gateway, about, metrics, pairs, levelOf)
  results.verdicts = verdictsOf(results, metrics, treatments)
  return metrics.length === 0 ? { ...results, noResult: noResult.noMetrics() } : results
}
