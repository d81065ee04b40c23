/** People who can be matched, what they decided about each other, and what a model of it answers. */
import type { FeatureName, FeatureOptions, Profile } from './profile-features.ts'
import type { RidgePenalties } from './ridge-logistic.ts'

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
  /** What people with the tastes of `from` said about `to`, as `explain` says it. */
  taste(from: Person, to: Person): number
  /** The sum of what the two profiles say, for `from`, by attribute. */
  attributes(from: Person, to: Person): Map<string, number>
}
