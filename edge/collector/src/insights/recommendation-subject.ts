/** What an insight about a list of recommendations is written from. */
import type { Recommendation } from '@nunchi/protocol'
import type { Storage } from '../storage/storage.ts'
import type { Asked } from './asked.ts'
import type { InsightReason, InsightSubject } from './subject.ts'

/** What `nunchi.insight_recommendation` answers. */
interface Kept {
  type: string
  items: KeptItem[]
}

type KeptItem = Pick<Recommendation, 'title' | 'tags' | 'reason'>

const reasonOf = ({ title, reason }: KeptItem): InsightReason => ({
  code: reason.code,
  about: title,
  ...(reason.because && { because: reason.because.title }),
  ...(reason.tags && { shared: reason.tags }),
})

/** Tags that more than one of the items has, the most frequent first. */
function commonTags(items: readonly KeptItem[]): string[] {
  const counts = new Map<string, number>()
  for (const tag of items.flatMap(({ tags }) => [...new Set(tags ?? [])]))
    counts.set(tag, (counts.get(tag) ?? 0) + 1)
  const often = [...counts].filter(([, count]) => count > 1)
  return often.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([tag]) => tag)
}

/**
 * Reads it.
 *
 * @returns null where no such list is kept, or it is not the asking visitor's, or it is empty
 */
export async function recommendationSubject(storage: Storage, asked: Asked): Promise<InsightSubject | null> {
  const { id: recommendationId, ...whose } = asked
  const kept = await storage.call<Kept | { error: string } | null>('insight_recommendation', {
    ...whose,
    recommendationId,
  })
  if (!kept || 'error' in kept || kept.items.length === 0) return null
  const tags = commonTags(kept.items)
  return {
    kind: 'recommendation',
    reasons: kept.items.map(reasonOf),
    sides: [{}, { category: kept.type, ...(tags.length > 0 && { tags }) }],
  }
}
