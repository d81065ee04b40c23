/** What the checks of a config share: how a mistake is said, and what plain values must be. */
import { buckets } from '../bucket.ts'

/** One mistake of a config: where it is, and in words what it is and what to do. */
export interface ConfigMistake {
  /** Such as `experiments.checkout.variants.1.weight`; empty for the whole. */
  path: string
  message: string
}

/** Says one mistake. */
export type Say = (path: string, message: string) => void

/** An object with members of any kind. */
export interface Members {
  [key: string]: unknown
}

/** Whether it is an object that is no list. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at a path; says so and gives an empty one where it is none. */
export function membersAt(say: Say, path: string, value: unknown): Members {
  if (isMembers(value)) return value
  if (value !== undefined) say(path, 'is no object. Write { … }.')
  return {}
}

/** The list at a path; says so and gives an empty one where it is none. */
export function listAt(say: Say, path: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined) say(path, 'is no list. Write [ … ].')
  return []
}

/** Says every field that is not among the known ones, which misspelt ones are too. */
export function onlyFields(say: Say, path: string, object: Members, known: string): void {
  const fields = known.split(' ')
  for (const field of Object.keys(object))
    if (!fields.includes(field)) say(`${path}.${field}`, `is not known here. Known are ${fields.join(', ')}.`)
}

/** A text that says something. */
export function textAt(say: Say, path: string, value: unknown, required = false): void {
  if (value === undefined && !required) return
  if (typeof value !== 'string' || value.trim() === '') say(path, 'must be a text that is not empty.')
  else if (!value.isWellFormed())
    say(path, 'has half of a character (a lone surrogate). Write the whole one.')
}

/** An integer within bounds. */
export function integerAt(say: Say, path: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    say(path, `must be an integer from ${least} to ${most}.`)
}

/** A share of all buckets. */
export function shareAt(say: Say, path: string, value: unknown): void {
  if (value === undefined) return
  const most = buckets.toLocaleString('en')
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > buckets)
    say(path, `must be an integer from 0 to ${most}, in parts of a million: 10 % is 100000.`)
}

/** One of a few words or numbers. */
export function oneOf(
  say: Say,
  path: string,
  value: unknown,
  choices: readonly unknown[],
  required = false,
): void {
  if (value === undefined && !required) return
  if (!choices.includes(value)) say(path, `must be one of ${choices.join(', ')}.`)
}

/** `true` or `false`. */
export function booleanAt(say: Say, path: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') say(path, 'must be true or false.')
}
