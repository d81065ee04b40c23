/** The other operators: patterns, versions, lists, types, case-insensitive comparing. Optional, for the bytes. */
import {
  type Check,
  compileCondition,
  compileValue,
  type Operator,
  type Operators,
  within,
} from './condition.ts'
import type { Condition } from './config.ts'
import type { Json, JsonObject } from './event.ts'

/** Whether it is an object of operators, such as `{ $gte: 18, $lt: 65 }`. */
export function isOperators(operand: Json): operand is JsonObject {
  const keys = operand && typeof operand === 'object' ? Object.keys(operand) : []
  return keys.length > 0 && keys.every((key) => key[0] === '$')
}

/** Equality as GrowthBook has it: the attribute is compared as the type of the operand, lists and objects as JSON. */
function is(operand: Json, operators: Operators): Check {
  if (typeof operand === 'string') return (value) => `${value}` === operand
  if (typeof operand === 'number') return (value) => Number(value) === operand
  if (typeof operand === 'boolean') return (value) => value !== null && !!value === operand
  if (operand === null) return (value) => value === null
  if (isOperators(operand)) return compileValue(operand, operators)
  const text = JSON.stringify(operand)
  return (value) => JSON.stringify(value) === text
}

/** Of a text in any case; other values stay. */
const fold = <T>(value: T): T => (typeof value === 'string' ? (value.toLowerCase() as T) : value)

/** The longest text that a pattern is tried on, in UTF-16 code units: visitors write texts, and patterns can be slow. */
const longest = 2_048

function regex(flags: string): Operator {
  return (operand) => {
    const pattern = new RegExp(operand as string, flags)
    return (value) => {
      const text = String(value)
      return text.length <= longest && pattern.test(text)
    }
  }
}

/** Case-insensitive `$in`. */
function withinFolded(outside: boolean): Operator {
  return (operand) => {
    const check = within(Array.isArray(operand) ? operand.map(fold) : operand, outside)
    return (value) => check(Array.isArray(value) ? value.map(fold) : fold(value))
  }
}

function all(check: (operand: Json, operators: Operators) => Check): Operator {
  return (operand, operators) => {
    if (!Array.isArray(operand)) return () => false
    const checks = operand.map((item) => check(item, operators))
    return (value) => Array.isArray(value) && checks.every((each) => value.some(each))
  }
}

const folded = (operand: Json, operators: Operators): Check => {
  if (typeof operand !== 'string') return is(operand, operators)
  const wanted = operand.toLowerCase()
  return (value) => String(value).toLowerCase() === wanted
}

/**
 * A version as a text that sorts as versions do: parts padded to five digits, a release after its pre-releases, without
 * a leading `v` and without build metadata.
 */
function paddedVersion(value: Json): string {
  const text = typeof value === 'number' ? `${value}` : value
  const parts = (text && typeof text === 'string' ? text : '0').replace(/^v|\+.*/gs, '').split(/[-.]/)
  // `~` sorts after every letter.
  if (parts.length === 3) parts.push('~')
  return parts.map((part) => (/^[0-9]+$/.test(part) ? part.padStart(5, ' ') : part)).join('-')
}

function version(compare: (left: string, right: string) => boolean): Operator {
  return (operand) => {
    const right = paddedVersion(operand)
    return (value) => compare(paddedVersion(value), right)
  }
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** The operators that are not in the core. */
export const moreOperators: Operators = {
  $is: is,
  $regex: (operand, operators) => regex('')(operand, operators),
  $regexi: (operand, operators) => regex('i')(operand, operators),
  $inGroup: (operand) => within(operand),
  $notInGroup: (operand) => within(operand, true),
  $ini: (operand, operators) => withinFolded(false)(operand, operators),
  $nini: (operand, operators) => withinFolded(true)(operand, operators),
  $all: (operand, operators) => all(is)(operand, operators),
  $alli: (operand, operators) => all(folded)(operand, operators),
  $type: (operand) => (value) => typeOf(value) === operand,
  $size: (operand, operators) => {
    const check = compileValue(operand, operators)
    return (value) => Array.isArray(value) && check(value.length)
  },
  $elemMatch: (operand, operators) => {
    const check = isOperators(operand)
      ? compileValue(operand, operators)
      : compileCondition(operand as unknown as Condition, operators)
    return (value) => Array.isArray(value) && value.some((item) => item !== null && check(item))
  },
  $veq: (operand, operators) => version((left, right) => left === right)(operand, operators),
  $vne: (operand, operators) => version((left, right) => left !== right)(operand, operators),
  $vgt: (operand, operators) => version((left, right) => left > right)(operand, operators),
  $vgte: (operand, operators) => version((left, right) => left >= right)(operand, operators),
  $vlt: (operand, operators) => version((left, right) => left < right)(operand, operators),
  $vlte: (operand, operators) => version((left, right) => left <= right)(operand, operators),
}
