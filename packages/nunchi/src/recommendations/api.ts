/** What `recommendations()` puts on the client: lists that are at hand at once, and what becomes of them. */
import type { NoRecommendations, Recommendation, RecommendationList, Recommendations } from '@nunchi/protocol'
import type { Saved } from '../saver.ts'

/** What a list is to go with: the item that is looked at, what lies in the cart, or a page of the site. */
export type RecommendationContext = { item: string } | { cart: readonly string[] } | { page: string }

/** Which list is asked for. */
export interface RecommendationsQuery {
  /** The catalog type, such as `products`. @default the catalog's first that has something to show */
  type?: string | undefined
  /** @default 'user', and with a context 'contextual' */
  list?: RecommendationList | undefined
  context?: RecommendationContext | undefined
  /** How many items, from 1 to 100. @default 10 */
  limit?: number | undefined
  /** Ids of items that are shown elsewhere on the page. */
  exclude?: readonly string[] | undefined
  /** Whether items may return that the visitor had to do with. @default false */
  seen?: boolean | undefined
}

/** A list as it is to be shown now; the same object for as long as nothing of it changes. */
export interface Shelf {
  /** Best first. */
  readonly items: readonly Recommendation[]
  /** What its impressions and clicks are told by; `''` where there is no answer. */
  readonly recommendationId: string
  readonly type: string
  readonly list: RecommendationList
  /** Whether nothing is at hand yet, and an answer is awaited. */
  readonly loading: boolean
  /** Why it is empty; `no_consent` where the visitor was not asked yet, or refused. Absent where it is not empty. */
  readonly reason?: NoRecommendations | 'no_consent'
  /** When the collector made it, ISO 8601; an older one than this page where the network is away. */
  readonly generatedAt?: string
}

/** Appears as `client.recommendations`. Nothing in it throws or rejects. */
export interface RecommendationsApi {
  /** A list: the one on the device at once, refreshed behind; where there is none, once the collector has answered. */
  get(query?: RecommendationsQuery): Promise<Shelf>
  /** The list as it is at this moment, without asking anybody. */
  read(query?: RecommendationsQuery): Shelf
  /** Hears that a list may be another than before. @returns stops */
  onChange(listener: () => void): () => void
  /**
   * Watches an element that shows an item: half of it in sight for a second is an impression, told once a visit as
   * `Recommendation Viewed`.
   *
   * @param position its place in the list, from 0
   * @returns stops watching
   */
  observe(element: Element, recommendationId: string, itemId: string, position?: number): () => void
  /** Records `Recommendation Clicked`. @param position its place in the list, from 0 */
  click(recommendationId: string, itemId: string, position?: number): Promise<Saved>
  /**
   * Takes an answer that came with the page, for where the device has no newer one.
   *
   * @param query what it answers, where that was asked with a context
   */
  seed(answer: Recommendations | undefined, query?: RecommendationsQuery): void
}
