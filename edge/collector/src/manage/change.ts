/** One change of the flags and experiments of an environment: what they are afterwards, and what to write down of it. */
import type { ConfigDefinition, Json } from '@nunchi/protocol'
import { Problem } from '../problem.ts'

/** The highest revision that each flag and each started experiment has ever been published with, the deleted ones too. */
export interface Revisions {
  flags: { [key: string]: number }
  experiments: { [key: string]: number }
}

/** What a change is made on, besides the definition. */
export interface Standing {
  number: number
  version: string
  revisions: Revisions
}

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
export type MakeChange = (definition: ConfigDefinition, standing: Standing) => Change

/** Before the first publication. */
export const nothingYet: Standing = { number: 0, version: 'none', revisions: { flags: {}, experiments: {} } }

/** The highest revision that a key ever had; 0 where it never had one. */
export function lastRevision(revisions: { [key: string]: number }, key: string): number {
  return Object.hasOwn(revisions, key) ? (revisions[key] as number) : 0
}

/** What is in force before anything was published. */
export const emptyDefinition: ConfigDefinition = { flags: {}, experiments: {} }

/** The problem that a change may not be made as things stand. */
export function conflict(detail: string, fix: string): Problem {
  return new Problem('config_not_allowed', { detail, fix })
}

/** The problem that there is no such flag or experiment. */
export function missing(kind: 'flag' | 'experiment', key: string, known: string[]): Problem {
  const some = known.toSorted().slice(0, 10).join(', ')
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
