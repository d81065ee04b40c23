/** Converts GrowthBook's targeting conditions: what it compares loosely says so here, and saved groups are written out. */
import type { Condition } from './config.ts'
import type { Json, JsonObject } from './event.ts'
import { isOperators } from './operators.ts'

/** A pattern that is none never matches in GrowthBook, wherever it stands; here it would make the whole rule unknown. */
export function validPattern(pattern: string): string {
  try {
    new RegExp(pattern)
    return pattern
  } catch {
    return '(?!)'
  }
}

type Groups = { [key: string]: Json[] }

function operators(asked: JsonObject, groups: Groups): JsonObject {
  const convert = (name: string, operand: Json): Json => {
    if (name === '$not' || name === '$size') return value(operand, groups)
    if (name === '$regex' || name === '$regexi') return validPattern(operand as string)
    if (name === '$inGroup' || name === '$notInGroup') return groups[operand as string] ?? []
    if ((name === '$all' || name === '$alli') && Array.isArray(operand))
      return operand.map((item) => (isOperators(item) ? operators(item, groups) : item))
    if (name === '$elemMatch')
      return isOperators(operand)
        ? operators(operand, groups)
        : fromGrowthBookCondition(operand as unknown as JsonObject, groups)
    return operand
  }
  return Object.fromEntries(Object.entries(asked).map(([name, operand]) => [name, convert(name, operand)]))
}

function value(asked: Json, groups: Groups): JsonObject {
  return isOperators(asked) ? operators(asked, groups) : { $is: asked }
}

/** Converts a condition of GrowthBook's into ours; `groups` are its saved groups. */
export function fromGrowthBookCondition(asked: JsonObject, groups: Groups): Condition {
  const list = (operand: Json): Json =>
    Array.isArray(operand)
      ? operand.map((item) => fromGrowthBookCondition(item as JsonObject, groups))
      : operand
  return Object.fromEntries(
    Object.entries(asked).map(([key, operand]) => {
      if (key === '$and' || key === '$or' || key === '$nor') return [key, list(operand)]
      if (key === '$not') return [key, fromGrowthBookCondition(operand as JsonObject, groups)]
      return [key, value(operand, groups)]
    }),
  )
}
