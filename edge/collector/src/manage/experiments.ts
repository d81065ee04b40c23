/** Changes of experiments, and what may change when: what was planned before the start holds, and nobody is re-bucketed by accident. */
import type { ConfigDefinition, ExperimentDefinition, ExperimentStatus } from '@nunchi/protocol'
import { asJson, type Change, conflict, lastRevision, type MakeChange, missing } from './change.ts'
import { differs } from './differs.ts'

/** An experiment as it is sent: status and revision are ours to keep. */
export type ExperimentInput = Omit<ExperimentDefinition, 'revision' | 'status'> & {
  revision?: number
  status?: ExperimentStatus
}

/** What was planned: changing it after the start would fit the plan to what was seen. */
export const planned: readonly string[] = ['hypothesis', 'targetSampleSize', 'confidenceLevel', 'testing']

/** What decides who sees what: changing it starts a new revision, whose exposures are counted anew. */
export const deciding: readonly string[] = [
  'variants',
  'ranges',
  'seed',
  'hashVersion',
  'attribute',
  'fallback',
  'namespaces',
  'holdouts',
  'condition',
  'roles',
  'prerequisites',
  'urls',
  'force',
  'assignmentKey',
  'bucketVersion',
]

/** What may still change after the end: words, and what everybody gets. */
const lasting = ['name', 'description', 'winner', 'meta', 'createdBy']

const steps: { [from in ExperimentStatus]: ExperimentStatus[] } = {
  draft: ['running'],
  running: ['paused', 'completed'],
  paused: ['running', 'completed'],
  completed: [],
}

function experimentOf({ experiments }: ConfigDefinition, key: string): ExperimentDefinition {
  const found = Object.hasOwn(experiments, key) ? experiments[key] : undefined
  if (!found) throw missing('experiment', key, Object.keys(experiments))
  return found
}

function changed(
  definition: ConfigDefinition,
  key: string,
  verb: string,
  after: ExperimentDefinition | undefined,
): Change {
  const { [key]: _before, ...others } = definition.experiments
  const before = Object.hasOwn(definition.experiments, key) ? definition.experiments[key] : undefined
  return {
    definition: { ...definition, experiments: after ? { ...others, [key]: after } : others },
    reason: `experiment.${verb} ${key}`,
    subject: `experiment/${key}`,
    before: asJson(before),
    after: asJson(after),
  }
}

/** Throws where a change is not allowed in the experiment's status. @returns its revision afterwards */
function revisionAfter(
  key: string,
  before: ExperimentDefinition,
  input: ExperimentInput,
  restart: boolean,
): number {
  const { status, revision } = before
  if (status === 'draft') return revision
  const fields = differs(before, { ...input, status, revision })
  const late = fields.filter((field) => !lasting.includes(field))
  if (status === 'completed' && late.length > 0)
    throw conflict(
      `Experiment "${key}" is completed; its ${late.join(', ')} cannot change any more.`,
      'Make a new experiment under another key.',
    )
  const plans = fields.filter((field) => planned.includes(field))
  if (plans.length > 0)
    throw conflict(
      `Experiment "${key}" has started; its ${plans.join(', ')} was planned before and stays.`,
      'Complete it, and make a new experiment with the new plan.',
    )
  const moves = fields.filter((field) => deciding.includes(field))
  if (moves.length === 0) return revision
  if (!restart)
    throw conflict(
      `Changing ${moves.join(', ')} of the ${status} experiment "${key}" may show people another variant than before.`,
      'Say restart to begin a new revision, whose results start from nothing; or leave these as they are.',
    )
  return revision + 1
}

/**
 * Makes an experiment as a draft, or replaces its definition. A draft made anew goes on from the revisions of the one that
 * was deleted, so that results never mix.
 *
 * @param restart allows changes that may move people, as a new revision
 */
export function setExperiment(key: string, input: ExperimentInput, restart = false): MakeChange {
  return (definition, { revisions }) => {
    const { experiments } = definition
    const before = Object.hasOwn(experiments, key) ? experiments[key] : undefined
    const after: ExperimentDefinition = before
      ? { ...input, status: before.status, revision: revisionAfter(key, before, input, restart) }
      : { ...input, status: 'draft', revision: lastRevision(revisions.experiments, key) + 1 }
    return changed(definition, key, before ? 'update' : 'create', after)
  }
}

/** Takes an experiment away: a draft, or one that is completed. Its exposures and results stay. */
export function deleteExperiment(key: string): MakeChange {
  return (definition) => {
    const { status } = experimentOf(definition, key)
    if (status === 'running' || status === 'paused')
      throw conflict(`Experiment "${key}" is ${status}.`, 'Complete it first.')
    return changed(definition, key, 'delete', undefined)
  }
}

function step(
  key: string,
  to: ExperimentStatus,
  verb: string,
  more: Partial<ExperimentDefinition> = {},
): MakeChange {
  return (definition) => {
    const before = experimentOf(definition, key)
    if (!steps[before.status].includes(to)) {
      const next = steps[before.status]
      throw conflict(
        `Experiment "${key}" is ${before.status}; it cannot become ${to}.`,
        next.length > 0
          ? `From here it can become ${next.join(' or ')}.`
          : 'Make a new experiment under another key.',
      )
    }
    return changed(definition, key, verb, { ...before, ...more, status: to })
  }
}

/** Starts a draft, or goes on with one that is paused: everybody sees the variant they saw before. */
export const startExperiment = (key: string): MakeChange => step(key, 'running', 'start')

/** Stops assigning and counting for now; everybody gets the control. */
export const pauseExperiment = (key: string): MakeChange => step(key, 'paused', 'pause')

/**
 * Ends an experiment for good.
 *
 * @param winner the variant that everybody gets from now on; none for the control
 */
export function completeExperiment(key: string, winner?: string): MakeChange {
  return (definition, standing) => {
    const { variants } = experimentOf(definition, key)
    if (winner !== undefined && !variants.some((variant) => variant.key === winner))
      throw conflict(
        `Experiment "${key}" has no variant "${winner}".`,
        `Its variants are: ${variants.map((variant) => variant.key).join(', ')}.`,
      )
    return step(key, 'completed', 'complete', winner === undefined ? {} : { winner })(definition, standing)
  }
}
