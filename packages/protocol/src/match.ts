/** The wire types of matching: people shown to people, by the leave of both. */
import type { JsonObject } from './event.ts'
import type { Insight } from './insight.ts'

/**
 * Why somebody may please another.
 *
 * - `shared`: both have these values of the attribute `about` (or tags)
 * - `close`: they are near each other in the attribute `about`
 * - `wanted`: the other has, by the attribute `about`, what the one looks for
 * - `taste`: people with the one's tastes said yes to the other
 */
export interface MatchReason {
  code: 'shared' | 'close' | 'wanted' | 'taste'
  about?: string
  shared?: string[]
}

/** Somebody who may fit. */
export interface Match {
  /** Their user id. */
  id: string
  /** What they want to be called. */
  title: string
  url?: string
  image?: string
  tags: string[]
  /** What their profile shows; what they look for and keep to themselves is left out. */
  attributes: JsonObject
  /** From 0 to 1: the harmonic mean of how likely each says yes to the other. */
  score: number
  reasons: {
    /** Why they may please the asking person. */
    you: MatchReason[]
    /** Why the asking person may please them. */
    them: MatchReason[]
  }
  /** Whether both have said yes. */
  mutual: boolean
  /** In words, where it was asked for by `insights=1` and insights are switched on. */
  aiInsights?: Insight
}

/** Why there is nobody: the asking person takes no part, has no profile, or nobody (more) fits. */
export type NoMatches = 'no_consent' | 'no_profile' | 'nobody'

/** What `GET /v1/matches` answers. */
export interface Matches {
  /** ISO 8601, UTC. */
  generated_at: string
  list: 'suggestions' | 'mutual'
  /** Best first. */
  matches: Match[]
  /** The next page's `after`; `null` on the last. */
  next: string | null
  reason?: NoMatches
}

/** What a person has said: whether they take part, and whom they have blocked. */
export interface MatchStanding {
  consent: boolean
  /** User ids, the latest first. */
  blocked: string[]
  /** Of a decision: whether both have said yes now. */
  mutual?: boolean
}
