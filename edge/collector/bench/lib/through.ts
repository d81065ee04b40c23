/** Events from end to end: over HTTP, through the collector's program, into Postgres. */
import { cpuOf } from './cpu.ts'
import type { BenchDatabase } from './database.ts'
import { quantile } from './goals.ts'
import { closedLoop } from './load.ts'
import { startProgram } from './program.ts'

/** What came of it. */
export interface Through {
  size: number
  clients: number
  eventsPerSecond: number
  /** Of a request, in ms. */
  p50: number
  p99: number
  /** CPU of the collector's process with its driver, and of all of Postgres, in µs an event. */
  collector: number
  postgres: number
  accepted: number
  /** Rows that the table has more. */
  stored: number
  failed: number
}

async function postgresCpu({ sql }: BenchDatabase): Promise<Map<number, number>> {
  const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity where pid <> pg_backend_pid()`
  return new Map(rows.map(({ pid }) => [pid, cpuOf(pid)]))
}

async function rowsOf({ sql }: BenchDatabase): Promise<number> {
  const [row] = await sql`select count(*)::int as rows from nunchi.analytics_events`
  return Number(row?.['rows'])
}

/** Plays `clients` visitors for `seconds`, each with batches of `size`, after a warm-up of two seconds. */
export async function through(
  database: BenchDatabase,
  { size, clients, seconds, profile }: { size: number; clients: number; seconds: number; profile: string },
): Promise<Through> {
  const program = await startProgram(
    database.appUrl,
    profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
  )
  try {
    const target = { url: program.url, key: database.key }
    await closedLoop(target, { clients, size, seconds: 2 })
    const [rows, before, own] = [await rowsOf(database), await postgresCpu(database), cpuOf(program.pid)]
    const load = await closedLoop(target, { clients, size, seconds })
    const spent = cpuOf(program.pid) - own
    const after = await postgresCpu(database)
    const postgres = [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0)
    return {
      size,
      clients,
      eventsPerSecond: load.accepted / load.seconds,
      p50: quantile(load.latencies, 0.5),
      p99: quantile(load.latencies, 0.99),
      collector: (1000 * spent) / load.accepted,
      postgres: (1000 * postgres) / load.accepted,
      accepted: load.accepted,
      stored: (await rowsOf(database)) - rows,
      failed: load.failed,
    }
  } finally {
    await program.stop()
  }
}
