/** The changes of the config that ramps make. Coverage alone moves nobody, so that the revision stays. */
import type { ExperimentDefinition, FlagDefinition, Json, RuleDefinition } from '@nunchi/protocol'
import { asJson, type Change, conflict, lastRevision, type MakeChange, missing } from '../manage/change.ts'
import { pauseExperiment } from '../manage/experiments.ts'
import { setFlag } from '../manage/flags.ts'
import { fits, planOf } from './plan.ts'
import { type Ramp, type RampGuardrail, type RampPlan, whole } from './ramp.ts'
import type { RampInput } from './ramp-input.ts'

/** A change, with the ramp that it begins. */
export interface Beginning {
  change: Change
  plan: RampPlan
  experiment: string
  revision: number
}

type Make<Result> = (...now: Parameters<MakeChange>) => Result

function own<Value>(all: { [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(all, key) ? all[key] : undefined
}

/** Begins the ramp of an experiment: a draft starts, a running one goes on, at the first step's coverage. */
export function beginExperiment(key: string, input: RampInput, guardrails: RampGuardrail[]): Make<Beginning> {
  return (definition) => {
    const before = own(definition.experiments, key)
    if (!before) throw missing('experiment', key, Object.keys(definition.experiments))
    const plan = planOf(input, guardrails, before)
    fits(key, before, plan)
    const after: ExperimentDefinition = { ...before, status: 'running', coverage: plan.steps[0]!.coverage }
    const change: Change = {
      definition: { ...definition, experiments: { ...definition.experiments, [key]: after } },
      reason: `ramp.start ${key}`,
      subject: `experiment/${key}`,
      before: asJson(before),
      after: { experiment: asJson(after), plan: asJson(plan) },
    }
    return { change, plan, experiment: key, revision: after.revision }
  }
}

/** The rule that the ramp takes the place of. */
function rolledOut(
  key: string,
  { rules = [] }: FlagDefinition,
  id: string | undefined,
): RuleDefinition | undefined {
  const found = rules.filter((rule) => (id === undefined ? rule.rollout !== undefined : rule.id === id))
  if (found.length > 1)
    throw conflict(
      `Flag "${key}" has several rules with a rollout: ${found.map((one) => one.id).join(', ')}.`,
      'Name the one that is meant: "rule".',
    )
  const [rule] = found
  if (id !== undefined && !rule)
    throw conflict(
      `Flag "${key}" has no rule "${id}".`,
      `Its rules are: ${rules.map((one) => one.id).join(', ')}.`,
    )
  if (rule?.rollout?.ranges)
    throw conflict(
      `Rule "${rule.id}" of flag "${key}" has ranges.`,
      'Give its rollout a coverage in their place.',
    )
  return rule
}

/** The value that a flag ramps to. */
function targetOf(
  key: string,
  flag: FlagDefinition,
  input: RampInput,
  rule: RuleDefinition | undefined,
): Json {
  const value = input.value ?? rule?.value ?? (flag.type === 'boolean' ? true : undefined)
  if (value === undefined)
    throw conflict(`Flag "${key}" is of type ${flag.type}.`, 'Say which value it ramps to: "value".')
  return value
}

/**
 * The experiment of a flag's ramp: the new value's arm comes first and is cut by the rollout's own hash, so that it holds
 * those who had the value before; the control is as large as the steps leave room for.
 */
function experimentOf(
  key: string,
  value: Json,
  arm: number,
  { coverage: _coverage, ranges: _ranges, ...cut }: NonNullable<RuleDefinition['rollout']>,
): Omit<ExperimentDefinition, 'revision' | 'coverage'> {
  return {
    name: `Ramp of ${key}`,
    hypothesis: `The new value of ${key} hurts no guardrail.`,
    status: 'running',
    seed: key,
    ...cut,
    variants: [
      { key: 'on', weight: arm, configuration: value },
      // What they would have without the ramp, whatever other rules say.
      { key: 'off', weight: whole - arm, isControl: true, passthrough: true },
    ],
  }
}

/** Begins the ramp of a flag: an experiment with the new value and the present one, and a rule that asks it. */
export function beginFlag(key: string, input: RampInput, guardrails: RampGuardrail[]): Make<Beginning> {
  return (definition, standing) => {
    const flag = own(definition.flags, key)
    if (!flag) throw missing('flag', key, Object.keys(definition.flags))
    const name = input.experiment ?? `${key}-ramp`
    const earlier = own(definition.experiments, name)
    const again = flag.rules?.find((one) => one.experiment === name)
    const rule = again ?? rolledOut(key, flag, input.rule)
    if (earlier && (!again || earlier.status === 'completed' || earlier.status === 'running'))
      throw conflict(
        `There is an experiment "${name}" already, and it is ${earlier.status}.`,
        'Name another for this ramp: "experiment".',
      )
    const value = targetOf(key, flag, input, rule?.value === undefined ? undefined : rule)
    // Half for each, or as much for the new value as its largest step below everybody needs.
    const arm = Math.max(whole / 2, ...input.steps.map(({ share }) => share).filter((share) => share < whole))
    const cut = rule?.rollout ?? (earlier ? keptCut(earlier) : {})
    const made = experimentOf(key, value, arm, cut)
    const plan = planOf(input, guardrails, made, { shared: arm, winner: 'on' })
    if ((rule?.rollout?.coverage ?? 0) > input.steps[0]!.share)
      throw conflict(
        `Flag "${key}" is rolled out to ${rule?.rollout?.coverage ?? 0} ppm.`,
        'Begin with a step that is not smaller: shrinking would take the value away from people who have it.',
      )
    const revision = Math.max(lastRevision(standing.revisions.experiments, name), earlier?.revision ?? 0) + 1
    const experiment: ExperimentDefinition = { ...made, revision, coverage: plan.steps[0]!.coverage }
    const asks = { ...withoutRollout(rule ?? { id: 'ramp' }), experiment: name }
    const rules = rule ? flag.rules!.map((one) => (one === rule ? asks : one)) : [asks, ...(flag.rules ?? [])]
    const change = setFlag(key, { ...flag, rules })(
      { ...definition, experiments: { ...definition.experiments, [name]: experiment } },
      standing,
    )
    const { reason: _reason, before, after, ...rest } = change
    return {
      change: { ...rest, reason: `ramp.start ${key}`, before, after: { flag: after, plan: asJson(plan) } },
      plan,
      experiment: name,
      revision,
    }
  }
}

/** How the ramp before cut units, so that the same people come first. */
function keptCut({
  seed,
  attribute,
  fallback,
  hashVersion,
}: ExperimentDefinition): NonNullable<RuleDefinition['rollout']> {
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(attribute === undefined ? {} : { attribute }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(hashVersion === undefined ? {} : { hashVersion }),
  }
}

function withoutRollout({ rollout: _rollout, value: _value, ...rule }: RuleDefinition): RuleDefinition {
  return rule
}

/**
 * What a decision publishes; undefined where it changes nothing.
 *
 * @param told the figures of the decision, for the audit log
 */
export function decided(
  { experiment: key, step, plan }: Ramp,
  does: 'advance' | 'finish' | 'roll back',
  told: Json,
): MakeChange | undefined {
  if (does === 'roll back')
    return (...now) => {
      const change = pauseExperiment(key)(...now)
      return { ...change, ...audited('ramp.rollback', key, step, null, plan, told) }
    }
  const next = plan.steps[step + 1]
  if (!next) return undefined
  return (definition) => {
    const before = own(definition.experiments, key)
    if (!before) throw missing('experiment', key, Object.keys(definition.experiments))
    const after: ExperimentDefinition =
      does === 'finish' && plan.winner !== undefined
        ? { ...before, status: 'completed', winner: plan.winner }
        : { ...before, coverage: next.coverage }
    return {
      definition: { ...definition, experiments: { ...definition.experiments, [key]: after } },
      subject: `experiment/${key}`,
      ...audited(does === 'finish' ? 'ramp.finish' : 'ramp.advance', key, step, step + 1, plan, told),
    }
  }
}

function audited(
  verb: string,
  key: string,
  from: number,
  to: number | null,
  { steps }: RampPlan,
  told: Json,
) {
  const at = (step: number) => ({ step, share: steps[step]!.share, coverage: steps[step]!.coverage })
  return {
    reason: `${verb} ${key}`,
    before: at(from),
    after: { ...(to === null ? { step: from, share: 0, coverage: 0 } : at(to)), decision: told },
  }
}
