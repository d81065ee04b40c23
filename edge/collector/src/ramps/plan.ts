/** Makes a plan of what was sent: the metrics as they are now, and the coverage that each share comes to. */
import type { ExperimentDefinition } from '@nunchi/protocol'
import { conflict } from '../manage/change.ts'
import { invalid } from '../manage/publisher.ts'
import type { MetricDefinition } from '../results/metric.ts'
import { metricPlan } from '../results/metric-plan.ts'
import { type RampGuardrail, type RampPlan, whole } from './ramp.ts'
import type { RampInput } from './ramp-input.ts'

/** The metrics that there are. */
export type Metrics = { key: string; definition: MetricDefinition }[]

const hour = 3_600_000

function guardrailOf(
  { metric, direction, margin = 0 }: RampInput['guardrails'][number],
  at: number,
  metrics: Metrics,
): RampGuardrail {
  const found = metrics.find(({ key }) => key === metric)
  const path = `guardrails[${at}].metric`
  if (!found) {
    const known = metrics.map(({ key }) => key).join(', ')
    throw invalid([
      {
        path,
        message: `There is no metric "${metric}"; ${known ? `there are ${known}` : 'there is none yet'}.`,
      },
    ])
  }
  const { definition } = found
  if (definition.kind === 'quantile')
    throw invalid([
      {
        path,
        message: `"${metric}" is a quantile, which cannot be combined over steps; take a share above a threshold.`,
      },
    ])
  return {
    metric,
    name: definition.name,
    direction: direction ?? definition.direction ?? 'increase',
    margin,
    plan: metricPlan(definition),
  }
}

/** The guardrails, each with its metric. */
export function guardrailsOf(input: RampInput, metrics: Metrics): RampGuardrail[] {
  return input.guardrails.map((one, at) => guardrailOf(one, at, metrics))
}

/**
 * The plan.
 *
 * @param experiment the one that compares
 * @param shared the ppm of everybody that stand behind a coverage of 1,000,000: for a flag the new value's arm
 */
export function planOf(
  input: RampInput,
  guardrails: RampGuardrail[],
  experiment: Pick<ExperimentDefinition, 'variants'>,
  { shared = whole, winner }: { shared?: number; winner?: string } = {},
): RampPlan {
  const { variants } = experiment
  const control = (variants.find(({ isControl }) => isControl) ?? variants[0]!).key
  return {
    steps: input.steps.map(({ share, leastHours = 24, leastUnits = 1000 }) => ({
      share,
      // Rounded up, so that nobody who had the value before loses it.
      coverage:
        winner !== undefined && share >= whole ? whole : Math.min(whole, Math.ceil((share * whole) / shared)),
      leastMs: Math.round(leastHours * hour),
      leastUnits,
    })),
    guardrails,
    alpha: input.alpha ?? 0.05,
    control,
    treatments: variants.filter(({ key, weight }) => key !== control && weight > 0).map(({ key }) => key),
    weights: Object.fromEntries(variants.map(({ key, weight }) => [key, weight])),
    ...(winner === undefined ? {} : { winner }),
  }
}

/** Throws where an experiment cannot have this ramp. */
export function fits(
  key: string,
  found: ExperimentDefinition,
  { steps, treatments, weights, control }: RampPlan,
): void {
  const refuse = (detail: string, fix: string): never => {
    throw conflict(`Experiment "${key}" ${detail}.`, fix)
  }
  if (found.status !== 'draft' && found.status !== 'running')
    refuse(`is ${found.status}`, 'A ramp begins with a draft or with a running experiment.')
  if (found.ranges || found.force !== undefined)
    refuse('has ranges or a forced variant', 'Take them away: a ramp grows coverage, and everybody counts.')
  if (treatments.length === 0 || !weights[control])
    refuse('has nothing to compare', 'Give the control and another variant a weight.')
  if (found.status === 'running' && (found.coverage ?? whole) > steps[0]!.coverage)
    refuse(
      `runs at ${found.coverage ?? whole} ppm`,
      'Begin with a step that is not smaller: shrinking would take the variant away from people who have it.',
    )
}
