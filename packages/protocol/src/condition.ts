/** Conditions, compiled once into closures: the operators that every evaluator knows. */
import type { Condition } from './config.ts'
import type { Json, JsonObject } from './event.ts'

/** Whether an attribute's value is as asked. A missing attribute is `null`. */
export type Check = (value: Json) => boolean

/** Makes the check of one operator; throws where its operand makes no sense. */
export type Operator = (operand: Json, operators: Operators) => Check

/** The operators that conditions are compiled with, by name. */
export interface Operators {
  [name: string]: Operator
}

/** Calls all checks, and stops at the first that fails. */
function every<T>(checks: ((value: T) => boolean)[]): (value: T) => boolean {
  if (checks.length === 1) return checks[0]!
  return (value) => {
    for (const check of checks) if (!check(value)) return false
    return true
  }
}

const some =
  (checks: Check[]): Check =>
  (value) =>
    !checks.length || checks.some((check) => check(value))

const not =
  (check: Check): Check =>
  (value) =>
    !check(value)

/** Whether the object itself has the key: nothing is read from prototypes. */
export function has(object: object, key: string): boolean {
  // biome-ignore lint/suspicious/noPrototypeBuiltins: Object.hasOwn is younger than the browsers we run in.
  return Object.prototype.hasOwnProperty.call(object, key)
}

function getter(path: string): (attributes: Json) => Json {
  const parts = path.split('.')
  return (attributes) => {
    let value = attributes as JsonObject
    for (const part of parts) {
      if (!value || typeof value !== 'object' || !has(value, part)) return null
      value = value[part] as JsonObject
    }
    return value ?? null
  }
}

/**
 * Compiles what an attribute must be: a text, number, boolean or `null` that it equals, or operators.
 *
 * @throws for an operator that is not among `operators`, and for a list or object without one
 */
export function compileValue(operand: Json, operators: Operators): Check {
  if (!operand || typeof operand !== 'object') return (value) => value === operand
  return every(
    Object.keys(operand).map((name) => {
      if (!has(operators, name)) throw new Error(name)
      return operators[name]!((operand as JsonObject)[name]!, operators)
    }),
  )
}

/** Whether a value is in a list, or, being a list itself, has a member in it. */
export function within(operand: Json | undefined, outside = false): Check {
  if (!Array.isArray(operand)) return () => false
  const list = new Set(operand)
  return (value) =>
    (Array.isArray(value) ? value.some((item) => list.has(item)) : list.has(value)) !== outside
}

/** The operators of the core. Comparing is JavaScript's `<` and `===`. */
export const coreOperators: Operators = {
  $eq: (operand) => (value) => value === operand,
  $ne: (operand) => (value) => value !== operand,
  $lt: (operand) => (value) => value! < operand!,
  $lte: (operand) => (value) => value! <= operand!,
  $gt: (operand) => (value) => value! > operand!,
  $gte: (operand) => (value) => value! >= operand!,
  $exists: (operand) => (value) => (value !== null) === !!operand,
  $in: (operand) => within(operand),
  $nin: (operand) => within(operand, true),
  $not: (operand, operators) => not(compileValue(operand, operators)),
}

/**
 * Compiles a condition.
 *
 * @throws for an operator that is not among `operators`: what it asks is not known, so nobody may answer it
 */
export function compileCondition(condition: Condition, operators: Operators): Check {
  return every(
    Object.keys(condition).map((key): Check => {
      const operand = condition[key]!
      const list = (): Check[] => (operand as Condition[]).map((item) => compileCondition(item, operators))
      if (key === '$and') return every(list())
      if (key === '$or') return some(list())
      if (key === '$nor') return not(some(list()))
      if (key === '$not') return not(compileCondition(operand as Condition, operators))
      // `$groups` is an attribute that GrowthBook's users have; any other is an operator of tomorrow.
      if (key[0] === '$' && key !== '$groups') throw new Error(key)
      const get = getter(key)
      const check = compileValue(operand, operators)
      return (attributes) => {
        try {
          return check(get(attributes))
        } catch {
          // An object with a `toString` of its own cannot be compared: the condition does not hold.
          return false
        }
      }
    }),
  )
}
