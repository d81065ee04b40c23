/** Matching people: how likely each of two says yes to the other, and how likely it is that both do. */
import { inOneGo } from './in-one-go.ts'
import type { Decision, Person, ReciprocalModel, ReciprocalOptions } from './person.ts'
import {
  apart,
  overlap,
  type PairFeatures,
  type Profile,
  pairFeatures,
  type ReadProfile,
} from './profile-features.ts'
import {
  type LogisticFit,
  type LogisticRow,
  logistic,
  type RidgePenalties,
  ridgeLogistic,
} from './ridge-logistic.ts'
import { type TasteNeighbors, tasteNeighbors } from './taste-neighbors.ts'

/** The harmonic mean of two numbers from 0 up; 0 where one is 0. */
export function harmonicMean(a: number, b: number): number {
  return a > 0 && b > 0 ? (2 * a * b) / (a + b) : 0
}

/** What was learned of those who decide on one side. */
interface SideFit {
  fit: LogisticFit
  neighbors: TasteNeighbors
}

const unknown: SideFit['neighbors'] = { weight: 0, of: () => 0 }

function* fitSide(
  rows: readonly LogisticRow[],
  people: number,
  penalties: RidgePenalties,
): Generator<unknown, SideFit> {
  const fit = yield* ridgeLogistic(rows, people, penalties)
  const residuals = rows.map(({ from, to, features, yes }) => {
    const score = fit.intercept + weigh(fit, features) + fit.from[from]! + fit.to[to]!
    return { from, to, residual: Number(yes) - logistic(score) }
  })
  return { fit, neighbors: yield* tasteNeighbors(residuals) }
}

function weigh({ features: weights }: LogisticFit, features: Float64Array): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!
  return sum
}

/** What a profile's own columns say, as the one who decides and as the one decided about. */
interface OwnParts {
  from: number
  to: number
}

function ownParts(
  { features: weights }: LogisticFit,
  { columns }: PairFeatures['shape'],
  { columns: own }: ReadProfile,
): OwnParts {
  const parts = { from: 0, to: 0 }
  if (weights.length > 0)
    for (let i = 0; i < columns; i++) {
      parts.from += weights[i]! * own[i]!
      parts.to += weights[columns + i]! * own[i]!
    }
  return parts
}

/** What two profiles say together: as `weigh`, but for the own parts. */
function between(
  { features: weights }: LogisticFit,
  { columns, sizes, lists }: PairFeatures['shape'],
  from: ReadProfile,
  to: ReadProfile,
): number {
  if (weights.length === 0) return 0
  let sum = 0
  let at = 2 * columns
  for (let i = 0; i < sizes; i++) {
    const [a, b] = [from.columns[i]!, to.columns[i]!]
    sum += weights[at + i]! * apart(a, b) + weights[at + sizes + i]! * a * b
  }
  at += 2 * sizes
  for (let i = 0; i < lists; i++) sum += weights[at + i]! * overlap(from.values[i]!, to.values[i]!)
  return sum
}

/** Decisions of known people, by the side of who decided. */
function* rowsBySide(
  people: readonly Person[],
  numbers: ReadonlyMap<string, number>,
  decisions: readonly Decision[],
  { features, read }: Reading,
): Generator<unknown, Map<string, LogisticRow[]>> {
  const rows = new Map<string, LogisticRow[]>()
  for (const [at, { from, to, yes }] of decisions.entries()) {
    if (at % 256 === 255) yield
    const [one, other] = [numbers.get(from), numbers.get(to)]
    if (one === undefined || other === undefined) continue
    const side = people[one]!.side ?? ''
    const pair = features.of(read(people[one]!.profile), read(people[other]!.profile))
    const row = { from: one, to: other, features: pair, yes }
    const list = rows.get(side)
    if (list) list.push(row)
    else rows.set(side, [row])
  }
  return rows
}

/** Reads each profile once. */
interface Reading {
  features: PairFeatures
  read(profile: Profile): ReadProfile
}

function reading(features: PairFeatures): Reading {
  const known = new WeakMap<Profile, ReadProfile>()
  return {
    features,
    read(profile) {
      const before = known.get(profile)
      if (before) return before
      const found = features.read(profile)
      known.set(profile, found)
      return found
    },
  }
}

/** The own parts of each profile under each fit, computed once. */
function ownPartsOf({ features, read }: Reading): (fit: LogisticFit, profile: Profile) => OwnParts {
  const known = new WeakMap<LogisticFit, WeakMap<Profile, OwnParts>>()
  return (fit, profile) => {
    const own = known.get(fit) ?? new WeakMap<Profile, OwnParts>()
    known.set(fit, own)
    const before = own.get(profile)
    if (before) return before
    const found = ownParts(fit, features.shape, read(profile))
    own.set(profile, found)
    return found
  }
}

/**
 * Learns from decisions who likes whom: logit P(from likes to) = selectivity(from) + popularity(to) + attributes(from, to)
 * + neighbors(from, to), one model for each side; a match is the harmonic mean of both directions. Someone without
 * decisions has selectivity and popularity 0: their profile says all.
 *
 * Sources: reciprocal recommendation by the harmonic mean, Pizzato et al., RECON (RecSys 2010), and Xia, Liu, Sun and
 * Chen (ASONAM 2015) for neighbors; the two person effects are a crossed random-effects model (`ridgeLogistic`).
 *
 * Decisions that name someone who is not among `people` are left out.
 *
 * @returns slices of work of some milliseconds; the last one answers the model
 */
export function* reciprocalModelInSlices(
  people: readonly Person[],
  decisions: readonly Decision[],
  { penalties = { features: 500, from: 1, to: 1 }, ...options }: ReciprocalOptions = {},
): Generator<unknown, ReciprocalModel> {
  const features = pairFeatures(
    people.map(({ profile }) => profile),
    options,
  )
  const profiles = reading(features)
  const numbers = new Map(people.map(({ id }, i) => [id, i]))
  const sides = new Map<string, SideFit>()
  for (const [side, rows] of yield* rowsBySide(people, numbers, decisions, profiles))
    sides.set(side, yield* fitSide(rows, people.length, penalties))
  const empty = { fit: inOneGo(ridgeLogistic([], people.length, penalties)), neighbors: unknown }
  return modelOf(profiles, numbers, (side) => sides.get(side) ?? empty)
}

/** The same in one go. */
export function reciprocalModel(
  people: readonly Person[],
  decisions: readonly Decision[],
  options: ReciprocalOptions = {},
): ReciprocalModel {
  return inOneGo(reciprocalModelInSlices(people, decisions, options))
}

/** What is asked of what was learned. */
function modelOf(
  profiles: Reading,
  numbers: ReadonlyMap<string, number>,
  sideOf: (side: string) => SideFit,
): ReciprocalModel {
  const { features, read } = profiles
  const own = ownPartsOf(profiles)
  const parts = (from: Person, to: Person) => {
    const { fit, neighbors } = sideOf(from.side ?? '')
    const [one, other] = [numbers.get(from.id) ?? -1, numbers.get(to.id) ?? -1]
    return {
      fit,
      selectivity: fit.from[one] ?? 0,
      popularity: fit.to[other] ?? 0,
      neighbors: neighbors.of(one, other),
    }
  }
  const odds = (from: Person, to: Person, cold: boolean, without?: 'selectivity' | 'popularity'): number => {
    const { fit, ...effects } = parts(from, to)
    const pair = between(fit, features.shape, read(from.profile), read(to.profile))
    const said = fit.intercept + own(fit, from.profile).from + own(fit, to.profile).to + pair
    const all = said + effects.selectivity + effects.popularity + effects.neighbors
    return cold ? said : all - (without ? effects[without] : 0)
  }
  const weighed = (from: Person, to: Person) => {
    const { fit } = sideOf(from.side ?? '')
    const known = features.of(read(from.profile), read(to.profile))
    return features.names.map((feature, i) => ({ feature, weight: (fit.features[i] ?? 0) * known[i]! }))
  }
  const likes: ReciprocalModel['likes'] = (from, to, { cold = false } = {}) => logistic(odds(from, to, cold))
  return {
    likes,
    match: (one, other, how) => harmonicMean(likes(one, other, how), likes(other, one, how)),
    rank: (viewer, candidate, { cold = false } = {}) =>
      harmonicMean(
        logistic(odds(viewer, candidate, cold, 'selectivity')),
        logistic(odds(candidate, viewer, cold, 'popularity')),
      ),
    explain(from, to) {
      const { selectivity, popularity, neighbors } = parts(from, to)
      const attributes = weighed(from, to)
        .filter(({ weight }) => weight !== 0)
        .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      return { selectivity, popularity, neighbors, attributes }
    },
    taste: (from, to) => parts(from, to).neighbors,
    attributes(from, to) {
      const sums = new Map<string, number>()
      for (const { feature, weight } of weighed(from, to))
        sums.set(feature.attribute, (sums.get(feature.attribute) ?? 0) + weight)
      return sums
    },
  }
}
