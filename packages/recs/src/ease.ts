/** EASE: for small catalogs, the linear item-item model that is best in one step, without any learning by rounds. */
import type { InteractionMatrix } from './interactions.ts'
import { invertSpd } from './invert-spd.ts'
import type { ItemNeighbors, Neighbor } from './item-knn.ts'
import { best } from './nearest.ts'

/** How EASE is fitted. */
export interface EaseOptions {
  /**
   * The ridge: how strongly weights are drawn towards 0. The longer the histories, the larger.
   * @default five times the mean number of items a visitor, 20 to 500
   */
  lambda?: number
  /** How many neighbors `of` answers: the items that speak most for one, with a positive weight. @default 200 */
  neighbors?: number
  /** Refuses larger catalogs: memory is 8·n² bytes (32 MB at 2,000), time grows with n³. @default 5_000 */
  maxItems?: number
}

/** The weights of EASE, as neighbors and as whole rows. */
export interface Ease extends ItemNeighbors {
  /** The weight of `item` in the score of every item; negative ones too. Its own is 0. */
  row(item: number): Float64Array
}

/** XᵀX + λ·I. */
function gram(
  { items, byUser: { starts, columns, values } }: InteractionMatrix,
  lambda: number,
): Float64Array {
  const n = items.length
  const sums = new Float64Array(n * n)
  for (let user = 0; user + 1 < starts.length; user++)
    for (let i = starts[user]!; i < starts[user + 1]!; i++)
      for (let j = starts[user]!; j < starts[user + 1]!; j++)
        sums[columns[i]! * n + columns[j]!]! += values[i]! * values[j]!
  for (let i = 0; i < n; i++) sums[i * n + i]! += lambda
  return sums
}

/** What suited long and short histories: 5 · interactions ÷ visitors. */
const usualLambda = ({ users, byUser }: InteractionMatrix): number =>
  Math.max(20, Math.min(500, (5 * byUser.columns.length) / Math.max(1, users.length)))

/**
 * EASE, yielding the share that is done so that a job can let others run between: B = I − P·diag(1 ÷ diag P) with
 * P = (XᵀX + λ·I)⁻¹; a visitor's score of item j is Σᵢ xᵢ·Bᵢⱼ over the visitor's items i.
 *
 * Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), equation 8.
 *
 * Not for catalogs of more than some thousands of items: use `itemKnn` there.
 *
 * @throws RangeError where there are more than `maxItems` items, or lambda is not above 0
 */
export function* easeInSlices(matrix: InteractionMatrix, options: EaseOptions = {}): Generator<number, Ease> {
  const { lambda = usualLambda(matrix), neighbors = 200, maxItems = 5000 } = options
  const n = matrix.items.length
  if (!(lambda > 0)) throw new RangeError(`lambda is ${lambda}; it must be above 0.`)
  if (n > maxItems)
    throw new RangeError(
      `EASE over ${n} items would take ${Math.ceil((8 * n * n) / 2 ** 20)} MB and time that grows with the cube; at most ${maxItems} are allowed. Use itemKnn.`,
    )
  const inverse = gram(matrix, lambda)
  yield 0
  yield* invertSpd(inverse, n)
  const row = (item: number): Float64Array =>
    Float64Array.from({ length: n }, (_, j) =>
      j === item ? 0 : -inverse[item * n + j]! / inverse[j * n + j]!,
    )
  return {
    row,
    of(item): Neighbor[] {
      const top = best(neighbors)
      for (let j = 0; j < n; j++) {
        const weight = -inverse[j * n + item]! / inverse[item * n + item]!
        if (j !== item && weight > 0) top.offer(j, weight)
      }
      return top.sorted().map(({ index, score }) => ({ item: index, similarity: score }))
    },
  }
}

/** EASE in one go; see `easeInSlices`. */
export function ease(matrix: InteractionMatrix, options: EaseOptions = {}): Ease {
  const slices = easeInSlices(matrix, options)
  for (let slice = slices.next(); ; slice = slices.next()) if (slice.done) return slice.value
}
