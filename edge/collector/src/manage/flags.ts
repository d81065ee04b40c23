/** Changes of flags. A flag's revision counts up when a change may give somebody another value. */
import type { ConfigDefinition, FlagDefinition, Rule } from '@nunchi/protocol'
import { asJson, conflict, lastRevision, type MakeChange, missing } from './change.ts'
import { same } from './differs.ts'

/** A flag as it is sent: the revision is ours to count. */
export type FlagInput = Omit<FlagDefinition, 'revision'> & { revision?: number }

/** What of a rule decides who gets what. Growing a rollout and its schedule only let more in, or fewer. */
function deciding({ meta: _meta, schedule: _schedule, rollout, ...rest }: Rule): object {
  const { coverage: _coverage, ...cut } = rollout ?? {}
  return { ...rest, rollout: cut }
}

/** What of a flag decides who gets what. */
export const phase = ({ value, off, rules = [] }: FlagInput): object => ({
  value,
  off,
  rules: rules.map(deciding),
})

function withFlag(definition: ConfigDefinition, key: string, flag: FlagDefinition): ConfigDefinition {
  return { ...definition, flags: { ...definition.flags, [key]: flag } }
}

function flagOf({ flags }: ConfigDefinition, key: string): FlagDefinition {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined
  if (!flag) throw missing('flag', key, Object.keys(flags))
  return flag
}

/**
 * Makes or replaces a flag. Its type stays what it was: code that reads it counts on that. One that is made anew goes on
 * from the revisions of the one that was deleted.
 */
export function setFlag(key: string, input: FlagInput): MakeChange {
  return (definition, { revisions }) => {
    const before = Object.hasOwn(definition.flags, key) ? definition.flags[key] : undefined
    if (before && before.type !== input.type)
      throw conflict(
        `Flag "${key}" is of type ${before.type}; its type cannot become ${input.type}.`,
        'Make a new flag under another key, and move the code to it.',
      )
    const next = Math.max(before?.revision ?? 0, lastRevision(revisions.flags, key)) + 1
    const revision = before && same(phase(before), phase(input)) ? before.revision : next
    const after: FlagDefinition = { ...input, revision }
    return {
      definition: withFlag(definition, key, after),
      reason: `flag.${before ? 'update' : 'create'} ${key}`,
      subject: `flag/${key}`,
      before: asJson(before),
      after: asJson(after),
    }
  }
}

/** Takes a flag away. Pages that ask for it get their fallback. */
export function deleteFlag(key: string): MakeChange {
  return (definition) => {
    const before = flagOf(definition, key)
    const { [key]: _gone, ...flags } = definition.flags
    return {
      definition: { ...definition, flags },
      reason: `flag.delete ${key}`,
      subject: `flag/${key}`,
      before: asJson(before),
      after: null,
    }
  }
}

/** Whether a key fits a pattern in which `*` stands for any text. Takes each part where it first comes: linear time. */
function fits(pattern: string): (key: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  return (key) => {
    if (last === undefined) return key === pattern
    let at = first.length
    if (!key.startsWith(first)) return false
    for (const part of rest) {
      const found = key.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return key.length - at >= last.length && key.endsWith(last)
  }
}

/** Throws, or takes back, the kill switch of all flags that fit: `checkout-*`. */
export function switchFlags(pattern: string, enabled: boolean): MakeChange {
  return (definition) => {
    const keys = Object.keys(definition.flags).filter(fits(pattern))
    if (keys.length === 0) throw missing('flag', pattern, Object.keys(definition.flags))
    const flags = { ...definition.flags }
    for (const key of keys) flags[key] = { ...flagOf(definition, key), enabled }
    const state = (of: ConfigDefinition['flags']) =>
      Object.fromEntries(keys.map((key) => [key, of[key]?.enabled ?? true]))
    return {
      definition: { ...definition, flags },
      reason: `flag.${enabled ? 'enable' : 'disable'} ${pattern}`,
      subject: keys.length === 1 ? `flag/${keys[0]}` : `flag/${pattern}`,
      before: state(definition.flags),
      after: state(flags),
    }
  }
}

/**
 * Sets how many a rule's rollout lets in, in ppm. Without a rule's id the flag's only rollout is meant; a boolean
 * flag without rules gets a rule `ramp` that is `true` for them.
 */
export function rampFlag(key: string, coverage: number, ruleId?: string): MakeChange {
  return (definition, standing) => {
    const before = flagOf(definition, key)
    const rules = before.rules ?? []
    const ramps = rules.filter((rule) =>
      ruleId === undefined ? rule.rollout !== undefined : rule.id === ruleId,
    )
    const [rule] = ramps
    if (ramps.length > 1)
      throw conflict(
        `Flag "${key}" has several rules with a rollout: ${ramps.map(({ id }) => id).join(', ')}.`,
        'Name the one that is meant by its id.',
      )
    if (!rule && (ruleId !== undefined || before.type !== 'boolean' || rules.length > 0))
      throw conflict(
        ruleId === undefined
          ? `Flag "${key}" has no rule with a rollout.`
          : `Flag "${key}" has no rule with the id "${ruleId}".`,
        'Give one of its rules a rollout first: { "rollout": { "coverage": 100000 } } lets in a tenth.',
      )
    const next: Rule = rule
      ? { ...rule, rollout: { ...rule.rollout, coverage } }
      : { id: 'ramp', value: true, rollout: { coverage } }
    const after = setFlag(key, {
      ...before,
      rules: rule ? rules.map((one) => (one === rule ? next : one)) : [next],
    })(definition, standing)
    return { ...after, reason: `flag.ramp ${key}` }
  }
}
