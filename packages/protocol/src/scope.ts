/** What rules and experiments have in common, compiled: who is the unit, and what keeps it out. */
import { type Bucketer, buckets, findRange } from './bucket.ts'
import { type Check, compileCondition, type Operators } from './condition.ts'
import type { Condition, HashVersion, Namespace, Prerequisite, Rollout, Schedule } from './config.ts'
import type { Compiled, ExperimentReason, Extension, Visit } from './evaluation.ts'
import type { JsonObject } from './event.ts'

/** The attribute that is hashed where none is named. */
export const defaultAttribute = 'anonymousId'

/** A config on its way to being compiled. */
export interface Scope extends Compiled {
  operators: Operators
  hashes: { [version: number]: Bucketer }
  extension: Extension
  /** What `make` makes; nothing, with a line in `unsupported`, where it throws. */
  attempt<Made>(path: string, make: () => Made): Made | undefined
}

/** Why a unit is kept out; nothing where it is not. */
export type Gate = (visit: Visit, unit: string) => ExperimentReason | undefined

/**
 * Refuses what a newer version wrote: a field that is not known may restrict or change what is.
 *
 * @param rest the fields that are left when the known ones are taken
 * @throws naming the field
 */
export function onlyKnown(rest: object): void {
  // Not `for … in`: what a page's scripts write into Object.prototype is no field.
  for (const field of Object.keys(rest)) throw new Error(field)
}

/** The value that is hashed: text, or a number or `true` as text; empty where there is none. */
export function unitOf(attributes: JsonObject, attribute = ''): string {
  const value = attributes[attribute]
  if (typeof value === 'string') return value
  return value && (typeof value === 'number' || value === true) ? `${value}` : ''
}

/**
 * The bucket of a unit by a seed.
 *
 * @throws where the evaluator has not got that version of the hash
 */
export function hashOf({ hashes }: Scope, version: HashVersion = 3): Bucketer {
  const hash = hashes[version]
  if (!hash) throw new Error(`hashVersion ${version}`)
  return hash
}

function namespaceGate(namespace: Namespace & Rollout, scope: Scope): Gate {
  const {
    name,
    coverage = buckets,
    ranges = [[0, coverage]],
    hashVersion,
    attribute,
    fallback,
    seed = `__${name}`,
    holdout,
    ...rest
  } = namespace
  onlyKnown(rest)
  const bucketOf = hashOf(scope, hashVersion)
  return ({ attributes }, hashed) => {
    const unit = (attribute ? unitOf(attributes, attribute) : hashed) || unitOf(attributes, fallback)
    if (unit ? findRange(bucketOf(seed, unit), ranges) >= 0 : holdout) return
    return holdout ? 'holdout' : 'namespace'
  }
}

function prerequisiteGate(prerequisite: Prerequisite, scope: Scope): Gate {
  const { flag, condition = { value: true }, gate, ...rest } = prerequisite
  onlyKnown(rest)
  const check = compileCondition(condition, scope.operators)
  return (visit) => {
    const { value = null, reason } = scope.flags.get(flag)?.(visit) ?? {}
    if (reason === 'cycle') return reason
    return reason !== 'unsupported' && check({ value }) ? undefined : gate ? 'gate' : 'prerequisite'
  }
}

/** What keeps units out: of a rule, of an experiment. */
export interface Gated {
  namespaces?: (Namespace & Rollout)[]
  condition?: Condition
  schedule?: Schedule
  prerequisites?: Prerequisite[]
}

/** Everything that keeps units out, in the order in which it is asked; the first reason counts. */
export function compileGates(
  { namespaces = [], condition, schedule, prerequisites = [] }: Gated,
  scope: Scope,
): Gate {
  const gates = [
    ...prerequisites.map((one) => prerequisiteGate(one, scope)),
    ...namespaces.map((one) => namespaceGate(one, scope)),
  ]
  if (condition) {
    const check: Check = compileCondition(condition, scope.operators)
    gates.push(({ attributes }) => (check(attributes) ? undefined : 'condition'))
  }
  if (schedule) {
    const { start, end, ...rest } = schedule
    onlyKnown(rest)
    // A time is neither before nor after one that is not given.
    gates.push(({ now = Date.now() }) => (now < start! || now >= end! ? 'schedule' : undefined))
  }
  return (visit, unit) => {
    for (const gate of gates) {
      const reason = gate(visit, unit)
      if (reason) return reason
    }
    return
  }
}
