/** What a row costs Postgres by each way of writing: CPU of its backend, write-ahead log, full-page images. */
import { cpuOf } from './cpu.ts'
import type { BenchDatabase } from './database.ts'
import { median } from './goals.ts'
import type { Way, WayName } from './ways.ts'

/** A way's cost at one size of batch. */
export interface RowCost {
  way: WayName
  size: number
  rows: number
  /** CPU of the backend, in µs a row. */
  cpu: number
  /** Write-ahead log, in bytes a row, without full-page images' share where there were none. */
  wal: number
  /** Full-page images a thousand rows: pages touched for the first time since the checkpoint. */
  images: number
}

/** How much is written. */
export interface Plan {
  size: number
  /** Rows of each way in each round. */
  rows: number
  rounds: number
}

async function once(database: BenchDatabase, way: Way, { size, rows }: Plan): Promise<RowCost> {
  const batches = Array.from({ length: Math.ceil(rows / size) }, () => way.prepare(size))
  const before = await database.wal()
  const from = cpuOf(way.pid)
  for (const write of batches) await write()
  const spent = cpuOf(way.pid) - from
  // Backends report their statistics when they have been idle for a second, at the latest.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const after = await database.wal(before.at)
  const count = batches.length * size
  return {
    way: way.name,
    size,
    rows: count,
    cpu: (1000 * spent) / count,
    wal: after.bytes / count,
    images: (1000 * (after.images - before.images)) / count,
  }
}

/** Measures all ways in turn, `rounds` times over, so that a busy moment hits nobody alone; the medians. */
export async function rowCosts(database: BenchDatabase, ways: Way[], plan: Plan): Promise<RowCost[]> {
  const found = ways.map((): RowCost[] => [])
  // Plans are cached after five runs, and first pages made.
  for (const way of ways) for (let i = 0; i < 12; i++) await way.prepare(plan.size)()
  await database.sql`checkpoint`
  for (let round = 0; round < plan.rounds; round++)
    for (const [i, way] of ways.entries()) {
      process.stderr.write(
        `\r  batches of ${plan.size}, round ${round + 1} of ${plan.rounds}: ${way.name}  \x1b[K`,
      )
      found[i]!.push(await once(database, way, plan))
    }
  process.stderr.write('\r\x1b[K')
  return found.map((costs) => {
    const [first] = costs
    const middle = (key: 'cpu' | 'wal' | 'images') => median(costs.map((cost) => cost[key]))
    return { ...first!, cpu: middle('cpu'), wal: middle('wal'), images: middle('images') }
  })
}
