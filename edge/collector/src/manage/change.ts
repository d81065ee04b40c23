/** One change of the flags and experiments of an environment: what they are afterwards, and what to write down of it. */
import type { ConfigDefinition, Json } from '@nunchi/protocol'
import { Problem } from '../problem.ts'

/** A change, ready to be validated and published. */
export interface Change {
  /** All flags and experiments after it. */
  definition: ConfigDefinition
  /** What was done, such as `flag.update checkout`. */
  reason: string
  /** On what: `flag/checkout`, `experiment/price`, `config`. */
  subject: string
  /** What changed, as it was; `null` where it was not there. */
  before: Json
  /** What it is now; `null` where it is gone. */
  after: Json
}

/** What makes a change of what is in force. Pure, so that it can be made again on what somebody else has published. */
export type MakeChange = (definition: ConfigDefinition) => Change

/** What is in force before anything was published. */
export const emptyDefinition: ConfigDefinition = { flags: {}, experiments: {} }

/** The problem that a change may not be made as things stand. */
export function conflict(detail: string, fix: string): Problem {
  return new Problem('config_not_allowed', { detail, fix })
}

/** The problem that there is no such flag or experiment. */
export function missing(kind: 'flag' | 'experiment', key: string, known: string[]): Problem {
  const some = known.slice(0, 10).join(', ')
  return new Problem('config_not_found', {
    detail: `There is no ${kind} "${key}" in this environment.`,
    fix:
      known.length > 0
        ? `There are: ${some}${known.length > 10 ? ', …' : ''}.`
        : `Make one first; there is no ${kind} yet.`,
  })
}

/** Any definition as JSON, as the audit log keeps it. */
export const asJson = (value: object | undefined): Json =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json)
