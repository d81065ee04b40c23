/** The wire types of recommendations: what a catalog holds, what a page asks for, and what it is answered. */
import type { JsonObject } from './event.ts'

/**
 * Which list is asked for: `user` for this visitor, `contextual` to go with what is being looked at (an item, a cart,
 * a page), `similar` to one item, `trending` for everybody.
 */
export type RecommendationList = 'user' | 'contextual' | 'similar' | 'trending'

/** One thing that can be recommended. `id` is unique in a project's environment, whatever the type. */
export interface Item {
  /** 1 to 200 characters; what events name as `itemId` (or `product_id`, or in `products`). */
  id: string
  /** The catalog it belongs to, such as `prompts`, `tools`, `workflows` or `products`. */
  type: string
  title: string
  /** Where it is shown; `http:`, `https:` or a path of the site. */
  url?: string
  image?: string
  tags?: string[]
  /** What it says about itself; read for words, never answered. */
  text?: string
  /** What filters and boosts ask about, such as `{ price: 39, brand: "Oak" }`; answered with the item. */
  attributes?: JsonObject
  /** Whether it may be recommended now. @default true */
  available?: boolean
}

/**
 * Why an item stands in a list. `because` is another item of the same visitor's.
 *
 * - `because`: people who had to do with the item `because` had to do with this one
 * - `alike`: it has tags or words in common with the item `because`
 * - `people`: people with tastes like these had to do with it
 * - `popular`: many have to do with it lately
 * - `new`: it is new and given a chance
 * - `pinned`: a rule of the owner's put it here
 */
export interface RecommendationReason {
  code: 'because' | 'alike' | 'people' | 'popular' | 'new' | 'pinned'
  because?: { id: string; title: string }
  /** Tags in common, for `alike`. */
  tags?: string[]
}

/** One item of a list, best first. */
export interface Recommendation {
  id: string
  type: string
  title: string
  url?: string
  image?: string
  tags?: string[]
  attributes?: JsonObject
  /** Higher is better; comparable within one list only. */
  score: number
  reason: RecommendationReason
}

/** Why a list is empty. */
export type NoRecommendations = 'empty_catalog' | 'filtered' | 'all_seen' | 'unknown_item' | 'error'

/** The answer for one catalog type. */
export interface RecommendationAnswer {
  /** What impressions and clicks name, so that they can be told to their list. */
  recommendationId: string
  list: RecommendationList
  items: Recommendation[]
  /** Why `items` is empty; absent where it is not. */
  reason?: NoRecommendations
}

/** What `GET /v1/recommendations` answers. */
export interface Recommendations {
  /** ISO 8601, UTC. */
  generated_at: string
  /** Until when it may be shown without asking again, ISO 8601. */
  expires_at: string
  /** By catalog type. */
  recommendations: { [type: string]: RecommendationAnswer }
  /**
   * For re-ranking on the page: the nearest of each answered item and of the visitor's latest, by id, with a
   * similarity from 0 to 1. At most 50 items with 20 neighbors each.
   */
  neighbors: { [id: string]: [id: string, similarity: number][] }
}
