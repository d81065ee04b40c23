/** What `recommendations()` takes. */
import type { Recommendations } from '@nunchi/protocol'

/** What a visitor did with an item, from the weakest sign of liking it to the strongest; `dismiss` is the opposite. */
export type InteractionKind = 'view' | 'click' | 'add' | 'like' | 'buy' | 'dismiss'

/** What `recommendations()` takes. */
export interface RecommendationsOptions {
  /** The signed token of whoever is signed in, asked for before each request: then lists are the person's, on all devices. */
  token?: () => string | undefined | Promise<string | undefined>
  /** An answer that the page brings along. */
  bootstrap?: Recommendations | undefined
  /** Whether the collector is asked; `false` shows `bootstrap` alone and keeps nothing, as in tests. @default true */
  ask?: boolean
  /** How many items are asked for, so that the page has a choice when it ranks them anew; from 1 to 100. @default 50 */
  pool?: number
  /** Whether what the visitor does changes the order on the page, and drops what was seen. @default true */
  rerank?: boolean
  /** What further events of yours say of the items they name, such as `{ 'Recipe Cooked': 'buy' }`. */
  interactions?: { [event: string]: InteractionKind }
}
