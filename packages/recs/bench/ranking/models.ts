/** The recommenders that are measured, each as a function from a known history to a ranking. */
import {
  type BlendWeights,
  blend,
  type Ease,
  ease,
  type InteractionMatrix,
  type ItemKnnOptions,
  type ItemNeighbors,
  interactionMatrix,
  itemKnn,
  type SparseRows,
} from '../../src/index.ts'
import { transpose } from '../../src/interactions.ts'
import { best } from '../../src/nearest.ts'

/** Ranks items (by number) for a visitor of whom these items are known. */
export type Rank = (known: readonly number[], k: number) => number[]

/** What a visitor's known items say about all others: touched items with their scores. */
export type Score = (known: readonly number[]) => Map<number, number>

/** A training set, with what every method asks of it. */
export interface Training {
  matrix: InteractionMatrix
  numbers: Map<string, number>
  /** How many visitors had to do with each item. */
  counts: Int32Array
  /** Items, most popular first. */
  popular: number[]
}

/** Counts a training set. */
export function training(pairs: readonly (readonly [string, string])[]): Training {
  const unique = interactionMatrix(
    (function* () {
      for (const [user, item] of pairs) yield { user, item }
    })(),
  )
  // A pair that is told twice counts once: only that it was is known.
  const matrix = { ...unique, byUser: ones(unique.byUser), byItem: ones(unique.byItem) }
  const { starts } = matrix.byItem
  const counts = Int32Array.from(matrix.items, (_, item) => starts[item + 1]! - starts[item]!)
  return {
    matrix,
    numbers: new Map(matrix.items.map((id, i) => [id, i])),
    counts,
    popular: [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b),
  }
}

const ones = (rows: InteractionMatrix['byUser']): InteractionMatrix['byUser'] => ({
  ...rows,
  values: rows.values.map(() => 1),
})

/** The lists by the other end, as `speaksFor` has them, in rows of numbers: those of a large catalog are millions. */
function speaking({ of }: ItemNeighbors, items: number): SparseRows {
  const starts = new Int32Array(items + 1)
  let columns = new Int32Array(1 << 16)
  let values = new Float32Array(1 << 16)
  let size = 0
  for (let item = 0; item < items; item++) {
    for (const { item: known, similarity } of of(item)) {
      if (size === columns.length) {
        const [more, theirs] = [new Int32Array(2 * size), new Float32Array(2 * size)]
        more.set(columns)
        theirs.set(values)
        columns = more
        values = theirs
      }
      columns[size] = known
      values[size++] = similarity
    }
    starts[item + 1] = size
  }
  return transpose({ starts, columns: columns.subarray(0, size), values: values.subarray(0, size) }, items)
}

/** Scores by the product's table of neighbors. */
export function knnScore({ matrix }: Training, options: ItemKnnOptions): Score {
  const model = itemKnn(matrix, { neighbors: 200, ...options })
  const sums = new Float64Array(matrix.items.length)
  const { starts, columns, values } = speaking(model, matrix.items.length)
  return (known) => {
    const touched: number[] = []
    for (const one of known)
      for (let i = starts[one]!; i < starts[one + 1]!; i++) {
        const item = columns[i]!
        if (sums[item] === 0) touched.push(item)
        sums[item]! += values[i]!
      }
    const scores = new Map<number, number>()
    for (const item of touched) {
      scores.set(item, sums[item]!)
      sums[item] = 0
    }
    return scores
  }
}

/** Scores by whole rows of EASE. */
export function easeScore({ matrix }: Training, lambda: number): Score {
  const model: Ease = ease(matrix, { lambda })
  const rows = matrix.items.map((_, item) => model.row(item))
  return (known) => {
    const sums = new Float64Array(matrix.items.length)
    for (const one of known) {
      const row = rows[one]!
      for (let item = 0; item < sums.length; item++) sums[item]! += row[item]!
    }
    return new Map(sums.entries())
  }
}

/** The best `k` of the scores that are not known, filled up with what is popular. */
function top(
  scores: Map<number, number>,
  known: ReadonlySet<number>,
  k: number,
  popular: readonly number[],
): number[] {
  const kept = best(k)
  for (const [item, score] of scores) if (!known.has(item)) kept.offer(item, score)
  const list = kept.sorted().map(({ index }) => index)
  for (const item of popular) {
    if (list.length >= k) break
    if (!known.has(item) && !list.includes(item)) list.push(item)
  }
  return list
}

/** Ranks by a score alone; a visitor of whom nothing is known gets what is popular. */
export function rankBy(score: Score, { popular }: Training): Rank {
  return (known, k) => top(known.length > 0 ? score(known) : new Map(), new Set(known), k, popular)
}

/** Ranks by popularity alone. */
export function rankPopular({ popular }: Training): Rank {
  return (known, k) => top(new Map(), new Set(known), k, popular)
}

/** How each source is blended with popularity; chosen on validation splits. */
export const blendWeights: { knn: BlendWeights; ease: BlendWeights } = {
  knn: {},
  ease: { popularity: 1, fading: 1.3 },
}

/** Ranks by the blend of a score with popularity, among the 500 best of the one and the 200 best of the other. */
export function rankBlend(score: Score, { popular, counts }: Training, weights: BlendWeights): Rank {
  return (known, k) => {
    const there = new Set(known)
    const kept = best(500)
    for (const [item, value] of known.length > 0 ? score(known) : [])
      if (value > 0 && !there.has(item)) kept.offer(item, value)
    const neighbors = new Map(kept.sorted().map(({ index, score: value }) => [index, value]))
    const candidates = [...neighbors.keys(), ...popular.slice(0, 200 + known.length)]
    const popularity = new Map(
      candidates.filter((item) => !there.has(item)).map((item) => [item, counts[item]!]),
    )
    return blend({ neighbors, popularity, known: known.length, weights })
      .slice(0, k)
      .map(({ id }) => id)
  }
}
