/** A question for a list, made whole: the same question has the same key, on every page. */
import type { RecommendationList } from '@nunchi/protocol'
import type { RecommendationContext, RecommendationsQuery } from './api.ts'

/** The most items of one list, as the collector has it. */
const most = 100

/** A question with everything decided. */
export interface Asked {
  /** What answers are kept by: all but how many, and without which. */
  key: string
  type: string
  list: RecommendationList
  /** As it goes on the wire, such as `item:lamp`; empty without one. */
  context: string
  seen: boolean
  limit: number
  exclude: readonly string[]
}

/** The context as it goes on the wire; of a page no query, which may say who somebody is. */
function contextText(context: RecommendationContext | undefined): string {
  const { item, cart, page } = Object(context) as { item?: string; cart?: readonly string[]; page?: string }
  if (item) return `item:${item}`
  if (cart) return `cart:${[...cart]}`
  return page ? `page:${page.replace(/[?#].*/, '')}` : ''
}

/** A whole number from 1 to 100. */
export const countOf = (count: unknown, fallback: number): number =>
  Math.min(most, Math.max(1, Math.floor(Number(count)) || fallback))

/** Makes a question whole. */
export function asked(query: RecommendationsQuery = {}): Asked {
  const { type = '', context, limit, exclude = [], seen = false } = Object(query) as RecommendationsQuery
  const said = contextText(context)
  const list = query?.list ?? (said ? 'contextual' : 'user')
  return {
    key: JSON.stringify([type, list, said, seen ? 1 : 0]),
    type,
    list,
    context: said,
    seen,
    limit: countOf(limit, 10),
    exclude,
  }
}

/** The ids that a context names. */
export const contextItems = (context: string): string[] =>
  /^(item|cart):/.test(context) ? context.slice(5).split(',') : []

/** The part of the address after the key, for questions that differ in their type only. */
export function searchOf(questions: readonly Asked[], who: [name: string, id: string], pool: number): string {
  const [{ list, context, seen, exclude, limit }] = questions as [Asked]
  const types = questions.map(({ type }) => type).filter(Boolean)
  const parts: [string, string | number][] = [
    ['type', `${types}`],
    ['list', list],
    who,
    ['context', context],
    ['limit', Math.min(most, Math.max(pool, limit))],
    ['exclude', `${exclude}`],
    ['seen', seen ? 1 : ''],
  ]
  return parts
    .filter(([, value]) => value)
    .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
    .join('')
}
