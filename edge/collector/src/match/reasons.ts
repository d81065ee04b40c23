/** Why somebody may please another, from their profiles and from what was learned. */
import type { Json, MatchReason } from '@nunchi/protocol'
import { type Participant, wantedAttributes } from './wishes.ts'

/** The most reasons in one direction. */
const most = 5

/** From how much of the log odds on others' tastes are worth telling. */
const leastTaste = 0.1

const isNumber = (value: Json | undefined): value is number =>
  typeof value === 'number' && Math.abs(value) < 1e100

/** What others may be told of a profile; the same rule as `match_profile` has in SQL. */
function openAttributes({ attributes }: Participant): { [name: string]: Json } {
  const hidden = Object.hasOwn(attributes, 'private') ? attributes['private'] : []
  const open: { [name: string]: Json } = Object.create(null)
  if (typeof hidden !== 'string' && !Array.isArray(hidden)) return open
  const kept = new Set(['wants', 'private', ...(Array.isArray(hidden) ? hidden.map(String) : [hidden])])
  for (const [name, value] of Object.entries(attributes)) if (!kept.has(name)) open[name] = value
  return open
}

/** How two people relate in one attribute that both show. */
function related(
  about: string,
  mine: Json,
  theirs: Json | undefined,
  near: (attribute: string) => number,
): MatchReason | undefined {
  if (theirs === undefined || theirs === null) return undefined
  if (isNumber(mine) && isNumber(theirs))
    return Math.abs(mine - theirs) <= near(about) ? { code: 'close', about } : undefined
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    const known = new Set(theirs)
    const shared = mine.filter((value) => typeof value === 'string' && known.has(value)).map(String)
    return shared.length > 0 ? { code: 'shared', about, shared: shared.slice(0, 10) } : undefined
  }
  return typeof mine === 'string' && mine === theirs ? { code: 'shared', about, shared: [mine] } : undefined
}

/** How near two numbers of an attribute must be to be told: a quarter of its standard deviation among all. */
export function nearness(people: readonly Participant[]): (attribute: string) => number {
  const known = new Map<string, number>()
  return (attribute) => {
    const before = known.get(attribute)
    if (before !== undefined) return before
    const values = people
      .map(({ attributes }) => (Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined))
      .filter(isNumber)
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length, 1)
    known.set(attribute, Math.sqrt(variance) / 4)
    return Math.sqrt(variance) / 4
  }
}

/** What is asked for reason after reason, computed once. */
export interface Telling {
  near(attribute: string): number
  open(one: Participant): { [name: string]: Json }
}

/** What can be told among these people. */
export function tellingOf(people: readonly Participant[]): Telling {
  const known = new WeakMap<Participant, { [name: string]: Json }>()
  return {
    near: nearness(people),
    open(one) {
      const open = known.get(one) ?? openAttributes(one)
      known.set(one, open)
      return open
    },
  }
}

/** What was learned of two people. */
export interface Learned {
  /** What people with the one's tastes said about the other, in log odds. */
  taste: number
  /** What each attribute says for the one, in log odds. */
  attributes(): ReadonlyMap<string, number>
}

/** What both have in common, the strongest first. */
function inCommon(
  one: Participant,
  other: Participant,
  learned: Learned,
  { near, open }: Telling,
): MatchReason[] {
  const [mine, theirs] = [open(one), open(other)]
  const tags = one.tags.filter((tag) => other.tags.includes(tag))
  const found = [
    ...(tags.length > 0 ? [{ code: 'shared' as const, about: 'tags', shared: tags.slice(0, 10) }] : []),
    ...Object.keys(mine)
      .sort()
      .map((about) => related(about, mine[about]!, theirs[about], near))
      .filter((reason) => reason !== undefined),
  ]
  if (found.length < 2) return found
  const weights = learned.attributes()
  return found.sort((a, b) => (weights.get(b.about!) ?? 0) - (weights.get(a.about!) ?? 0))
}

/**
 * Why `other` may please `one`, the strongest first: what `one` looks for, what both have in common (by what it was
 * learned to weigh), and what people with the same tastes said. What either keeps private is no reason.
 */
export function reasonsFor(
  one: Participant,
  other: Participant,
  learned: Learned,
  told: Telling,
): MatchReason[] {
  const [mine, theirs] = [told.open(one), told.open(other)]
  const own = (about: string) => about in mine || !Object.hasOwn(one.attributes, about)
  const wanted = wantedAttributes(one)
    .filter((about) => about === 'tags' || (about in theirs && own(about)))
    .map((about): MatchReason => ({ code: 'wanted', about }))
  const taste: MatchReason[] = learned.taste > leastTaste ? [{ code: 'taste' }] : []
  return [...wanted.slice(0, 2), ...taste, ...inCommon(one, other, learned, told)].slice(0, most)
}
