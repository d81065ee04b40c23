/** Keeps the best few of many scored things without sorting them all. */

/** The `k` best of a stream of scored numbers. Equal scores: the smaller number first. */
export interface Best {
  offer(index: number, score: number): void
  /** Best first. */
  sorted(): { index: number; score: number }[]
}

/** A binary heap with the worst of the kept on top. */
export function best(k: number): Best {
  const indices: number[] = []
  const scores: number[] = []
  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && indices[a]! > indices[b]!)
  const swap = (a: number, b: number): void => {
    ;[indices[a], indices[b]] = [indices[b]!, indices[a]!]
    ;[scores[a], scores[b]] = [scores[b]!, scores[a]!]
  }
  const rise = (from: number): void => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!worse(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }
  const sink = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      let worst = at
      if (left < indices.length && worse(left, worst)) worst = left
      if (right < indices.length && worse(right, worst)) worst = right
      if (worst === at) return
      swap(at, worst)
      at = worst
    }
  }
  return {
    offer(index, score): void {
      if (indices.length < k) {
        indices.push(index)
        scores.push(score)
        rise(indices.length - 1)
      } else if (k > 0 && (score > scores[0]! || (score === scores[0] && index < indices[0]!))) {
        indices[0] = index
        scores[0] = score
        sink()
      }
    },
    sorted: () =>
      indices
        .map((index, i) => ({ index, score: scores[i]! }))
        .sort((a, b) => b.score - a.score || a.index - b.index),
  }
}
