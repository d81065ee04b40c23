/** Sums over the visitors of pairs of items, in which a crowd of visitors counts as a few. */
import { type InteractionMatrix, type SparseRows, transpose } from './interactions.ts'

/** Crowds of visitors, and for how many visitors one of them may count. */
export interface Crowds {
  /** The number of a visitor's crowd; −1 for one who stands alone. */
  of(user: number): number
  /** Above 0. */
  most: number
}

/** Adds up, for one item, what its visitors' other items weigh, and for how many visitors they stand. */
export interface Sums {
  dots: Float64Array
  /** The largest say of one visitor or crowd in each of them. */
  largest: Float64Array
  support: Float64Array
  touched: number[]
}

/** How visitors are read: their rows, their weights, and the crowds among them (−1: by themselves). */
export interface Visitors {
  rows: SparseRows
  weights: Float64Array
  crowds: Int32Array
  most: number
}

/** Crowds larger than what they may count for; smaller ones need no care. */
function largeCrowds({ of, most }: Crowds, users: number): Int32Array {
  const sizes = new Map<number, number>()
  for (let user = 0; user < users; user++) sizes.set(of(user), (sizes.get(of(user)) ?? 0) + 1)
  return Int32Array.from({ length: users }, (_, user) =>
    of(user) >= 0 && sizes.get(of(user))! > most ? of(user) : -1,
  )
}

function add({ dots, largest, support, touched }: Sums, other: number, dot: number, visitors: number): void {
  if (support[other] === 0) touched.push(other)
  dots[other]! += dot
  if (dot > largest[other]!) largest[other] = dot
  support[other]! += visitors
}

/** One crowd's say: of each other item, so much less as the crowd is too large. */
function addCrowd(
  sums: Sums,
  { rows, weights, most }: Visitors,
  crowd: readonly { user: number; value: number }[],
): void {
  const theirs = new Map<number, { dot: number; visitors: number }>()
  for (const { user, value } of crowd)
    for (let i = rows.starts[user]!; i < rows.starts[user + 1]!; i++) {
      const said = theirs.get(rows.columns[i]!) ?? { dot: 0, visitors: 0 }
      theirs.set(rows.columns[i]!, said)
      said.dot += weights[user]! * value * rows.values[i]!
      said.visitors++
    }
  for (const [other, { dot, visitors }] of theirs)
    add(sums, other, dot * Math.min(1, most / visitors), Math.min(visitors, most))
}

/** Adds what all visitors of an item say of it and every other item, itself among them. */
export function addVisitors(sums: Sums, visitors: Visitors, byItem: SparseRows, item: number): void {
  const { rows, weights, crowds } = visitors
  const large = new Map<number, { user: number; value: number }[]>()
  for (let u = byItem.starts[item]!; u < byItem.starts[item + 1]!; u++) {
    const user = byItem.columns[u]!
    const value = byItem.values[u]!
    if (weights[user] === 0) continue
    const crowd = crowds[user]!
    if (crowd >= 0) large.set(crowd, [...(large.get(crowd) ?? []), { user, value }])
    else
      for (let i = rows.starts[user]!; i < rows.starts[user + 1]!; i++)
        add(sums, rows.columns[i]!, weights[user]! * value * rows.values[i]!, 1)
  }
  for (const crowd of large.values()) addCrowd(sums, visitors, crowd)
}

/** Each item's product with itself, crowds held back; `trim` leaves out the largest say. */
export function normsOf(
  { weights, crowds, most }: Visitors,
  byItem: SparseRows,
  trim: boolean,
): Float64Array {
  return Float64Array.from({ length: byItem.starts.length - 1 }, (_, item) => {
    let [sum, largest] = [0, 0]
    const say = (dot: number): void => {
      sum += dot
      largest = Math.max(largest, dot)
    }
    const large = new Map<number, { dot: number; visitors: number }>()
    for (let u = byItem.starts[item]!; u < byItem.starts[item + 1]!; u++) {
      const user = byItem.columns[u]!
      const dot = weights[user]! * byItem.values[u]! ** 2
      const said = large.get(crowds[user]!) ?? { dot: 0, visitors: 0 }
      if (crowds[user]! < 0) say(dot)
      else if (dot > 0) large.set(crowds[user]!, { dot: said.dot + dot, visitors: said.visitors + 1 })
    }
    for (const { dot, visitors } of large.values()) say(dot * Math.min(1, most / visitors))
    return trim ? sum - largest : sum
  })
}

/** The matrix in which all visitors of one crowd together weigh as the most it may count for; items as before. */
export function evened(matrix: InteractionMatrix, { of, most }: Crowds): InteractionMatrix {
  const sizes = new Map<number, number>()
  for (let user = 0; user < matrix.users.length; user++) sizes.set(of(user), (sizes.get(of(user)) ?? 0) + 1)
  const { starts, columns } = matrix.byUser
  const values = matrix.byUser.values.slice()
  for (let user = 0; user < matrix.users.length; user++) {
    // The product of two of a visitor's values is what counts.
    const part = of(user) < 0 ? 1 : Math.sqrt(Math.min(1, most / sizes.get(of(user))!))
    for (let i = starts[user]!; i < starts[user + 1]!; i++) values[i]! *= part
  }
  const byUser = { starts, columns, values }
  return { ...matrix, byUser, byItem: transpose(byUser, matrix.items.length) }
}

/** Reads visitors: what each weighs by the number of items, and whose crowd is large. */
export function visitorsOf(rows: SparseRows, weigh: (items: number) => number, crowds?: Crowds): Visitors {
  const users = rows.starts.length - 1
  return {
    rows,
    weights: Float64Array.from({ length: users }, (_, user) =>
      weigh(rows.starts[user + 1]! - rows.starts[user]!),
    ),
    crowds: crowds ? largeCrowds(crowds, users) : new Int32Array(users).fill(-1),
    most: crowds?.most ?? 0,
  }
}
