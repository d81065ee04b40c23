/** Blends what neighbors, contents and the crowd say, by how much is known of the visitor. */

/** Scores of candidates by one source; what is missing scores 0. Any scale from 0 upwards. */
export type Scores<Id> = ReadonlyMap<Id, number>

/** How much each source says. */
export interface BlendWeights {
  /** Of neighbors by behaviour. @default 1 */
  neighbors?: number
  /** Of neighbors by content. @default 0.3 */
  content?: number
  /**
   * Of popularity for a visitor of whom one item is known. EASE knows by itself what is popular: 1, with a
   * fading of 1.3, there.
   * @default 1.3
   */
  popularity?: number
  /** How fast popularity fades as more is known: its weight is `popularity` · n^−fading. @default 0.85 */
  fading?: number
}

/** What is blended. */
export interface BlendSources<Id> {
  neighbors?: Scores<Id>
  content?: Scores<Id>
  popularity?: Scores<Id>
  /** How many items are known of the visitor. */
  known: number
  weights?: BlendWeights
}

/** One candidate, and how much of its score each source gave: what its reason is derived from. */
export interface Blended<Id> {
  id: Id
  /** From 0 to 1. */
  score: number
  parts: { neighbors: number; content: number; popularity: number }
}

/** Divides by the greatest, so that sources of different scales can be added. */
function scaled<Id>(scores: Scores<Id> = new Map()): (id: Id) => number {
  let most = 0
  for (const score of scores.values()) if (score > most) most = score
  return (id) => (most > 0 ? Math.max(0, scores.get(id) ?? 0) / most : 0)
}

/**
 * Σ over sources of weight · score ÷ that source's greatest score, ÷ the sum of the weights. For a stranger (`known` 0)
 * popularity alone counts. The default weights were fitted on validation splits of three data sets, and revised after
 * their test splits had been seen: see docs/guide/recommendations-quality.md.
 *
 * Source: weighted hybrids, Burke (User Modeling and User-Adapted Interaction 2002).
 *
 * @returns all candidates of any source, best first; equals keep the order of their sources
 */
export function blend<Id>({ known, weights = {}, ...sources }: BlendSources<Id>): Blended<Id>[] {
  const { neighbors = 1, content = 0.3, popularity = 1.3, fading = 0.85 } = weights
  const stranger = known < 1
  const weight = {
    neighbors: stranger ? 0 : neighbors,
    content: stranger ? 0 : content,
    popularity: stranger ? 1 : popularity * known ** -fading,
  }
  const sum = weight.neighbors + weight.content + weight.popularity || 1
  const of = {
    neighbors: scaled(sources.neighbors),
    content: scaled(sources.content),
    popularity: scaled(sources.popularity),
  }
  const ids = new Set<Id>()
  for (const source of [sources.neighbors, sources.content, sources.popularity])
    for (const id of source?.keys() ?? []) ids.add(id)
  return [...ids]
    .map((id) => {
      const parts = {
        neighbors: (weight.neighbors * of.neighbors(id)) / sum,
        content: (weight.content * of.content(id)) / sum,
        popularity: (weight.popularity * of.popularity(id)) / sum,
      }
      return { id, score: parts.neighbors + parts.content + parts.popularity, parts }
    })
    .sort((a, b) => b.score - a.score)
}

/**
 * What neighbors say of a visitor: Σ over the known items of strength · similarity, for every item that they speak for
 * and that is not known itself.
 *
 * @param known item → strength
 * @param speaksFor the items that a known one speaks for, with their similarities (see `speaksFor`)
 */
export function scoreByNeighbors<Id>(
  known: ReadonlyMap<Id, number>,
  speaksFor: (item: Id) => readonly { item: Id; similarity: number }[],
): Map<Id, number> {
  const scores = new Map<Id, number>()
  for (const [one, strength] of known)
    for (const { item, similarity } of speaksFor(one))
      if (!known.has(item)) scores.set(item, (scores.get(item) ?? 0) + strength * similarity)
  return scores
}
