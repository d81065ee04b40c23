/** Reads the small bodies of the manage API: what is missing or of the wrong kind is named by its path. */
import type { Holdout, Json } from '@nunchi/protocol'
import type { ExperimentInput } from './experiments.ts'
import type { FlagInput } from './flags.ts'
import { invalid } from './publisher.ts'

type Fields = { [name: string]: Json }

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (path: string, message: string) => invalid([{ path, message }])

/** The body as an object. */
export function objectOf(body: unknown): Fields {
  if (!isObject(body)) throw refuse('', 'The body must be a JSON object.')
  return body
}

/** The body as a list. */
function listOf(body: unknown): unknown[] {
  if (!Array.isArray(body)) throw refuse('', 'The body must be a JSON list.')
  return body
}

/** A field that must be a text. */
export function textOf(body: unknown, name: string): string {
  const value = objectOf(body)[name]
  if (typeof value !== 'string' || value === '') throw refuse(name, 'It must be a text.')
  return value
}

/** A field that may be a text. */
export function maybeText(body: unknown, name: string): string | undefined {
  const value = objectOf(body)[name]
  return value === undefined || value === null ? undefined : textOf(body, name)
}

/** A field that must be a whole number within bounds. */
export function wholeOf(body: unknown, name: string, low: number, high: number): number {
  const value = objectOf(body)[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw refuse(name, `It must be a whole number from ${low} to ${high}.`)
  return value
}

function listOfObjects(body: Fields, name: string): void {
  const list = body[name]
  if (list === undefined) return
  if (!Array.isArray(list)) throw refuse(name, 'It must be a list.')
  list.forEach((item, i) => {
    if (!isObject(item)) throw refuse(`${name}[${i}]`, 'It must be an object.')
  })
}

/** A flag, as far as its changes read it; what else is wrong with it is found by validating. */
export function flagOf(body: unknown): FlagInput {
  const flag = objectOf(body)
  listOfObjects(flag, 'rules')
  for (const [i, rule] of ((flag['rules'] ?? []) as Fields[]).entries())
    if (rule['rollout'] !== undefined && !isObject(rule['rollout']))
      throw refuse(`rules[${i}].rollout`, 'It must be an object.')
  return flag as unknown as FlagInput
}

/** An experiment, as far as its changes read it. */
export function experimentOf(body: unknown): ExperimentInput {
  const experiment = objectOf(body)
  if (!Array.isArray(experiment['variants'])) throw refuse('variants', 'It must be a list of variants.')
  listOfObjects(experiment, 'variants')
  return experiment as unknown as ExperimentInput
}

/** A holdout, as far as its changes read it. */
export function holdoutOf(body: unknown): Holdout {
  return objectOf(body) as unknown as Holdout
}

/** The values of a group. */
export function groupOf(body: unknown): Json[] {
  return listOf(body) as Json[]
}
