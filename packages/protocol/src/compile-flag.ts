/** Compiles one flag into a function from a visit to a value. */
import { has } from './condition.ts'
import type { Flag, Namespace, Rule } from './config.ts'
import type { Evaluate, ExperimentResult, FlagReason, FlagResult, Visit } from './evaluation.ts'
import type { Json } from './event.ts'
import { compileGates, defaultAttribute, onlyKnown, type Scope, unitOf } from './scope.ts'

type Give = (
  value: Json,
  reason: FlagReason,
  rule?: string,
  experiment?: ExperimentResult | null,
) => FlagResult

/** The flag's result by one rule, or `undefined` where the next is asked. */
type Step = (visit: Visit) => FlagResult | undefined

function compileRule(flag: string, rule: Rule, off: Json, give: Give, scope: Scope): Step {
  const {
    id,
    value,
    experiment,
    condition,
    schedule,
    rollout,
    namespaces = [],
    prerequisites,
    meta,
    ...rest
  } = rule
  onlyKnown(rest)
  const shares = rollout
    ? [...namespaces, { name: '', seed: flag, attribute: defaultAttribute, ...rollout } as Namespace]
    : namespaces
  const stopped = compileGates({ ...rule, namespaces: shares }, scope)
  const evaluate = scope.experiments.get(experiment!)
  if (experiment !== undefined && !evaluate) throw new Error(experiment)

  return (visit) => {
    const reason = stopped(visit, unitOf(visit.attributes, defaultAttribute))
    if (reason === 'gate') return give(off, 'prerequisite')
    if (reason === 'cycle') return give(off, reason)
    if (reason) return
    if (value !== undefined) return give(value, rollout ? 'rollout' : 'rule', id)
    const result = evaluate?.(visit)
    return result?.inExperiment && !result.passthrough
      ? give(result.value, 'experiment', id, result)
      : undefined
  }
}

/**
 * Compiles a flag. A rule that the evaluator does not understand is passed over and named in `unsupported`.
 *
 * @param otherwise the reason where no rule holds
 * @throws for what it does not know of the flag itself, naming it
 */
export function compileFlag(
  key: string,
  flag: Flag,
  scope: Scope,
  otherwise: FlagReason = 'value',
): Evaluate<FlagResult> {
  const {
    type,
    value,
    enabled,
    off = type === 'boolean' ? false : value,
    rules = [],
    revision,
    meta,
    ...rest
  } = flag
  onlyKnown(rest)
  const give: Give = (value, reason, rule = '', experiment = null) => ({
    flag: key,
    value,
    reason,
    rule,
    revision,
    experiment,
  })
  const steps = rules.map((rule) =>
    scope.attempt(`flags.${key}.rules.${rule.id}`, () => compileRule(key, rule, off, give, scope)),
  )
  let busy = false

  return (visit) => {
    const { overrides } = visit
    if (busy) return give(off, 'cycle')
    if (overrides?.flags && has(overrides.flags, key)) return give(overrides.flags[key]!, 'override')
    if (enabled === false) return give(off, 'disabled')
    busy = true
    try {
      for (const step of steps) {
        const result = step?.(visit)
        if (result) return result
      }
    } finally {
      busy = false
    }
    return give(value, otherwise)
  }
}
