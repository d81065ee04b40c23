/** The operating bars: 10,000 events a minute for a minute, its answers, errors, memory, processing and log. */
import { argument } from '../../../packages/nunchi/bench/rig/arguments.ts'
import { cpuOf, memoryOf } from './lib/cpu.ts'
import { startDatabase } from './lib/database.ts'
import { type Goal, printGoals, quantile, reached, short, writeJson } from './lib/goals.ts'
import { openLoop } from './lib/load.ts'
import { memoryFlags, startProgram } from './lib/program.ts'

/** What was asked for. */
interface Settings {
  /** Events a minute. */
  rate: number
  seconds: number
  /** Events a request. */
  size: number
}

async function measure(settings: Settings, which: string) {
  const { rate, seconds, size } = settings
  const database = await startDatabase(which)
  const program = await startProgram(database.appUrl, memoryFlags)
  try {
    const target = { url: program.url, key: database.key }
    const load = await openLoop(target, { perSecond: rate / 60 / size, size, seconds })
    const { peak } = memoryOf(program.pid)
    const cpu = cpuOf(program.pid)
    const [row] = await database.sql`select count(*)::int as rows from nunchi.analytics_events`
    // What came last may take its average wait, and as much again.
    await new Promise((resolve) => setTimeout(resolve, 500))
    const [processed] = await database.sql`select sum(events)::int as events,
      (sum(latency_ms_sum) / sum(events))::float8 as wait, sum(failures)::int as failures from nunchi.processing_minutes`
    return {
      database: database.label,
      load,
      peak,
      cpu,
      stored: Number(row?.['rows']),
      processed: Number(processed?.['events']),
      failures: Number(processed?.['failures']),
      waitMs: Number(processed?.['wait']),
      faults: program.faults,
    }
  } finally {
    await program.stop()
    await database.stop()
  }
}

function goalsOf({
  load,
  peak,
  faults,
  waitMs,
  failures,
  stored,
  processed,
}: Awaited<ReturnType<typeof measure>>): Goal[] {
  return [
    { what: 'response, p95', figure: quantile(load.latencies, 0.95), goal: 500, unit: ' ms' },
    { what: 'collector memory, the most it was', figure: peak / 1e6, goal: 200, unit: ' MB' },
    { what: 'requests not acknowledged', figure: (100 * load.failed) / load.requests, goal: 1, unit: ' %' },
    { what: 'from commit to effects, average over events', figure: waitMs, goal: 100, unit: ' ms' },
    { what: 'events not yet processed at the end', figure: stored - processed, goal: 0, unit: '' },
    { what: 'claims that failed', figure: failures, goal: 0, unit: '' },
    { what: 'log lines of level error', figure: faults.length, goal: 0, unit: '' },
  ]
}

async function run(args: string[]): Promise<void> {
  const number = (name: string, fallback: string) => Number(argument(args, name, fallback))
  const settings = {
    rate: number('rate', '10000'),
    seconds: number('seconds', '60'),
    size: number('size', '1'),
  }
  const result = await measure(settings, argument(args, 'postgres'))
  const { load, stored, cpu, faults, database } = result
  const { latencies, ...counts } = load
  const quantiles = {
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
  }
  const perMinute = (60 * load.accepted) / load.seconds
  console.log(
    `\n  ${short(perMinute)} events a minute for ${short(load.seconds)} s, ${settings.size} a request, into ${database}, collector as node ${memoryFlags.join(' ')}:`,
  )
  console.log(
    `  response p50 ${short(quantiles.p50)}, p95 ${short(quantiles.p95)}, p99 ${short(quantiles.p99)} ms; the collector used ${short(cpu / 10 / load.seconds)} % of one CPU\n`,
  )
  const goals = goalsOf(result)
  printGoals(goals)
  const complete = stored === load.accepted
  console.log(`  ${complete ? '✓' : '✗'} rows stored: ${stored} of ${load.accepted} acknowledged`)
  for (const line of faults.slice(0, 5)) console.error(`    ${line}`)
  writeJson(argument(args, 'json'), {
    bench: 'kpi',
    database,
    settings,
    ...counts,
    ...quantiles,
    stored,
    goals,
  })
  if (!complete || !goals.every(reached)) process.exitCode = 1
}

await run(process.argv.slice(2))
