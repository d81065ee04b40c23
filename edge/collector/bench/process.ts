/** What processing an event costs beside storing it: events a second by one worker and by four, and how long events wait at 10,000 a minute. */
import { argument } from '../../../packages/nunchi/bench/rig/arguments.ts'
import { table } from '../../../packages/nunchi/bench/rig/table.ts'
import { processQueue } from '../src/jobs/process.ts'
import { createLog } from '../src/log.ts'
import { postgres } from '../src/storage/postgres.ts'
import type { Storage } from '../src/storage/storage.ts'
import { startWorker } from '../src/worker.ts'
import { type BenchDatabase, settings, startDatabase } from './lib/database.ts'
import { type Goal, printGoals, short, writeJson } from './lib/goals.ts'
import { type Visits, visits } from './lib/visits.ts'

const batch = 20

/** Stores `count` events in batches; answers events a second. */
async function fill(app: Storage, next: Visits, count: number): Promise<number> {
  const started = performance.now()
  for (let stored = 0; stored < count; stored += batch) await app.call('ingest', { batches: [next(batch)] })
  return (count / (performance.now() - started)) * 1000
}

/** Drains the queue by so many workers at once; answers events a second. */
async function drainBy(database: BenchDatabase, workers: number): Promise<number> {
  const stores = Array.from({ length: workers }, () => postgres(database.open(database.appUrl)))
  const lines: string[] = []
  const log = createLog((line) => lines.push(line), 'warn')
  const started = performance.now()
  const done = await Promise.all(stores.map((storage) => processQueue(storage, log)))
  const seconds = (performance.now() - started) / 1000
  if (lines.length > 0) throw new Error(`Processing complained: ${lines[0]}`)
  return done.reduce((sum, one) => sum + one.events, 0) / seconds
}

interface Waits {
  mean: number
  p50: number
  p99: number
}

/** A steady stream of 10,000 events a minute, processed as a collector does; how long each batch waited. */
async function stream(database: BenchDatabase, next: Visits, seconds: number): Promise<Waits> {
  const [app, other] = [database.open(database.appUrl), database.open(database.appUrl)].map((one) =>
    postgres(one),
  )
  const waits: number[] = []
  const log = createLog((line) => console.log(line), 'warn')
  const run = async () => (await processQueue(other!, log, { observe: (ms) => waits.push(ms) })).done
  const worker = startWorker({ run, wakeMs: 10, idleMs: 1_000 })
  const everyMs = (60_000 * batch) / 10_000
  const started = performance.now()
  for (let sent = 1; sent * everyMs < seconds * 1000; sent++) {
    await app!.call('ingest', { batches: [next(batch)] })
    worker.wake()
    const pause = started + sent * everyMs - performance.now()
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  await worker.close()
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { mean: waits.reduce((sum, one) => sum + one, 0) / waits.length, p50: at(0.5), p99: at(0.99) }
}

async function differences({ sql }: BenchDatabase): Promise<number> {
  const owner = postgres(sql, { role: 'nunchi_owner', statementTimeoutMs: 600_000, callTimeoutMs: 600_000 })
  const [one] = await owner.call<{ differences: number; waiting: number }[]>('recount', {})
  return (one?.differences ?? 1) + (one?.waiting ?? 1)
}

async function run(args: string[]): Promise<void> {
  const count = Number(argument(args, 'events', '40000'))
  const database = await startDatabase(argument(args, 'postgres'))
  try {
    const next = visits(database.keyHash)
    const app = postgres(database.open(database.appUrl))
    const stored = await fill(app, next, count)
    const one = await drainBy(database, 1)
    await fill(app, next, count)
    const four = await drainBy(database, 4)
    const waits = await stream(database, next, Number(argument(args, 'seconds', '20')))
    const wrong = await differences(database)
    const rows = [
      ['stored, one connection, batches of 20', short(stored)],
      ['processed by one worker', short(one)],
      ['processed by four workers', short(four)],
    ]
    console.log(`\n${table([['', 'events/s'], ...rows])}\n`)
    console.log(`  ${database.label} with ${settings.join(', ')}. Differences found by recount: ${wrong}\n`)
    const goals: Goal[] = [
      {
        what: 'seconds to process a second of 2,000 events, one worker',
        figure: 2_000 / one,
        goal: 1,
        unit: '',
      },
      { what: 'processing an event, of storing it', figure: stored / one, goal: 1, unit: '×' },
      { what: 'wait at 10,000 events a minute, mean', figure: waits.mean, goal: 100, unit: ' ms' },
      { what: 'wait, median', figure: waits.p50, goal: 100, unit: ' ms' },
      { what: 'wait, 99 of 100', figure: waits.p99, goal: 500, unit: ' ms' },
      { what: 'differences to the raw events', figure: wrong, goal: 0, unit: '' },
    ]
    printGoals(goals)
    writeJson(argument(args, 'json'), {
      bench: 'process',
      database: database.label,
      settings,
      stored,
      one,
      four,
      waits,
      goals,
    })
  } finally {
    await database.stop()
  }
}

await run(process.argv.slice(2))
