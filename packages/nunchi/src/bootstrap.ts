/** What a server hands to the page, so that the page's first paint is the server's. */
import type { Config, JsonObject, Recommendations } from '@nunchi/protocol'
import type { RecommendationsQuery } from './recommendations/api.ts'

/** Plain data: it travels as a property from a server component to the provider, or as JSON in the page. */
export interface Bootstrap {
  /** The config that the server decided by; nothing where it had none. */
  config?: Config | undefined
  /** What the server decided by: the visitor's `anonymousId`, where it may know one, and what you add. */
  attributes: JsonObject
  /** When the server decided, in ms since the epoch: schedules hold on both ends alike. @default now */
  at?: number
  /** Lists that the server asked for, with the visitor's own context or none. */
  recommendations?: Recommendations | undefined
  /** What the server asked for; where the page asks for the same, it does not ask again. @default as the lists say */
  recommendationsQuery?: RecommendationsQuery | undefined
  /** The name of the cookie that holds the visitor's id, where there is one. */
  cookie?: string
}
