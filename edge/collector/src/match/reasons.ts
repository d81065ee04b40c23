/** Why somebody may please another, from their profiles and from what was learned. */
import type { Json, MatchReason } from '@nunchi/protocol'
import type { LikeReasons } from '@nunchi/recs'
import { type Participant, wantedAttributes } from './wishes.ts'

/** The most reasons in one direction. */
const most = 5

/** From how much of the log odds on others' tastes are worth telling. */
const telling = 0.1

const isNumber = (value: Json | undefined): value is number => typeof value === 'number'

/** What others may be told of a profile. */
export function openAttributes({ attributes }: Participant): { [name: string]: Json } {
  const hidden = attributes['private']
  const kept = new Set(['wants', 'private', ...(Array.isArray(hidden) ? hidden.map(String) : [])])
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !kept.has(name)))
}

/** How two people relate in one attribute that both show. */
function related(about: string, mine: Json, theirs: Json | undefined, near: number): MatchReason | undefined {
  if (theirs === undefined || theirs === null) return undefined
  if (isNumber(mine) && isNumber(theirs))
    return Math.abs(mine - theirs) <= near ? { code: 'close', about } : undefined
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    const shared = mine.filter((value) => theirs.includes(value)).map(String)
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
    const values = people.map(({ attributes }) => attributes[attribute]).filter(isNumber)
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length, 1)
    known.set(attribute, Math.sqrt(variance) / 4)
    return Math.sqrt(variance) / 4
  }
}

/**
 * Why `other` may please `one`, the strongest first: what `one` looks for, what both have in common (by what it was
 * learned to weigh), and what people with the same tastes said.
 */
export function reasonsFor(
  one: Participant,
  other: Participant,
  learned: LikeReasons,
  near: (attribute: string) => number,
): MatchReason[] {
  const [mine, theirs] = [openAttributes(one), openAttributes(other)]
  const wanted = wantedAttributes(one)
    .filter((about) => about in theirs || about === 'tags')
    .map((about): MatchReason => ({ code: 'wanted', about }))
  const weights = new Map<string, number>()
  for (const { feature, weight } of learned.attributes)
    weights.set(feature.attribute, (weights.get(feature.attribute) ?? 0) + weight)
  const tags = one.tags.filter((tag) => other.tags.includes(tag))
  const common = [
    ...(tags.length > 0 ? [{ code: 'shared' as const, about: 'tags', shared: tags.slice(0, 10) }] : []),
    ...Object.keys(mine)
      .sort()
      .map((about) => related(about, mine[about]!, theirs[about], near(about)))
      .filter((reason) => reason !== undefined),
  ].sort((a, b) => (weights.get(b.about!) ?? 0) - (weights.get(a.about!) ?? 0))
  const taste: MatchReason[] = learned.neighbors > telling ? [{ code: 'taste' }] : []
  return [...wanted.slice(0, 2), ...taste, ...common].slice(0, most)
}
