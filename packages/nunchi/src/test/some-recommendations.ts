/** A catalog for tests, and the collector's answers from it. */
import type { Recommendation, Recommendations } from '@nunchi/protocol'

/** Items in so many categories, as a list for a stranger has them: the categories by turns. */
export function someItems(perCategory = 6): Recommendation[] {
  const categories = ['light', 'table', 'cloth', 'room']
  const all: Recommendation[] = []
  for (let i = 0; i < perCategory; i++)
    for (const category of categories)
      all.push({
        id: `${category}-${i}`,
        type: 'products',
        title: `${category} ${i}`,
        url: `/p/${category}-${i}`,
        tags: [category, 'home'],
        score: 1 - all.length / 100,
        reason: { code: 'popular' },
      })
  return all
}

/** An answer with one list of products. */
export function someAnswer(
  items: Recommendation[] = someItems(),
  more: Partial<Recommendations> = {},
): Recommendations {
  return {
    generated_at: '2026-11-23T09:00:00.000Z',
    expires_at: '2026-11-23T09:05:00.000Z',
    recommendations: { products: { recommendationId: 'rec-1', list: 'user', items } },
    neighbors: {},
    ...more,
  }
}
