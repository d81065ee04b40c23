/** Checks a condition: that its operators exist, and that their operands are of the kind they ask for. */
import { coreOperators, has } from '../condition.ts'
import { moreOperators } from '../operators.ts'
import { isMembers, type Members, type Say } from './report.ts'

/** What a condition may name. */
export interface Names {
  groups: string[]
  flags: string[]
  experiments: string[]
  holdouts: string[]
}

const deepest = 16
const lists = ['$in', '$nin', '$ini', '$nini', '$all', '$alli']
const orders = ['$lt', '$lte', '$gt', '$gte']
const types = ['string', 'number', 'boolean', 'null', 'array', 'object']

function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern)
    return
  } catch (error) {
    return (error as Error).message
  }
}

function operandFault(operator: string, operand: unknown, names: Names): string | undefined {
  const scalar = operand === null || typeof operand !== 'object'
  if (lists.includes(operator)) return Array.isArray(operand) ? undefined : 'needs a list.'
  if (orders.includes(operator))
    return typeof operand === 'number' || typeof operand === 'string'
      ? undefined
      : 'needs a number or a text.'
  if (operator === '$eq' || operator === '$ne')
    return scalar
      ? undefined
      : 'needs a text, number, boolean or null; lists and objects never equal. Use $is.'
  if (operator === '$exists') return typeof operand === 'boolean' ? undefined : 'needs true or false.'
  if (operator === '$type')
    return types.includes(operand as string) ? undefined : `needs one of ${types.join(', ')}.`
  if (operator === '$regex' || operator === '$regexi') {
    const fault = typeof operand === 'string' ? patternFault(operand) : 'no text'
    return fault && `needs a regular expression of JavaScript: ${fault}.`
  }
  if (operator === '$inGroup' || operator === '$notInGroup')
    return Array.isArray(operand) || names.groups.includes(operand as string)
      ? undefined
      : `names the group ${JSON.stringify(operand)}, which there is none of. Add it to groups.`
  if (operator.startsWith('$v'))
    return typeof operand === 'string' || typeof operand === 'number'
      ? undefined
      : 'needs a version, such as "1.2.3".'
  return
}

function askedFault(asked: unknown): string | undefined {
  if (asked === undefined) return 'must not be undefined.'
  if (Array.isArray(asked))
    return 'is a list. Write { "$in": [ … ] } for one of them, { "$is": [ … ] } for the same list.'
  const empty = isMembers(asked) && Object.keys(asked).length === 0
  return empty ? 'asks nothing. Name an operator, such as { "$exists": true }.' : undefined
}

function checkValue(say: Say, path: string, asked: unknown, names: Names, depth: number): void {
  const fault = askedFault(asked)
  if (fault) say(path, fault)
  if (fault || !isMembers(asked)) return
  for (const [operator, operand] of Object.entries(asked)) {
    const at = `${path}.${operator}`
    if (!has(coreOperators, operator) && !has(moreOperators, operator)) {
      say(
        at,
        operator.startsWith('$')
          ? 'is no operator.'
          : 'is no operator. Write { "$is": { … } } to compare with an object.',
      )
      continue
    }
    const fault = operandFault(operator, operand, names)
    if (fault) say(at, fault)
    if (depth > deepest) say(at, `is more than ${deepest} deep.`)
    else if (operator === '$not' || operator === '$size') checkValue(say, at, operand, names, depth + 1)
    else if (operator === '$elemMatch') checkElements(say, at, operand, names, depth + 1)
  }
}

function checkElements(say: Say, path: string, operand: unknown, names: Names, depth: number): void {
  const keys = isMembers(operand) ? Object.keys(operand) : []
  if (keys.length > 0 && keys.every((key) => key.startsWith('$')))
    checkValue(say, path, operand, names, depth)
  else checkCondition(say, path, operand, names, depth)
}

/** Says every mistake of a condition. */
export function checkCondition(say: Say, path: string, condition: unknown, names: Names, depth = 1): void {
  if (!isMembers(condition)) say(path, 'is no condition. Write { "attribute": … }.')
  else if (depth > deepest) say(path, `is more than ${deepest} deep.`)
  else checkMembers(say, path, condition, names, depth)
}

function checkMembers(say: Say, path: string, condition: Members, names: Names, depth: number): void {
  for (const [key, operand] of Object.entries(condition)) {
    const at = `${path}.${key}`
    if (key === '$and' || key === '$or' || key === '$nor') {
      if (!Array.isArray(operand)) say(at, 'needs a list of conditions.')
      else
        for (const [i, item] of operand.entries()) checkCondition(say, `${at}.${i}`, item, names, depth + 1)
    } else if (key === '$not') checkCondition(say, at, operand, names, depth + 1)
    else if (key.startsWith('$') && key !== '$groups')
      say(
        at,
        'is no operator between conditions. There are $and, $or, $nor and $not; others stand below an attribute.',
      )
    else if (key === '') say(at, 'is no attribute.')
    else checkValue(say, at, operand, names, depth + 1)
  }
}
