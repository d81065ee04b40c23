/** A million events through the collector while a page tracks: memory stays flat, tables are what they should be. */
import { argument } from '../../../packages/nunchi/bench/rig/arguments.ts'
import { findChromium } from '../../../scripts/lib/chromium.ts'
import { memoryOf } from './lib/cpu.ts'
import { type BenchDatabase, startDatabase } from './lib/database.ts'
import { type Goal, median, printGoals, reached, short, writeJson } from './lib/goals.ts'
import { closedLoop, type Load, type Target } from './lib/load.ts'
import { openPage, type TrackingPage } from './lib/page.ts'
import { memoryFlags, startProgram } from './lib/program.ts'
import { type Expected, holds, shapeOf } from './lib/shape.ts'

/** One look at the memory, in bytes. */
interface Sample {
  rss: number
  heap: number
}

/** The last quarter's median over the second quarter's. */
function growth(values: number[]): number {
  const quarter = values.length / 4
  const part = (from: number, to: number) => median(values.slice(Math.floor(from), Math.floor(to)))
  return part(3 * quarter, values.length) / part(quarter, 2 * quarter)
}

/** Samples until `work` is done, twice a second; the page four times slower, since each look collects garbage. */
async function sampled(pid: number, page: TrackingPage | undefined, work: Promise<Load>) {
  const samples: Sample[] = []
  let done = false
  const ended = work.finally(() => {
    done = true
  })
  // Its rejection is thrown below, after the sampling has ended.
  ended.catch(() => {})
  for (let n = 0; !done; n++) {
    const heap = page && n % 4 === 0 ? await page.heap() : (samples.at(-1)?.heap ?? 0)
    samples.push({ rss: memoryOf(pid).rss, heap })
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  return { load: await ended, samples }
}

/** Calls of ingest, as the collector counts them. */
async function commitsOf({ url }: Target): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^nunchi_commit_batches_count (\d+)/m.exec(text)?.[1])
}

async function pageRows({ sql }: BenchDatabase): Promise<number> {
  const [row] = await sql`select count(*)::int as rows from nunchi.analytics_events where name = 'Soak Tick'`
  return Number(row?.['rows'])
}

interface Soaked {
  load: Load
  samples: Sample[]
  tracked: number
  commits: number
  shape: Expected[]
  faults: string[]
  page: string
}

async function soak(database: BenchDatabase, args: string[]): Promise<Soaked> {
  const program = await startProgram(database.appUrl, memoryFlags)
  const target = { url: program.url, key: database.key }
  const every = Number(argument(args, 'every', '50'))
  const page = findChromium() ? await openPage(target, every, () => pageRows(database)) : undefined
  try {
    const [events, size] = [
      Number(argument(args, 'events', '1000000')),
      Number(argument(args, 'size', '200')),
    ]
    const work = closedLoop(target, { clients: 4, size, events })
    const { load, samples } = await sampled(program.pid, page, work)
    const tracked = (await page?.finish()) ?? 0
    const commits = await commitsOf(target)
    const shape = await shapeOf(database, load.accepted + tracked, commits)
    const label = page?.label ?? 'no Chromium was found: no page tracked beside'
    return { load, samples, tracked, commits, shape, faults: program.faults, page: label }
  } finally {
    await page?.close()
    await program.stop()
  }
}

function goalsOf({ samples, load, faults, tracked }: Soaked): Goal[] {
  const rss = growth(samples.map((sample) => sample.rss))
  const heap = growth(samples.map((sample) => sample.heap))
  return [
    { what: 'collector memory, last quarter over second', figure: rss, goal: 1.1, unit: '×' },
    ...(tracked
      ? [{ what: "page's heap, last quarter over second", figure: heap, goal: 1.1, unit: '×' }]
      : []),
    { what: 'requests not acknowledged', figure: load.failed, goal: 0, unit: '' },
    { what: 'log lines of level error', figure: faults.length, goal: 0, unit: '' },
  ]
}

function printShape(shape: Expected[]): void {
  for (const one of shape) {
    const { what, figure, least, most, unit } = one
    const range = least === most ? `${least}` : `${least} to ${most}`
    console.log(
      `  ${holds(one) ? '✓' : '✗'} ${what}: ${least === most ? figure : short(figure)}${unit}; must be ${range}`,
    )
  }
}

function printMemory(samples: Sample[]): void {
  const quarter = (n: number) =>
    samples.slice(Math.floor((n * samples.length) / 4), Math.floor(((n + 1) * samples.length) / 4))
  const line = (key: keyof Sample) =>
    [0, 1, 2, 3].map((n) => `${short(median(quarter(n).map((one) => one[key])) / 1e6)} MB`).join(', ')
  console.log(`  collector, resident, by quarter: ${line('rss')}`)
  console.log(`  page, JavaScript heap, by quarter: ${line('heap')}\n`)
}

async function run(args: string[]): Promise<void> {
  const database = await startDatabase(argument(args, 'postgres'))
  try {
    const soaked = await soak(database, args)
    const { load, samples, tracked, commits, shape, faults, page } = soaked
    const { latencies, ...counts } = load
    console.log(
      `\n  ${load.accepted} events in ${short(load.seconds)} s (${short(load.accepted / load.seconds)} a second) over HTTP into ${database.label}, in ${commits} commits;`,
    )
    console.log(
      `  beside them ${tracked} events of a page: ${page}. The collector ran as node ${memoryFlags.join(' ')}.\n`,
    )
    printMemory(samples)
    const goals = goalsOf(soaked)
    printGoals(goals)
    printShape(shape)
    for (const line of faults.slice(0, 5)) console.error(`    ${line}`)
    const about = { bench: 'soak', database: database.label, page, tracked, commits }
    writeJson(argument(args, 'json'), { ...about, ...counts, samples, goals, shape })
    if (!goals.every(reached) || !shape.every(holds)) process.exitCode = 1
  } finally {
    await database.stop()
  }
}

await run(process.argv.slice(2))
