/** Ranks a list anew by what the visitor did since it was made: pure, in well under a millisecond, offline too. */
import type { Recommendation, Recommendations } from '@nunchi/protocol'

/** What is known of the visitor's taste, by item. */
export interface Taste {
  /** How much each item was liked, strongest about 1.3; below 0 where it was dismissed. */
  liked: ReadonlyMap<string, Liked>
  /** Items that are not to be shown. */
  gone: ReadonlySet<string>
}

/** One item that the visitor had to do with. */
export interface Liked {
  weight: number
  /** What people call it; without one it is no reason that could be said. */
  title?: string | undefined
  tags?: readonly string[] | undefined
}

/** A list as it came, best first, and the neighborhoods of its items. */
export type Ranked = Pick<Recommendations, 'neighbors'> & { items: readonly Recommendation[] }

/** How far liking can lift an item: by one and a half lengths of the list. */
const reach = 1.5
/** What tags in common are worth beside people's own choices. */
const tagShare = 0.6
/** From here on what the visitor did is why an item stands where it does. */
const telling = 0.1

/** What lifts one item, and the strongest of it. */
interface Lift {
  sum: number
  most: number
  by?: string
  tags: string[]
}

/** How rare each tag is in the list, from 0 (all have it) to 1. */
function rarities(items: readonly Recommendation[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { tags = [] } of items) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  for (const [tag, count] of counts) counts.set(tag, 1 - count / items.length)
  return counts
}

/** How much each tag was liked, and by which item most. */
function likedTags(liked: Taste['liked'], rare: ReadonlyMap<string, number>) {
  const tags = new Map<string, { weight: number; by: string; most: number }>()
  for (const [id, { weight, tags: own }] of liked)
    for (const tag of own ?? []) {
      const worth = weight * (rare.get(tag) ?? 0)
      const known = tags.get(tag) ?? { weight: 0, by: id, most: 0 }
      tags.set(tag, {
        weight: known.weight + worth,
        ...(worth >= known.most ? { by: id, most: worth } : { by: known.by, most: known.most }),
      })
    }
  return tags
}

/** Similarities between what was liked and what is listed, whichever of the two has the other for a neighbor. */
function near({ items, neighbors }: Ranked, liked: Taste['liked']) {
  const found = new Map<string, Map<string, number>>()
  // By name an object would give what every object has.
  const lists = new Map(Object.entries(neighbors))
  const note = (item: string, by: string, similarity: number) => {
    const known = found.get(item) ?? new Map<string, number>()
    known.set(by, Math.max(known.get(by) ?? 0, similarity))
    found.set(item, known)
  }
  for (const { id } of items)
    for (const [by, similarity] of lists.get(id) ?? []) if (liked.has(by)) note(id, by, similarity)
  for (const by of liked.keys()) for (const [id, similarity] of lists.get(by) ?? []) note(id, by, similarity)
  return found
}

/** The same item with what the visitor did as its reason, where that is what lifts it. */
function explained(item: Recommendation, { sum, by, tags }: Lift, liked: Taste['liked']): Recommendation {
  const title = by === undefined ? undefined : liked.get(by)?.title
  if (sum < telling || !title || item.reason.code === 'pinned') return item
  const because = { id: by!, title }
  return { ...item, reason: tags.length ? { code: 'alike', because, tags } : { code: 'because', because } }
}

/**
 * The list as this visitor should see it now: what is like the things they liked comes nearer, what is gone is out.
 * What is pinned keeps its place at the front.
 *
 * @returns the items best first, their scores as they came; without anything known, the list as it is
 */
export function rerank(list: Ranked, { liked, gone }: Taste): Recommendation[] {
  const left = list.items.filter(({ id }) => !gone.has(id))
  if (!liked.size || !left.length) return left
  const similar = near(list, liked)
  const tagged = likedTags(liked, rarities(list.items))
  const score = (item: Recommendation, place: number) => {
    const lift: Lift = { sum: 0, most: 0, tags: [] }
    for (const [by, similarity] of similar.get(item.id) ?? []) {
      const worth = liked.get(by)!.weight * similarity
      lift.sum += worth
      // Of two that say as much, what was done last is the better reason.
      if (worth >= lift.most) Object.assign(lift, { most: worth, by })
    }
    const { tags = [] } = item
    for (const tag of tags) {
      const known = tagged.get(tag)
      if (!known) continue
      const worth = (known.weight * tagShare) / Math.sqrt(tags.length)
      lift.sum += worth
      if (worth > lift.most) Object.assign(lift, { most: worth, by: known.by, tags: [tag] })
    }
    const boost = (reach * lift.sum) / (1 + Math.abs(lift.sum))
    const base = item.reason.code === 'pinned' ? 9 : 1 - place / left.length
    return { item: explained(item, lift, liked), score: base + boost }
  }
  return left
    .map(score)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item)
}
