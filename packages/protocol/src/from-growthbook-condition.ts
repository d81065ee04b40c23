/** Converts GrowthBook's targeting conditions: what it compares loosely says so here, and saved groups are written out. */
import { has } from './condition.ts'
import type { Condition } from './config.ts'
import type { Json, JsonObject } from './event.ts'
import type { SavedGroups } from './growthbook-payload.ts'
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

const nobody: Condition = { $not: {} }

const isObject = (value: Json | undefined): value is JsonObject =>
  !!value && typeof value === 'object' && !Array.isArray(value)

/** A saved group, whatever it is; nothing where there is none of that name. */
const groupOf = (groups: SavedGroups, id: Json | undefined): Json | undefined =>
  typeof id === 'string' && has(groups, id) ? (groups[id] as Json) : undefined

/** The members of a saved group; nothing where it is no list, and none where it is unknown. */
function membersOf(groups: SavedGroups, id: Json): Json[] | undefined {
  const group = groupOf(groups, id)
  if (group === undefined) return []
  const members = isObject(group) && group['type'] === 'list' ? group['values'] : group
  return Array.isArray(members) ? members : undefined
}

/**
 * Converts a condition of GrowthBook's into ours.
 *
 * @param groups its saved groups
 * @param within the groups whose conditions it stands in: one that refers to itself matches nobody
 */
export function fromGrowthBookCondition(
  asked: JsonObject,
  groups: SavedGroups,
  within: string[] = [],
): Condition {
  const operator = (name: string, operand: Json): Json => {
    if (name === '$not' || name === '$size') return value(operand)
    if (name === '$regex' || name === '$regexi') return validPattern(operand as string)
    if (name === '$inGroup' || name === '$notInGroup') return membersOf(groups, operand)!
    if ((name === '$all' || name === '$alli') && Array.isArray(operand))
      return operand.map((item) => (isOperators(item) ? operators(item) : item))
    if (name === '$elemMatch')
      return isOperators(operand) ? operators(operand) : condition(operand as unknown as JsonObject)
    return operand
  }
  const operators = (all: JsonObject): JsonObject => {
    // Neither in nor out of a group that is no list: the whole value is not as asked.
    const listless = ['$inGroup', '$notInGroup'].some((name) => name in all && !membersOf(groups, all[name]!))
    if (listless) return { $in: [] }
    return Object.fromEntries(Object.entries(all).map(([name, operand]) => [name, operator(name, operand)]))
  }
  const value = (one: Json): JsonObject => (isOperators(one) ? operators(one) : { $is: one })
  const list = (operand: Json): Json =>
    Array.isArray(operand) ? operand.map((item) => condition(item as JsonObject)) : operand

  /** Whoever is in a saved group. What is not understood matches nobody, as with GrowthBook. */
  const member = (reference: Json): Condition => {
    const { id, attributeKey } = isObject(reference) ? reference : {}
    const group = groupOf(groups, id)
    if (!isObject(group) || within.includes(id as string)) return nobody
    if (attributeKey !== undefined && typeof attributeKey !== 'string') return nobody
    const { type, values, condition: inner } = group
    const attribute = attributeKey ?? group['attributeKey']
    if (type === 'list' && attribute && typeof attribute === 'string' && Array.isArray(values))
      return { [attribute]: { $in: values } }
    if (type === 'condition' && isObject(inner))
      return fromGrowthBookCondition(inner, groups, [...within, id as string])
    return nobody
  }

  const condition = ({ $savedGroup: reference, ...rest }: JsonObject): Condition => {
    const plain: Condition = Object.fromEntries(
      Object.entries(rest).map(([key, operand]) => {
        if (key === '$and' || key === '$or' || key === '$nor') return [key, list(operand)]
        if (key === '$not') return [key, condition(operand as JsonObject)]
        return [key, value(operand)]
      }),
    )
    if (reference === undefined) return plain
    if (Object.keys(plain).length === 0) return member(reference)
    // Beside the attributes: a condition of operators alone is one of a value to `$elemMatch`.
    const { $and = [] } = plain
    return { ...plain, $and: Array.isArray($and) ? [...$and, member(reference)] : $and }
  }
  return condition(asked)
}
