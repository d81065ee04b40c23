/** Finds whom to show to whom: both directions of liking, learned from decisions, and exposure spread over all. */
import type { Json, MatchReason } from '@nunchi/protocol'
import {
  type Candidate,
  type Decision,
  exposureCaps,
  type Person,
  reciprocalModel,
  spreadExposure,
} from '@nunchi/recs'
import { nearness, reasonsFor } from './reasons.ts'
import { fitting, type Participant } from './wishes.ts'

/** How far it goes. */
export interface FindOptions {
  /** How many are kept for each person. @default 60 */
  slots?: number
  /** With how many others each is compared at most; beyond it with as many, spread evenly over all. @default 1_000 */
  compared?: number
  /** Awaited now and then, so that nothing else has to wait. */
  breathe?: () => Promise<void>
}

/** One person's list, best first. */
export interface FoundMatches {
  id: string
  others: [id: string, score: number, reasons: { you: MatchReason[]; them: MatchReason[] }][]
}

/** Attributes that models can read: numbers, texts, truths, and lists of texts. */
function profileOf({ tags, attributes }: Participant): Person['profile'] {
  const readable = (value: Json) =>
    ['number', 'string', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every((one) => typeof one === 'string'))
  const entries = Object.entries(attributes).filter(
    ([name, value]) => name !== 'wants' && name !== 'private' && readable(value),
  )
  return { ...(Object.fromEntries(entries) as Person['profile']), tags }
}

/** With whom the person at `place` is compared: everybody, or every so-manieth. */
function* others(place: number, people: number, most: number): Generator<number> {
  const step = Math.max(1, Math.ceil(people / most))
  for (let i = place % step; i < people; i += step) if (i !== place) yield i
}

/** How many places at the front of each list exposure is spread over. */
const inFront = 3

/** Lists of people, by id. */
type Lists = Map<string, Candidate<string>[]>

/** The best for each, before exposure is spread: both fit, neither has said no, the person has not decided yet. */
async function candidatesOf(
  people: readonly Participant[],
  persons: readonly Person[],
  decisions: readonly Decision[],
  model: ReturnType<typeof reciprocalModel>,
  { compared = 1_000, breathe }: FindOptions,
  kept: number,
): Promise<Lists> {
  const said = new Map(decisions.map(({ from, to, yes }) => [`${from}\n${to}`, yes]))
  const fits = fitting(people)
  const lists: Lists = new Map()
  for (const [place, one] of people.entries()) {
    const list: Candidate<string>[] = []
    for (const i of others(place, people.length, compared)) {
      const other = people[i]!
      const refused = said.has(`${one.id}\n${other.id}`) || said.get(`${other.id}\n${one.id}`) === false
      if (!refused && fits(one, other))
        list.push({ id: other.id, score: model.match(persons[place]!, persons[i]!) })
    }
    lists.set(one.id, list.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, kept))
    await breathe?.()
  }
  return lists
}

/**
 * Finds everybody's list. The first three of each are chosen so that the most shown hundredth has at most a twentieth of
 * those places; the rest follows by score.
 */
export async function findMatches(
  people: readonly Participant[],
  decisions: readonly Decision[],
  options: FindOptions = {},
): Promise<FoundMatches[]> {
  const { slots = 60, breathe } = options
  const persons = people.map((one): Person => ({ id: one.id, profile: profileOf(one) }))
  const model = reciprocalModel(persons, decisions)
  const lists = await candidatesOf(people, persons, decisions, model, options, 2 * slots)
  const spread = spreadExposure(lists, exposureCaps(lists.size, people.length, { slots: inFront }), inFront)
  const places = new Map(people.map(({ id }, place) => [id, place]))
  const near = nearness(people)
  const found: FoundMatches[] = []
  for (const [place, one] of people.entries()) {
    const ahead = spread.get(one.id) ?? []
    const chosen = new Set(ahead.map(({ id }) => id))
    const rest = lists.get(one.id)!.filter(({ id }) => !chosen.has(id))
    // Those in front stay in front, whatever the others' scores.
    const floor = rest[0]?.score ?? 0
    const list = [...ahead.map(({ id, score }) => ({ id, score: Math.max(score, floor) })), ...rest].slice(
      0,
      slots,
    )
    found.push({
      id: one.id,
      others: list.map(({ id, score }) => {
        const at = places.get(id)!
        const [mine, theirs] = [persons[place]!, persons[at]!]
        return [
          id,
          score,
          {
            you: reasonsFor(one, people[at]!, model.explain(mine, theirs), near),
            them: reasonsFor(people[at]!, one, model.explain(theirs, mine), near),
          },
        ]
      }),
    })
    await breathe?.()
  }
  return found
}
