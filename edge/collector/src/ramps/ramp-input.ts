/** A ramp as it is sent, and what is wrong with it, by path and in words. */
import type { Json } from '@nunchi/protocol'
import { type RampKind, whole } from './ramp.ts'

/** A ramp as it is sent. */
export interface RampInput {
  /** Ascending; one to ten. */
  steps: {
    /** In ppm: of a flag who gets the new value, of an experiment who takes part. */
    share: number
    /** @default 24 */
    leastHours?: number
    /** Units in all arms together. @default 1_000 */
    leastUnits?: number
  }[]
  /** What may not be hurt; one to ten. */
  guardrails: {
    /** The key of a metric; a quantile cannot be one. */
    metric: string
    /** Which way is better. @default the metric's */
    direction?: 'increase' | 'decrease'
    /** How much worse than the control it may be, as a share of the control: 0.01 is one per cent. @default 0 */
    margin?: number
  }[]
  /** The chance to roll an unhurt ramp back, over all its looks, one-sided. @default 0.05 */
  alpha?: number
  /** Of a flag: the value that it ramps to. @default true for a boolean flag */
  value?: Json
  /** Of a flag: the rule whose rollout the ramp takes the place of. @default its only rollout, else a rule of its own */
  rule?: string
  /** Of a flag: the key of the experiment that compares. @default the flag's key and `-ramp` */
  experiment?: string
}

/** One mistake. */
export interface RampMistake {
  path: string
  message: string
}

type Fields = { [name: string]: unknown }
type Say = (path: string, message: string) => void

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && value >= low && value <= high

function unknown(say: Say, path: string, given: Fields, known: string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      say(
        path === '' ? name : `${path}.${name}`,
        `There is no such field here; there are ${known.join(', ')}.`,
      )
}

function eachOf(say: Say, name: string, list: unknown, check: (item: Fields, path: string) => void): void {
  if (!Array.isArray(list) || list.length < 1 || list.length > 10)
    say(name, 'It must be a list of one to ten objects.')
  else
    for (const [i, item] of list.entries())
      if (isObject(item)) check(item, `${name}[${i}]`)
      else say(`${name}[${i}]`, 'It must be an object.')
}

function stepsOf(say: Say, steps: unknown, kind: RampKind): void {
  let last = 0
  eachOf(say, 'steps', steps, (step, path) => {
    const { share, leastHours = 24, leastUnits = 1000 } = step
    unknown(say, path, step, ['share', 'leastHours', 'leastUnits'])
    if (!isNumber(share, 1, whole) || !Number.isInteger(share))
      say(`${path}.share`, 'It must be a whole number of ppm from 1 to 1000000: 100000 is a tenth.')
    else if (share <= last) say(`${path}.share`, 'Each step must be larger than the one before.')
    else last = share
    if (!isNumber(leastHours, 0, 8760))
      say(`${path}.leastHours`, 'It must be a number of hours from 0 to 8760.')
    if (!isNumber(leastUnits, 1, 1e9) || !Number.isInteger(leastUnits))
      say(`${path}.leastUnits`, 'It must be a whole number from 1 to 1000000000.')
  })
  const [first] = Array.isArray(steps) ? (steps as Fields[]) : []
  if (kind === 'flag' && isObject(first) && first['share'] === whole)
    say(
      'steps[0].share',
      'A flag needs a step below 1000000: where everybody has it, there is nobody to compare with.',
    )
}

function guardrailsOf(say: Say, guardrails: unknown): void {
  const seen = new Set<unknown>()
  eachOf(say, 'guardrails', guardrails, (guardrail, path) => {
    const { metric, direction, margin = 0 } = guardrail
    unknown(say, path, guardrail, ['metric', 'direction', 'margin'])
    if (typeof metric !== 'string') say(`${path}.metric`, 'It must be the key of a metric.')
    if (seen.has(metric)) say(`${path}.metric`, 'It is there twice.')
    seen.add(metric)
    if (direction !== undefined && direction !== 'increase' && direction !== 'decrease')
      say(`${path}.direction`, 'It must be increase or decrease: which way is better.')
    if (!isNumber(margin, 0, 0.999))
      say(`${path}.margin`, 'It must be a share of the control from 0 to 0.999.')
  })
}

/** The mistakes of a ramp; none, and it is a `RampInput`. */
export function rampMistakes(given: unknown, kind: RampKind): RampMistake[] {
  const mistakes: RampMistake[] = []
  const say: Say = (path, message) => {
    mistakes.push({ path, message })
  }
  if (!isObject(given)) return [{ path: '', message: 'It must be a JSON object.' }]
  const own = kind === 'flag' ? ['value', 'rule', 'experiment'] : []
  unknown(say, '', given, ['steps', 'guardrails', 'alpha', ...own])
  stepsOf(say, given['steps'], kind)
  guardrailsOf(say, given['guardrails'])
  if (!isNumber(given['alpha'] ?? 0.05, 1e-6, 0.5)) say('alpha', 'It must be a number from 0.000001 to 0.5.')
  for (const name of ['rule', 'experiment'])
    if (given[name] !== undefined && typeof given[name] !== 'string') say(name, 'It must be a text.')
  return mistakes
}
