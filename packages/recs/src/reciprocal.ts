/** Matching people: how likely each of two says yes to the other, and how likely it is that both do. */
import {
  type FeatureName,
  type FeatureOptions,
  type PairFeatures,
  type Profile,
  pairFeatures,
} from './profile-features.ts'
import {
  type LogisticFit,
  type LogisticRow,
  logistic,
  type RidgePenalties,
  ridgeLogistic,
} from './ridge-logistic.ts'
import { type TasteNeighbors, tasteNeighbors } from './taste-neighbors.ts'

/** Someone who can be matched. */
export interface Person {
  id: string
  /** Where people of one side are matched with those of another (a reader and a writer): the side. */
  side?: string
  profile: Profile
}

/** What one person decided about another. */
export interface Decision {
  from: string
  to: string
  yes: boolean
}

/** How the model is fitted. */
export interface ReciprocalOptions extends FeatureOptions {
  /**
   * 1 ÷ prior variance of what attributes say (standardised), of how easily a person says yes, and of how often others
   * do to them.
   * @default { features: 500, from: 1, to: 1 }
   */
  penalties?: RidgePenalties
}

/** Why one person may like another: shares of the log odds, above 0 in favour. */
export interface LikeReasons {
  /** How easily the one says yes. */
  selectivity: number
  /** How often others say yes to the other. */
  popularity: number
  /** What people with the one's tastes said about the other. */
  neighbors: number
  /** What the two profiles say, the strongest first. */
  attributes: { feature: FeatureName; weight: number }[]
}

/** What was learned from decisions. People are named by id; strangers to the decisions are judged by their profiles. */
export interface ReciprocalModel {
  /** The probability that `from` says yes to `to`. `cold` looks at the two profiles only. */
  likes(from: Person, to: Person, how?: { cold?: boolean }): number
  /** The harmonic mean of both directions' probabilities: high only where both are. */
  match(one: Person, other: Person, how?: { cold?: boolean }): number
  /**
   * What `viewer`'s list is ordered by: the match without the viewer's own selectivity and popularity, which are the same
   * for the whole list and would only move where the harmonic mean bends. Comparable within one viewer's list.
   */
  rank(viewer: Person, candidate: Person, how?: { cold?: boolean }): number
  /** Why `from` may say yes to `to`. */
  explain(from: Person, to: Person): LikeReasons
}

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

function fitSide(rows: readonly LogisticRow[], people: number, penalties: RidgePenalties): SideFit {
  const fit = ridgeLogistic(rows, people, penalties)
  const residuals = rows.map(({ from, to, features, yes }) => {
    const score = fit.intercept + weigh(fit, features) + fit.from[from]! + fit.to[to]!
    return { from, to, residual: Number(yes) - logistic(score) }
  })
  return { fit, neighbors: tasteNeighbors(residuals) }
}

function weigh({ features: weights }: LogisticFit, features: Float64Array): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!
  return sum
}

/** Decisions of known people, by the side of who decided. */
function rowsBySide(
  people: readonly Person[],
  numbers: ReadonlyMap<string, number>,
  decisions: readonly Decision[],
  features: PairFeatures,
): Map<string, LogisticRow[]> {
  const rows = new Map<string, LogisticRow[]>()
  for (const { from, to, yes } of decisions) {
    const [one, other] = [numbers.get(from), numbers.get(to)]
    if (one === undefined || other === undefined) continue
    const side = people[one]!.side ?? ''
    const row = {
      from: one,
      to: other,
      features: features.of(people[one]!.profile, people[other]!.profile),
      yes,
    }
    const list = rows.get(side)
    if (list) list.push(row)
    else rows.set(side, [row])
  }
  return rows
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
 */
export function reciprocalModel(
  people: readonly Person[],
  decisions: readonly Decision[],
  { penalties = { features: 500, from: 1, to: 1 }, ...options }: ReciprocalOptions = {},
): ReciprocalModel {
  const features = pairFeatures(
    people.map(({ profile }) => profile),
    options,
  )
  const numbers = new Map(people.map(({ id }, i) => [id, i]))
  const sides = new Map<string, SideFit>()
  for (const [side, rows] of rowsBySide(people, numbers, decisions, features))
    sides.set(side, fitSide(rows, people.length, penalties))
  const empty = { fit: ridgeLogistic([], people.length, penalties), neighbors: unknown }
  const parts = (from: Person, to: Person) => {
    const { fit, neighbors } = sides.get(from.side ?? '') ?? empty
    const [one, other] = [numbers.get(from.id) ?? -1, numbers.get(to.id) ?? -1]
    const known = features.of(from.profile, to.profile)
    return {
      fit,
      known,
      selectivity: fit.from[one] ?? 0,
      popularity: fit.to[other] ?? 0,
      neighbors: neighbors.of(one, other),
    }
  }
  const odds = (from: Person, to: Person, cold: boolean, without?: 'selectivity' | 'popularity'): number => {
    const { fit, known, ...effects } = parts(from, to)
    const profiles = fit.intercept + weigh(fit, known)
    const all = profiles + effects.selectivity + effects.popularity + effects.neighbors
    return cold ? profiles : all - (without ? effects[without] : 0)
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
      const { fit, known, ...reasons } = parts(from, to)
      const attributes = features.names
        .map((feature, i) => ({ feature, weight: (fit.features[i] ?? 0) * known[i]! }))
        .filter(({ weight }) => weight !== 0)
        .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      return { ...reasons, attributes }
    },
  }
}
