/** Finds whom to show to whom: both directions of liking, learned from decisions, and exposure spread over all. */
import type { MatchReason } from '@nunchi/protocol'
import {
  type Candidate,
  type Decision,
  type ExposureCaps,
  exposureCaps,
  type Person,
  type ReciprocalModel,
  reciprocalModelInSlices,
  spreadExposureInSlices,
} from '@nunchi/recs'
import { type Alike, alikeness, profiles } from './profiles.ts'
import { nearness, reasonsFor, tellingOf } from './reasons.ts'
import { type Fits, fitting, type Participant } from './wishes.ts'

/** How far it goes. */
export interface FindOptions {
  /** How many are kept for each person. @default 60 */
  slots?: number
  /** How many people are compared with each other at most; beyond it there are circles of as many. @default 1_000 */
  compared?: number
  /** From how many decisions it learns at most; beyond it from as many, spread evenly over all. @default 40_000 */
  learned?: number
  /** Awaited now and then, so that nothing else has to wait. */
  breathe?: () => Promise<void>
}

/** One person's list, best first. */
export interface FoundMatches {
  id: string
  others: [id: string, score: number, reasons: { you: MatchReason[]; them: MatchReason[] }][]
}

/** Runs slices of work, with a breath between them. */
async function run<Result>(
  slices: Generator<unknown, Result>,
  breathe: FindOptions['breathe'],
): Promise<Result> {
  for (let slice = slices.next(); ; slice = slices.next()) {
    if (slice.done) return slice.value
    await breathe?.()
  }
}

/** Places of people who are compared with each other: all of them, or every so-manieth. */
function circles(people: number, most: number): number[][] {
  const all = Array.from({ length: people }, (_, place) => place)
  const step = Math.ceil(people / most)
  return Array.from({ length: step }, (_, first) => all.filter((place) => place % step === first))
}

const pair = (from: string, to: string): string => JSON.stringify([from, to])

/**
 * How much profiles alone count where little was decided yet: nine tenths at first, a half at 160 decisions, nothing from
 * 10,000 on.
 */
const trustIn = (decisions: number): number => (decisions < 10_000 ? 0.9 * (200 / (200 + decisions)) : 0)

/** How many places at the front of each list exposure is spread over. */
const inFront = 3

/**
 * So many of each are offered for these places: where all thousand who are compared want the same people in the same order,
 * two hundred are needed for three places each with nobody in more than fifteen.
 */
const offered = 220

/** Among a few dozen a twentieth of all places is less than each one's share: nobody is kept below twice of that. */
function capsOf(people: number): ExposureCaps {
  const caps = exposureCaps(people, people, { slots: inFront })
  return caps.each < 2 * inFront ? { each: 2 * inFront, extra: 0 } : caps
}

/** Who decided what, by both ids. */
type Said = ReadonlyMap<string, boolean>

/**
 * What is learned from. A yes that the other has not answered is left out: else their own scores would change by it, and
 * who watches them could tell who said yes.
 */
function lessons(decisions: readonly Decision[], said: Said, most: number): Decision[] {
  const answered = decisions.filter(({ from, to, yes }) => !yes || said.has(pair(to, from)))
  const step = Math.max(1, Math.ceil(answered.length / most))
  return answered.filter((_, i) => i % step === 0)
}

/** Lists of people, all by their places. */
type Lists = Map<number, Candidate<number>[]>

/** Everybody, and what was learned. */
interface World {
  people: readonly Participant[]
  persons: readonly Person[]
  model: ReciprocalModel
  fits: Fits
  alike: Alike
  /** How much the score hears of what two have in common, beside what was learned. */
  trust: number
}

/** Whom each is not shown: who said no to them, and about whom they have decided; all by places. */
function refusals(people: readonly Participant[], decisions: readonly Decision[]): Set<number>[] {
  const places = new Map(people.map(({ id }, place) => [id, place]))
  const refused = people.map(() => new Set<number>())
  for (const { from, to, yes } of decisions) {
    const [one, other] = [places.get(from), places.get(to)]
    if (one === undefined || other === undefined) continue
    refused[one]!.add(other)
    if (!yes) refused[other]!.add(one)
  }
  return refused
}

/** The scores of all pairs of a circle, row by row; -1 where two do not fit. Both directions have the same. */
function* scoresIn(circle: readonly number[], world: World): Generator<unknown, Float64Array> {
  const { people, persons, model, fits, alike, trust } = world
  const n = circle.length
  const scores = new Float64Array(n * n).fill(-1)
  for (let i = 0; i < n; i++) {
    const one = circle[i]!
    for (let j = i + 1; j < n; j++) {
      const other = circle[j]!
      if (!fits(people[one]!, people[other]!)) continue
      // Halved, as SQL has it for newcomers.
      const common = trust > 0 ? (trust * alike(one, other)) / 2 : 0
      const score = common + (1 - trust) * model.match(persons[one]!, persons[other]!)
      scores[i * n + j] = score
      scores[j * n + i] = score
    }
    yield
  }
  return scores
}

/** A person's best of their row, before exposure is spread: neither has said no, the person has not decided yet. */
function candidatesOf(
  row: Float64Array,
  circle: readonly number[],
  refused: ReadonlySet<number>,
  kept: number,
): Candidate<number>[] {
  const list: Candidate<number>[] = []
  for (const [i, id] of circle.entries())
    if (row[i]! >= 0 && !refused.has(id)) list.push({ id, score: row[i]! })
  return list.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, kept)
}

/** Those in front first, then the rest; those in front stay there, whatever the others' scores. */
function joined(ahead: Candidate<number>[], list: Candidate<number>[], slots: number): Candidate<number>[] {
  const chosen = new Set(ahead.map(({ id }) => id))
  const rest = list.filter(({ id }) => !chosen.has(id))
  // A millionth above: equal scores are ordered by id, and what is stored has seven digits.
  const floor = (rest[0]?.score ?? 0) + 1e-6
  return [...ahead.map(({ id, score }) => ({ id, score: Math.max(score, floor) })), ...rest].slice(0, slots)
}

/** Why two fit, in both directions. */
type Reasons = (one: number, other: number) => FoundMatches['others'][number][2]

function reasonsBetween({ people, persons, model }: World): Reasons {
  const told = tellingOf(people)
  const why = (from: number, to: number): MatchReason[] =>
    reasonsFor(
      people[from]!,
      people[to]!,
      {
        taste: model.taste(persons[from]!, persons[to]!),
        attributes: () => model.attributes(persons[from]!, persons[to]!),
      },
      told,
    )
  return (one, other) => ({ you: why(one, other), them: why(other, one) })
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
  const { slots = 60, compared = 1_000, learned = 40_000, breathe } = options
  const said: Said = new Map(decisions.map(({ from, to, yes }) => [pair(from, to), yes]))
  const persons = profiles(people)
  const heard = lessons(decisions, said, learned)
  const model = await run(reciprocalModelInSlices(persons, heard), breathe)
  const alike = alikeness(persons, nearness(people))
  const refused = refusals(people, decisions)
  const world = { people, persons, model, fits: fitting(people), alike, trust: trustIn(heard.length) }
  const reasons = reasonsBetween(world)
  const found: FoundMatches[] = []
  for (const circle of circles(people.length, compared)) {
    const lists: Lists = new Map()
    const scores = await run(scoresIn(circle, world), breathe)
    for (const [i, place] of circle.entries()) {
      const row = scores.subarray(i * circle.length, (i + 1) * circle.length)
      lists.set(place, candidatesOf(row, circle, refused[place]!, Math.max(offered, slots + inFront)))
      await breathe?.()
    }
    const caps = capsOf(circle.length)
    const spread = await run(spreadExposureInSlices(lists, caps, inFront), breathe)
    for (const [place, list] of lists) {
      const others = joined(spread.get(place) ?? [], list, slots)
      found.push({
        id: people[place]!.id,
        others: others.map(({ id, score }) => [people[id]!.id, score, reasons(place, id)]),
      })
      await breathe?.()
    }
  }
  return found
}
