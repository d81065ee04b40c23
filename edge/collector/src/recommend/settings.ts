/** Reads the settings of recommendations: every mistake by its path, in words. */
import type { Condition, RecommendationList } from '@nunchi/protocol'
import { conditionMistakes } from './rule-condition.ts'

/** What an event about an item means. `dismiss` takes the item away from its visitor. */
export type InteractionKind = 'view' | 'click' | 'add' | 'like' | 'buy' | 'dismiss'

/** One business rule; exactly one of `filter`, `boost` and `pin`. */
export interface RecommendationRule {
  /** Only items that meet it may be recommended. It asks about attributes, and about `id`, `type` and `tags`. */
  filter?: Condition
  /** What the score is multiplied by, from 0.01 to 100, where `when` holds. */
  boost?: number
  /** Which items are boosted. @default all */
  when?: Condition
  /** Ids of items that come first, in this order; 20 at most. */
  pin?: string[]
  /** The types that it is about. @default all */
  types?: string[]
  /** The lists that it is about. @default all */
  lists?: RecommendationList[]
}

/** The settings of recommendations in one environment of a project. What is left away is as by default. */
export interface RecommendationSettings {
  /** Types that may be asked for before they have items. */
  types?: string[]
  /** What events mean, by name; `null` makes one mean nothing. Holds for events to come. */
  events?: { [name: string]: InteractionKind | null }
  /** What each kind weighs, above 0 to 100. Holds for events to come. @default view 1, click 2, add 3, like 3, buy 5 */
  weights?: { [kind in Exclude<InteractionKind, 'dismiss'>]?: number }
  /** What all that one visitor does with one item counts at most. @default 10 */
  cap?: number
  /** After how many days an interaction counts half; 7 to 3650. @default 30 */
  halfLifeDays?: number
  /** The same of popularity. @default 7 */
  popularityHalfLifeDays?: number
  /** As how many the visitors of one network (/24, /48) count together; 1 to 1,000,000. @default 2 */
  networkCap?: number
  /** How many visitors must stand behind two items before half of their likeness is believed; 0 to 1000. @default 5 */
  shrinkage?: number
  /** For how many days an item is new. @default 14 */
  newDays?: number
  /** Whether lists of 4 and more give their last place to a new item. @default true */
  explore?: boolean
  /** How much it counts that items differ from those above them; 0 to 1. @default 0.3 */
  diversity?: number
  /** For how many seconds an answer may be given again; 0 to 3600. @default 60 */
  cacheSeconds?: number
  /** Attributes that preferences are derived of; 10 at most. @default ["brand", "category"] */
  preferences?: string[]
  /** Business rules; 50 at most. */
  rules?: RecommendationRule[]
}

/** What is wrong at one place of the settings. */
export interface SettingsMistake {
  /** Such as `rules[0].boost`; empty for the whole. */
  path: string
  message: string
}

type Say = (path: string, message: string) => void
type Fields = { [name: string]: unknown }
type Reader = (say: Say, path: string, value: unknown) => void

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= 200 &&
  !value.includes('\0') &&
  value.isWellFormed()

const number =
  (low: number, high: number, whole = false): Reader =>
  (say, path, value) => {
    const fits = typeof value === 'number' && value >= low && value <= high
    if (!fits || (whole && !Number.isInteger(value)))
      say(path, `It must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`)
  }

const texts =
  (most: number): Reader =>
  (say, path, value) => {
    if (!Array.isArray(value) || value.length > most || !value.every(isText))
      say(path, `It must be a list of at most ${most} texts of 1 to 200 characters.`)
  }

const flag: Reader = (say, path, value) => {
  if (typeof value !== 'boolean') say(path, 'It must be true or false.')
}

const kinds: InteractionKind[] = ['view', 'click', 'add', 'like', 'buy', 'dismiss']
const lists: RecommendationList[] = ['user', 'contextual', 'similar', 'trending']

const events: Reader = (say, path, value) => {
  if (!isObject(value)) return say(path, 'It must be an object of event: kind.')
  if (Object.keys(value).length > 100) say(path, 'It may name at most 100 events.')
  for (const [name, kind] of Object.entries(value)) {
    if (!isText(name)) say(path, 'The name of an event must be a text of 1 to 200 characters.')
    else if (kind !== null && !kinds.includes(kind as InteractionKind))
      say(`${path}.${name}`, `It must be one of ${kinds.join(', ')}, or null.`)
  }
}

const weights: Reader = (say, path, value) => {
  if (!isObject(value)) return say(path, 'It must be an object of kind: number.')
  const weighing = kinds.filter((kind) => kind !== 'dismiss')
  for (const [kind, weight] of Object.entries(value))
    if (!(weighing as string[]).includes(kind))
      say(`${path}.${kind}`, `There is no such kind here; there are ${weighing.join(', ')}.`)
    else number(0.001, 100)(say, `${path}.${kind}`, weight)
}

const conditionAt: Reader = (say, path, value) => {
  for (const mistake of conditionMistakes(path, value)) say(mistake.path, mistake.message)
}

const listNames: Reader = (say, path, value) => {
  if (!Array.isArray(value) || !value.every((one) => lists.includes(one as RecommendationList)))
    say(path, `It must be a list of ${lists.join(', ')}.`)
}

const ruleFields: { [name: string]: Reader } = {
  filter: conditionAt,
  boost: number(0.01, 100),
  when: conditionAt,
  pin: texts(20),
  types: texts(50),
  lists: listNames,
}

function fieldsOf(say: Say, path: string, given: Fields, known: { [name: string]: Reader }): void {
  for (const [name, value] of Object.entries(given)) {
    const at = path === '' ? name : `${path}.${name}`
    const read = Object.hasOwn(known, name) ? known[name] : undefined
    if (read) read(say, at, value)
    else say(at, `There is no such field here; there are ${Object.keys(known).join(', ')}.`)
  }
}

const ruleOf: Reader = (say, path, rule) => {
  if (!isObject(rule))
    return say(path, 'It must be an object such as { "boost": 2, "when": { "sale": true } }.')
  fieldsOf(say, path, rule, ruleFields)
  if (['filter', 'boost', 'pin'].filter((name) => rule[name] !== undefined).length !== 1)
    say(path, 'It must have exactly one of filter, boost and pin.')
  if (rule['when'] !== undefined && rule['boost'] === undefined)
    say(`${path}.when`, 'Only a boost has it; a filter is its own condition.')
}

const rules: Reader = (say, path, value) => {
  if (!Array.isArray(value) || value.length > 50) return say(path, 'It must be a list of at most 50 rules.')
  for (const [i, rule] of value.entries()) ruleOf(say, `${path}[${i}]`, rule)
}

const fields: { [name in keyof Required<RecommendationSettings>]: Reader } = {
  types: texts(50),
  events,
  weights,
  cap: number(1, 1000),
  halfLifeDays: number(7, 3650),
  popularityHalfLifeDays: number(7, 3650),
  networkCap: number(1, 1_000_000),
  shrinkage: number(0, 1000),
  newDays: number(0, 3650, true),
  explore: flag,
  diversity: number(0, 1),
  cacheSeconds: number(0, 3600, true),
  preferences: texts(10),
  rules,
}

/** The mistakes of settings; none, and they are `RecommendationSettings`. */
export function settingsMistakes(given: unknown): SettingsMistake[] {
  const mistakes: SettingsMistake[] = []
  if (!isObject(given)) return [{ path: '', message: 'It must be a JSON object.' }]
  fieldsOf((path, message) => mistakes.push({ path, message }), '', given, fields)
  return mistakes
}
