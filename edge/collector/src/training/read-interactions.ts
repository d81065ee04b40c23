/** Reads who had to do with what out of the database, page by page, into a matrix. */
import { type Crowds, decay, type InteractionMatrix, matrixBuilder } from '@nunchi/recs'
import type { Storage } from '../storage/storage.ts'

/** A catalog: a project's environment. */
export interface Place {
  projectId: string
  environment: string
}

/** How interactions weigh; a part of the settings of recommendations. */
export interface Weighing {
  halfLifeDays: number
  /** For how many visitors those of one network may count. */
  networkCap: number
}

/** What training stands on. */
export interface Ground {
  matrix: InteractionMatrix
  crowds: Crowds
  /** Whether there was more than memory is meant to hold: the rest was left to the incremental neighbors. */
  cut: boolean
}

type Row = [actor: string, item: string, weight: number, lastAt: number, network: string | null]

/** What `nunchi.training_interactions` answers. */
interface Page {
  rows: Row[]
  next: [string, boolean] | null
}

/** A million interactions take about 100 MB while they are read. */
const mostInteractions = 3_000_000

const day = 86_400_000

/** Flat: who buys says little more than who looks, so that nobody can shout. */
const strengthOf = (weight: number): number => 1 + 0.1 * Math.log2(Math.min(8, Math.max(1, weight)))

/** The network of each actor's latest interaction, as a number. */
function networks() {
  const numbers = new Map<string, number>()
  const latest = new Map<string, { at: number; network: number }>()
  return {
    see(actor: string, at: number, network: string | null): void {
      const known = latest.get(actor)
      if (known && known.at >= at) return
      const number = network === null ? -1 : (numbers.get(network) ?? numbers.size)
      if (network !== null) numbers.set(network, number)
      latest.set(actor, { at, network: number })
    },
    of: (actor: string): number => latest.get(actor)?.network ?? -1,
  }
}

/**
 * Reads a catalog's interactions: strength = (1 + 0.1·log₂ weight) · 2^(−age ÷ 2 half-lives), with a weight from 1 to 8, as
 * the incremental neighbors have it; a product of two fades by one half-life. Yields how many were read.
 *
 * @param now what ages are counted to, in ms
 */
export async function* readInteractions(
  storage: Storage,
  place: Place,
  { halfLifeDays, networkCap }: Weighing,
  now: number,
): AsyncGenerator<number, Ground> {
  const builder = matrixBuilder()
  const crowd = networks()
  let after: Page['next'] | undefined
  do {
    const { rows, next }: Page = await storage.call('training_interactions', {
      ...place,
      limit: 10_000,
      ...(after ? { after } : {}),
    })
    for (const [actor, item, weight, lastAt, network] of rows) {
      builder.add(actor, item, strengthOf(Number(weight)) * decay(now - lastAt, 2 * halfLifeDays * day))
      crowd.see(actor, lastAt, network)
    }
    after = next
    yield builder.size
  } while (after && builder.size < mostInteractions)
  const matrix = builder.finish()
  const numbers = Int32Array.from(matrix.users, crowd.of)
  return { matrix, crowds: { of: (user) => numbers[user] ?? -1, most: networkCap }, cut: Boolean(after) }
}
