/** A rebuild of neighbors over a million interactions, and the memory that it took. Run by itself, in a process of its own. */
import { itemKnn, matrixBuilder } from '../src/index.ts'
import { seeded } from './random.ts'

/** What the rebuild took. */
export interface Rebuild {
  interactions: number
  users: number
  items: number
  neighbors: number
  seconds: number
  /** The most that the process ever held, in MB. */
  peakMb: number
}

/** 30,000 visitors × 41,000 items, popularity and histories with long tails, seeded; then every item's neighbors. */
export function rebuild(most: number, seed = 20261122): Rebuild {
  const random = seeded(seed)
  const builder = matrixBuilder()
  const began = performance.now()
  while (builder.size < most) {
    const user = Math.floor(30_000 * random() ** 2)
    const item = Math.floor(41_000 * random() ** 3)
    builder.add(`visitor-${user.toString(36)}`, `item-${item.toString(36)}`, 1 + Math.floor(3 * random()))
  }
  const matrix = builder.finish()
  const model = itemKnn(matrix, { neighbors: 100 })
  let neighbors = 0
  for (let item = 0; item < matrix.items.length; item++) neighbors += model.of(item).length
  return {
    interactions: most,
    users: matrix.users.length,
    items: matrix.items.length,
    neighbors,
    seconds: (performance.now() - began) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }
}

if (import.meta.main) console.log(JSON.stringify(rebuild(1_000_000)))
