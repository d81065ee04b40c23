/** Puts a list into an order that is good and not all the same: maximal marginal relevance. */

/** How a list is diversified. */
export interface DiversifyOptions<Id> {
  /** How alike two things are, from 0 to 1. */
  similarity: (one: Id, other: Id) => number
  /** 1 is relevance alone, 0 difference alone. @default 0.7 */
  lambda?: number
  /** How many are put in order; the others follow as they came. @default all */
  k?: number
}

/**
 * Reorders `ranked` greedily by λ·relevance − (1 − λ)·the greatest similarity to what stands before, with relevance
 * scaled to 0…1 within the list. Keeps the same set; the first stays first; equals keep their order.
 *
 * Source: Carbonell and Goldstein (SIGIR 1998).
 *
 * @param ranked best first
 */
export function diversify<Id>(
  ranked: readonly { id: Id; score: number }[],
  { similarity, lambda = 0.7, k = ranked.length }: DiversifyOptions<Id>,
): { id: Id; score: number }[] {
  const scores = ranked.map(({ score }) => score)
  const low = Math.min(...scores)
  const spread = Math.max(...scores) - low || 1
  const left = ranked.map((one) => ({ one, relevance: (one.score - low) / spread, closest: 0 }))
  const chosen: { id: Id; score: number }[] = []
  while (left.length > 0 && chosen.length < k) {
    let at = 0
    let most = Number.NEGATIVE_INFINITY
    left.forEach(({ relevance, closest }, i) => {
      const value = lambda * relevance - (1 - lambda) * closest
      if (value > most) [at, most] = [i, value]
    })
    const [{ one }] = left.splice(at, 1) as [(typeof left)[number]]
    chosen.push(one)
    for (const other of left) other.closest = Math.max(other.closest, similarity(one.id, other.one.id))
  }
  return [...chosen, ...left.map(({ one }) => one)]
}
