/** How an event is told to another tracker: to a function, to gtag, or to an object with Segment's verbs. */
import type { Event } from '@nunchi/protocol'

/** An object such as Segment's or RudderStack's `analytics`; verbs that it lacks are passed over. */
export interface SegmentLike {
  track(...args: never[]): unknown
  identify?(...args: never[]): unknown
  page?(...args: never[]): unknown
  group?(...args: never[]): unknown
  alias?(...args: never[]): unknown
  reset?(): unknown
}

/** How a tracker is spoken to. */
export type TrackerKind = 'function' | 'gtag' | 'segment'

/** Tells a tracker of an event, or, without one, that the visitor was reset. */
export type Tell = (event?: Event) => unknown

type Call = (...args: unknown[]) => unknown

/** Letters, digits and `_`, at most 40: what Google Analytics takes for a name. */
const gtagName = (name: string): string => name.replace(/[^\p{L}\p{N}]+/gu, '_').slice(0, 40)

const toGtag =
  (gtag: Call): Tell =>
  (event) => {
    if (!event) return gtag('set', { user_id: null })
    const { type, name, userId, groupId, properties, page } = event
    if (type === 'identify') {
      gtag('set', { user_id: userId })
      return properties && gtag('set', 'user_properties', properties)
    }
    if (type === 'group') return gtag('event', 'join_group', { ...properties, group_id: groupId })
    if (type === 'page')
      return gtag('event', 'page_view', {
        page_title: page?.title ?? name,
        page_location: page?.url,
        ...properties,
      })
    // Google Analytics knows no alias.
    return type === 'track' && gtag('event', gtagName(name), properties ?? {})
  }

const toSegment =
  (analytics: SegmentLike): Tell =>
  (event) => {
    const verbs = analytics as unknown as Record<string, Call | undefined>
    if (!event) return verbs['reset']?.()
    const { type, name, userId, groupId, previousId, properties } = event
    const args = {
      track: [name, properties],
      page: [name, properties],
      identify: [userId, properties],
      group: [groupId, properties],
      alias: [userId, previousId],
    }
    return verbs[type]?.(...args[type])
  }

/** How to tell this tracker, where it is one; `as` is for a function whose kind cannot be seen. */
export function tellerOf(tracker: unknown, as?: TrackerKind): Tell | undefined {
  const verbs = tracker as SegmentLike | null | undefined
  if (as !== 'gtag' && as !== 'function' && typeof verbs?.track === 'function') return toSegment(verbs)
  if (typeof tracker !== 'function' || as === 'segment') return undefined
  const known = (globalThis as { gtag?: unknown }).gtag
  if (as === 'gtag' || (!as && tracker === known)) return toGtag(tracker as Call)
  return (event) => event && (tracker as Call)(event)
}
