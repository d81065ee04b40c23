/** `useRecommendations()`: a list for this visitor, and what its items need to be counted. */
import type { Recommendation } from '@nunchi/protocol'
import { type RefCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { RecommendationContext, RecommendationsQuery, Shelf } from '../recommendations/api.ts'
import { seeded } from '../recommendations/seeded.ts'
import { notKept } from '../recorder.ts'
import type { Saved } from '../saver.ts'
import { useHandle } from './context.ts'
import type { Handle } from './handle.ts'

/** What may be said besides type and context. */
export type UseRecommendationsOptions = Omit<RecommendationsQuery, 'type' | 'context'>

/** What a component knows of a list. */
export interface RecommendationsState {
  /** Best first; another order as soon as the visitor does something that changes it. */
  items: readonly Recommendation[]
  /** Whether nothing is at hand yet. */
  loading: boolean
  /** Why it is empty; absent where it is not. */
  reason?: Shelf['reason']
  recommendationId: string
  /** The `ref` of the element that shows an item: counts the impression. The same function on each render. */
  impression(item: Pick<Recommendation, 'id'>): RefCallback<Element>
  /** For the handler of a click on an item: records `Recommendation Clicked`. */
  click(item: Pick<Recommendation, 'id'>): Promise<Saved>
}

/** Makes the impressions and clicks of a list; refs that stay the same are not taken off and put on at each render. */
function counters(handle: Handle, recommendationId: string, latest: { current: Shelf }) {
  const refs = new Map<string, RefCallback<Element>>()
  const place = (id: string) => {
    const at = latest.current.items.findIndex((item) => item.id === id)
    return at < 0 ? undefined : at
  }
  const make = (id: string): RefCallback<Element> => {
    let stop: (() => void) | undefined
    return (element) => {
      stop?.()
      stop = element
        ? handle.recommendations(true)?.observe(element, recommendationId, id, place(id))
        : undefined
    }
  }
  return {
    impression({ id }: Pick<Recommendation, 'id'>) {
      const known = refs.get(id) ?? make(id)
      refs.set(id, known)
      return known
    },
    click: async ({ id }: Pick<Recommendation, 'id'>): Promise<Saved> =>
      (await handle.recommendations(true)?.click(recommendationId, id, place(id))) ?? notKept,
  }
}

/**
 * A list for this visitor: the last one on the device at once, refreshed behind, its order changed by what the visitor
 * does. Impressions and clicks are told by its `recommendationId`.
 *
 * @param type the catalog type; without one, the catalog's first that has something to show
 * @param context what the list is to go with
 */
export function useRecommendations(
  type?: string,
  context?: RecommendationContext,
  options?: UseRecommendationsOptions,
): RecommendationsState {
  const handle = useHandle()
  const text = JSON.stringify({ ...options, type, context })
  const query = useMemo((): RecommendationsQuery => JSON.parse(text), [text])
  const server = useMemo(() => {
    const { recommendations, recommendationsQuery } = handle.bootstrap ?? {}
    return seeded(recommendations, recommendationsQuery)
  }, [handle])
  const { subscribe, now } = useMemo(
    () => ({
      subscribe: (listener: () => void) => handle.recommendations(true)?.onChange(listener) ?? (() => {}),
      now: () => handle.recommendations()?.read(query) ?? server(query),
    }),
    [handle, query, server],
  )
  const shelf = useSyncExternalStore(subscribe, now, () => server(query))
  useEffect(() => {
    handle.recommendations(true)?.get(query)
  }, [handle, query])
  const { items, loading, reason, recommendationId } = shelf
  const latest = useRef(shelf)
  // Elements are put in place before any effect: they need the list that they were rendered by.
  latest.current = shelf
  const count = useMemo(() => counters(handle, recommendationId, latest), [handle, recommendationId])
  return { items, loading, recommendationId, ...count, ...(reason && { reason }) }
}
