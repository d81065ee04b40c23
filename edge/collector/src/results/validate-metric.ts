/** Reads a metric's definition: every mistake by its path, in words. */
import type { MetricKind, MetricMistake } from './metric.ts'

type Fields = { [name: string]: unknown }
type Say = (path: string, message: string) => undefined

const kinds: { [kind in MetricKind]: string[] } = {
  conversion: ['source', 'windowHours', 'adjust'],
  count: ['source', 'windowHours', 'cap', 'adjust'],
  sum: ['source', 'windowHours', 'cap', 'adjust'],
  mean: ['source', 'windowHours', 'adjust'],
  ratio: ['numerator', 'denominator', 'windowHours', 'adjust'],
  retention: ['source', 'day'],
  quantile: ['source', 'windowHours', 'cap', 'quantile'],
  funnel: ['steps', 'windowHours'],
}
const common = ['name', 'kind', 'direction', 'role', 'experiments', 'minimumLift', 'margin']
const sourceFields = ['event', 'type', 'conversion', 'step', 'where', 'property']
const types = ['track', 'page', 'identify', 'group']

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= 200 &&
  !value.includes('\0') &&
  value.isWellFormed()
const scalar = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= 1000 && !value.includes('\0') && value.isWellFormed())

const at = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function unknownFields(say: Say, path: string, given: Fields, known: string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      say(at(path, name), `There is no such field here; there are ${known.join(', ')}.`)
}

function text(say: Say, path: string, value: unknown): void {
  if (value !== undefined && !isText(value)) say(path, 'It must be a text of 1 to 200 characters.')
}

function oneOf(say: Say, path: string, value: unknown, among: readonly string[]): void {
  if (value !== undefined && !among.includes(value as string))
    say(path, `It must be one of ${among.join(', ')}.`)
}

function number(say: Say, path: string, value: unknown, fits: (n: number) => boolean, what: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value)) say(path, `It must be ${what}.`)
}

function whereOf(say: Say, path: string, where: unknown): undefined {
  if (where === undefined) return
  if (!isObject(where)) return say(path, 'It must be an object of property: value.')
  for (const [name, value] of Object.entries(where))
    if (!isText(name) || !scalar(value)) say(at(path, name), 'It must be a text, a number, true or false.')
}

function eventOf(say: Say, path: string, given: Fields): void {
  if (given['event'] === undefined && given['type'] === undefined)
    say(path, 'It needs an event, a type, or a conversion.')
  if (given['step'] !== undefined) say(at(path, 'step'), 'Only a conversion has a step.')
  oneOf(say, at(path, 'type'), given['type'], types)
  whereOf(say, at(path, 'where'), given['where'])
}

function sourceOf(say: Say, path: string, given: unknown, property: 'needed' | 'may' | 'never'): undefined {
  if (!isObject(given)) return say(path, 'It must be an object such as { "event": "Order Completed" }.')
  unknownFields(say, path, given, sourceFields)
  for (const name of ['event', 'conversion', 'step', 'property']) text(say, at(path, name), given[name])
  if (given['conversion'] === undefined) eventOf(say, path, given)
  else
    for (const name of ['event', 'type', 'where'])
      if (given[name] !== undefined) say(at(path, name), 'A conversion has none.')
  if (given['conversion'] !== undefined && ![undefined, 'value'].includes(given['property'] as undefined))
    say(at(path, 'property'), 'The number of a conversion is its `value`.')
  if (property === 'never' && given['property'] !== undefined)
    say(at(path, 'property'), 'This kind counts events, not their numbers.')
  if (property === 'needed' && given['conversion'] === undefined && given['property'] === undefined)
    say(at(path, 'property'), 'It must name the property whose number is taken.')
}

function sourcesOf(say: Say, kind: MetricKind, given: Fields): undefined {
  const { source, steps } = given
  if (kind === 'ratio')
    for (const name of ['numerator', 'denominator']) sourceOf(say, name, given[name], 'may')
  else if (kind === 'funnel') {
    if (!Array.isArray(steps) || steps.length < 2 || steps.length > 10)
      return say('steps', 'It must be a list of two to ten steps.')
    steps.forEach((step, i) => {
      sourceOf(say, `steps[${i}]`, step, 'never')
    })
  } else if (kind !== 'retention' || source !== undefined)
    sourceOf(say, 'source', source, ['sum', 'mean', 'quantile'].includes(kind) ? 'needed' : 'never')
}

function numbersOf(say: Say, kind: MetricKind, { windowHours, cap, day, quantile }: Fields): void {
  if (windowHours !== undefined)
    number(
      say,
      'windowHours',
      windowHours,
      (n) => n > 0 && n <= 8760,
      'a number of hours above 0, at most 8760',
    )
  if (cap !== undefined) number(say, 'cap', cap, (n) => n > 0 && n < 1e15, 'a number above 0')
  if (kind === 'retention')
    number(say, 'day', day, (n) => Number.isInteger(n) && n >= 1 && n <= 365, 'a whole number from 1 to 365')
  if (kind === 'quantile')
    number(say, 'quantile', quantile, (n) => n > 0 && n < 1, 'a number between 0 and 1, such as 0.9')
}

const isShare = (n: number): boolean => n > 0 && n < 1

/** What judging takes besides the numbers of the kind. */
function judgingOf(say: Say, { adjust, minimumLift, margin, role }: Fields): void {
  if (adjust !== undefined && typeof adjust !== 'boolean') say('adjust', 'It must be true or false.')
  if (minimumLift !== undefined)
    number(say, 'minimumLift', minimumLift, isShare, 'a share above 0 and below 1, such as 0.02')
  if (margin === undefined) return
  number(say, 'margin', margin, isShare, 'a share above 0 and below 1, such as 0.02')
  if (role !== 'guardrail') say('margin', 'Only a guardrail has a margin.')
}

/** The mistakes of a definition; none, and it is a `MetricDefinition`. */
export function metricMistakes(given: unknown): MetricMistake[] {
  const mistakes: MetricMistake[] = []
  const say: Say = (path, message) => {
    mistakes.push({ path, message })
    return undefined
  }
  if (!isObject(given)) return [{ path: '', message: 'It must be a JSON object.' }]
  const kind = given['kind'] as MetricKind
  if (!Object.hasOwn(kinds, String(given['kind'])))
    return [{ path: 'kind', message: `It must be one of ${Object.keys(kinds).join(', ')}.` }]
  unknownFields(say, '', given, [...common, ...kinds[kind]])
  if (!isText(given['name'])) say('name', 'It must be a text of 1 to 200 characters.')
  oneOf(say, 'direction', given['direction'], ['increase', 'decrease'])
  oneOf(say, 'role', given['role'], ['goal', 'guardrail', 'secondary'])
  const { experiments } = given
  if (experiments !== undefined && !(Array.isArray(experiments) && experiments.every(isText)))
    say('experiments', 'It must be a list of keys of experiments.')
  sourcesOf(say, kind, given)
  numbersOf(say, kind, given)
  judgingOf(say, given)
  return mistakes
}

/** Whether a text can be a metric's key. */
export function isMetricKey(key: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$/.test(key)
}
