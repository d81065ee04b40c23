/** Reads the condition of a business rule: only what SQL decides exactly as JavaScript does. */

/** What is wrong at one place of a condition. */
export interface ConditionMistake {
  path: string
  message: string
}

type Fields = { [name: string]: unknown }

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isScalar = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= 1000 && !value.includes('\0') && value.isWellFormed())

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

const operators: { [name: string]: { fits: (operand: unknown) => boolean; what: string } } = {
  $eq: { fits: isScalar, what: 'a text, a number, true, false or null' },
  $ne: { fits: isScalar, what: 'a text, a number, true, false or null' },
  $in: { fits: (operand) => Array.isArray(operand) && operand.every(isScalar), what: 'a list of values' },
  $nin: { fits: (operand) => Array.isArray(operand) && operand.every(isScalar), what: 'a list of values' },
  $exists: { fits: (operand) => typeof operand === 'boolean', what: 'true or false' },
  $lt: { fits: isNumber, what: 'a number' },
  $lte: { fits: isNumber, what: 'a number' },
  $gt: { fits: isNumber, what: 'a number' },
  $gte: { fits: isNumber, what: 'a number' },
}

function valueMistakes(path: string, asked: unknown): ConditionMistake[] {
  if (isScalar(asked)) return []
  if (!isObject(asked) || Object.keys(asked).length === 0)
    return [{ path, message: 'It must be a value, or operators such as { "$lt": 50 }.' }]
  return Object.entries(asked).flatMap(([name, operand]) => {
    const at = `${path}.${name}`
    if (name === '$not') return valueMistakes(at, operand)
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
    if (!operator)
      return [
        {
          path: at,
          message: `A rule knows no such operator; there are ${Object.keys(operators).join(', ')}, $not.`,
        },
      ]
    return operator.fits(operand) ? [] : [{ path: at, message: `It must be ${operator.what}.` }]
  })
}

/** The mistakes of a condition at `path`; `depth` ends those that nest without end. */
export function conditionMistakes(path: string, given: unknown, depth = 8): ConditionMistake[] {
  if (!isObject(given)) return [{ path, message: 'It must be an object such as { "brand": "Oak" }.' }]
  if (depth === 0) return [{ path, message: 'It nests too deep.' }]
  return Object.entries(given).flatMap(([name, asked]) => {
    const at = `${path}.${name}`
    if (name === '$not') return conditionMistakes(at, asked, depth - 1)
    if (name === '$and' || name === '$or') {
      if (!Array.isArray(asked) || asked.length > 50)
        return [{ path: at, message: 'It must be a list of at most 50 conditions.' }]
      return asked.flatMap((one: unknown, i) => conditionMistakes(`${at}[${i}]`, one, depth - 1))
    }
    if (name.startsWith('$'))
      return [{ path: at, message: 'A rule knows no such operator; there are $and, $or and $not.' }]
    return valueMistakes(at, asked)
  })
}
