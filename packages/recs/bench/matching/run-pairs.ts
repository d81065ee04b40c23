/** Measures matching on dates: who likes whom, out of fold, warm and cold, and how exposure spreads. */
import { dirname, join } from 'node:path'
import {
  areaUnderCurve,
  balancedAccuracy,
  type Decision,
  exposureCaps,
  type Person,
  type ReciprocalModel,
  reciprocalModel,
  spreadExposure,
} from '../../src/index.ts'
import type { Bar } from '../bar.ts'
import { type Meeting, readMeetings, readPeople } from './read-people.ts'

/** What was predicted of a date by models that have not seen it. */
interface Predicted extends Meeting {
  warm: number
  cold: number
  /** What each one's list is ordered by, in both directions and in one. */
  oneRanks: number
  otherRanks: number
  /** The probability that both say yes. */
  both: number
  oneLikes: number
  otherLikes: number
  /** The share of others who said yes to each, of the training folds, drawn towards the mean. */
  onePopular: number
  otherPopular: number
  /** What a match must score to be called one, warm and cold: chosen on the training folds. */
  bars: [warm: number, cold: number]
}

const matched = ({ oneYes, otherYes }: Meeting): boolean => oneYes && otherYes

const decisionsOf = (meetings: readonly Meeting[]): Decision[] =>
  meetings.flatMap(({ one, other, oneYes, otherYes }) => [
    { from: one.id, to: other.id, yes: oneYes },
    { from: other.id, to: one.id, yes: otherYes },
  ])

/** The ridge on attributes with the best log loss on one fold of the training. */
function tune(people: Person[], meetings: readonly Meeting[], held: string): number {
  const known = meetings.filter(({ fold }) => fold !== held)
  const asked = meetings.filter(({ fold }) => fold === held)
  const loss = (features: number): number => {
    const model = reciprocalModel(people, decisionsOf(known), { penalties: { features, from: 1, to: 1 } })
    return asked.reduce((sum, { one, other, oneYes, otherYes }) => {
      const [a, b] = [model.likes(one, other), model.likes(other, one)]
      return sum - Math.log(oneYes ? a : 1 - a) - Math.log(otherYes ? b : 1 - b)
    }, 0)
  }
  const losses = [200, 500, 1000].map((features) => ({ features, loss: loss(features) }))
  return losses.sort((a, b) => a.loss - b.loss)[0]!.features
}

/** Which share of others says yes to each person, drawn towards the mean by two. */
function popularities(meetings: readonly Meeting[]): (person: Person) => number {
  const counts = new Map<string, [yes: number, all: number]>()
  for (const { to, yes } of decisionsOf(meetings)) {
    const [y, n] = counts.get(to) ?? [0, 0]
    counts.set(to, [y + Number(yes), n + 1])
  }
  const mean = decisionsOf(meetings).filter(({ yes }) => yes).length / (2 * meetings.length)
  return ({ id }) => {
    const [yes, all] = counts.get(id) ?? [0, 0]
    return (yes + 2 * mean) / (all + 2)
  }
}

/** The score above which as many are called matches as there are, by the training's share of matches. */
function bar(scores: readonly number[], meetings: readonly Meeting[]): number {
  const share = meetings.filter(matched).length / meetings.length
  // Balanced accuracy is best where the odds equal the base rate, not where they are even: call about twice as many.
  const order = [...scores].sort((a, b) => b - a)
  return order[Math.min(order.length - 1, Math.floor(order.length * Math.min(0.5, 2 * share)))] ?? 0
}

/** One direction, without the viewer's own selectivity: the lists are put together of several models. */
function likesWithinList(model: ReciprocalModel, viewer: Person, candidate: Person): number {
  const p = model.likes(viewer, candidate)
  return Math.log(p / (1 - p)) - model.explain(viewer, candidate).selectivity
}

function predictFold(people: Person[], all: readonly Meeting[], asked: string, tuning: string): Predicted[] {
  const known = all.filter(({ fold }) => fold !== asked)
  const features = tune(people, known, tuning)
  const model = reciprocalModel(people, decisionsOf(known), { penalties: { features, from: 1, to: 1 } })
  const popular = popularities(known)
  const bars: [number, number] = [
    bar(
      known.map(({ one, other }) => model.match(one, other)),
      known,
    ),
    bar(
      known.map(({ one, other }) => model.match(one, other, { cold: true })),
      known,
    ),
  ]
  return all
    .filter(({ fold }) => fold === asked)
    .map((meeting) => {
      const { one, other } = meeting
      return {
        ...meeting,
        warm: model.match(one, other),
        cold: model.match(one, other, { cold: true }),
        oneRanks: model.rank(one, other),
        otherRanks: model.rank(other, one),
        both: model.likes(one, other) * model.likes(other, one),
        oneLikes: likesWithinList(model, one, other),
        otherLikes: likesWithinList(model, other, one),
        onePopular: popular(one),
        otherPopular: popular(other),
        bars,
      }
    })
}

/** A person's dates as candidates, by a score; out of fold. */
interface Candidates {
  id: string
  score: number
  match: boolean
}

function listsBy(
  predicted: readonly Predicted[],
  score: (one: Predicted, forOne: boolean) => number,
): Map<string, Candidates[]> {
  const lists = new Map<string, Candidates[]>()
  const add = (viewer: string, candidate: Candidates) =>
    lists.set(viewer, [...(lists.get(viewer) ?? []), candidate])
  for (const one of predicted) {
    add(one.one.id, { id: one.other.id, score: score(one, true), match: matched(one) })
    add(one.other.id, { id: one.one.id, score: score(one, false), match: matched(one) })
  }
  for (const list of lists.values()) list.sort((a, b) => b.score - a.score)
  return lists
}

const precisionAt3 = (lists: ReadonlyMap<string, readonly { match: boolean }[]>): number =>
  [...lists.values()].reduce(
    (sum, list) => sum + list.slice(0, 3).filter(({ match }) => match).length / 3,
    0,
  ) / lists.size

/** The share of all slots that the most shown hundredth of the people has. */
function topShare(lists: ReadonlyMap<string, readonly { id: string }[]>): number {
  const shown = new Map<string, number>()
  for (const list of lists.values())
    for (const { id } of list.slice(0, 3)) shown.set(id, (shown.get(id) ?? 0) + 1)
  const counts = [...shown.values()].sort((a, b) => b - a)
  const all = counts.reduce((sum, one) => sum + one, 0)
  return counts.slice(0, Math.ceil(lists.size / 100)).reduce((sum, one) => sum + one, 0) / all
}

/**
 * Fills the lists within the caps, and keeps what is known of each candidate. Each list keeps its order, and is scaled to
 * its mean probability of a match: who has little to lose chooses others first.
 */
function spread(
  lists: ReadonlyMap<string, Candidates[]>,
  matches: ReadonlyMap<string, Candidates[]>,
): Map<string, Candidates[]> {
  const caps = exposureCaps(lists.size, lists.size, { slots: 3 })
  const sum = (list: readonly Candidates[]) => list.reduce((all, { score }) => all + score, 0)
  const scaled = new Map(
    [...lists].map(([viewer, list]) => {
      const scale = sum(matches.get(viewer)!) / sum(list)
      return [viewer, list.map(({ id, score }) => ({ id, score: score * scale }))]
    }),
  )
  const filled = spreadExposure(scaled, caps, 3)
  return new Map(
    [...filled].map(([viewer, list]) => [
      viewer,
      list.map(({ id }) => lists.get(viewer)!.find((candidate) => candidate.id === id)!),
    ]),
  )
}

/** Prints how well matches are foretold. @returns figures with their bars */
export async function runPairs(
  pairsFile: string,
  peopleFile: string = join(dirname(pairsFile), pairsFile.split(/[\\/]/).at(-1)!.replace('pairs', 'people')),
): Promise<Bar[]> {
  const people = await readPeople(peopleFile)
  const meetings = await readMeetings(pairsFile, people)
  const folds = [...new Set(meetings.map(({ fold }) => fold))].sort()
  if (folds.length < 2)
    throw new RangeError(
      `${pairsFile} has ${meetings.length} dates of people in ${peopleFile}, in ${folds.length} folds; each fold is judged by the others, so there must be two or more.`,
    )
  const persons = [...people.values()]
  const predicted = folds.flatMap((fold, i) =>
    predictFold(persons, meetings, fold, folds[(i + 1) % folds.length]!),
  )
  const truths = predicted.map(matched)
  const share = truths.filter(Boolean).length / truths.length
  console.log(
    `\n  ${meetings.length} dates of ${people.size} people, ${(100 * share).toFixed(1)} % matches; ${folds.length} folds by date, each judged by a model of the others\n`,
  )
  const auc = (key: 'warm' | 'cold') =>
    areaUnderCurve(
      predicted.map((one) => one[key]),
      truths,
    ) ?? 0
  const balanced = (key: 'warm' | 'cold', at: 0 | 1) =>
    balancedAccuracy(
      predicted.map((one) => one[key] > one.bars[at]),
      truths,
    ) ?? 0
  const both = listsBy(predicted, ({ oneRanks, otherRanks }, forOne) => (forOne ? oneRanks : otherRanks))
  const one = precisionAt3(
    listsBy(predicted, ({ oneLikes, otherLikes }, forOne) => (forOne ? oneLikes : otherLikes)),
  )
  const popular = precisionAt3(
    listsBy(predicted, ({ onePopular, otherPopular }, forOne) => (forOne ? otherPopular : onePopular)),
  )
  const precision = precisionAt3(both)
  const fair = spread(
    both,
    listsBy(predicted, ({ both: probability }) => probability),
  )
  return [
    { what: 'match AUC, warm', value: auc('warm'), atLeast: 0.75 },
    { what: 'match AUC, cold (the two profiles only)', value: auc('cold'), atLeast: 0.58 },
    { what: 'balanced accuracy, warm', value: balanced('warm', 0) },
    { what: 'balanced accuracy, cold', value: balanced('cold', 1) },
    { what: 'accuracy of saying "no match" always', value: 1 - share },
    { what: 'precision@3, both directions', value: precision },
    { what: 'precision@3, popularity', value: popular },
    { what: 'precision@3, one direction', value: one },
    { what: '… of popularity', value: precision / popular, atLeast: 1.15 },
    { what: '… of one direction', value: precision / one, atLeast: 1.15 },
    { what: 'slots of the most shown 1 %, as ranked', value: topShare(both) },
    { what: 'slots of the most shown 1 %, spread', value: topShare(fair), atMost: 0.05 },
    { what: 'precision@3 kept when spread', value: precisionAt3(fair) / precision, atLeast: 0.95 },
  ]
}
