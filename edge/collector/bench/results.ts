/** What an experiment's results cost on a million exposures and ten million events: built, taken in, asked for, and by which plans. */
import { parseArgs } from 'node:util'
import { uuidv7 } from '@nunchi/protocol'
import { metricPlan } from '../src/results/metric-plan.ts'
import { postgres } from '../src/storage/postgres.ts'
import { cpuOf } from './lib/cpu.ts'
import { startDatabase } from './lib/database.ts'
import { type Goal, median, printGoals, reached, short, writeJson } from './lib/goals.ts'
import { fillEvents, judgedBy, publishPrice } from './lib/results-world.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'string', default: '' },
    scale: { type: 'string', default: '1' },
    postgres: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
  },
})
const scale = Number(values.scale)
const size = { exposures: Math.round(1_000_000 * scale), events: Math.round(10_000_000 * scale) }
const db = await startDatabase(values.postgres)
const patient = { role: 'nunchi_owner', statementTimeoutMs: 3_600_000, callTimeoutMs: 3_600_000 } as const
const asking = db.open()
const owner = postgres(asking, patient)
const serving = db.open(db.appUrl)
const app = postgres(serving)
const about = { projectId: db.projectId, environment: 'production', experiment: 'price' }
const plans = Object.values(judgedBy).map(metricPlan)
const nextId = uuidv7()

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
}

/** What something cost: in all, and of it on a CPU of the database. */
interface Cost {
  wall: number
  cpu: number
}

/** The process behind a connection. */
async function behind(sql: typeof serving): Promise<number> {
  const [row] = await sql`select pg_backend_pid() as pid`
  return Number(row?.['pid'])
}
const [askingPid, servingPid] = [await behind(asking), await behind(serving)]

async function costOf(pid: number, run: () => Promise<unknown>): Promise<Cost> {
  const before = cpuOf(pid)
  const wall = await timed(run)
  return { wall, cpu: cpuOf(pid) - before }
}

/** All that `GET /v1/experiments/price/results` asks of the database. */
async function ask(): Promise<void> {
  await owner.call('results_frame', about)
  for (const plan of plans) {
    const { prepared } = await owner.call<{ prepared: boolean }>('summarize', { ...about, revision: 1, plan })
    if (!prepared) throw new Error('A metric was read from raw events.')
  }
}

/** Brings the kept sums up to date, as the collector's worker does. */
async function prepare(): Promise<void> {
  while ((await app.call<{ more: boolean }>('prepare_results', { budgetMs: 3_000 })).more);
}

/** A hundred new exposures and a thousand events, through `ingest()` and `process()`; answers what processing cost. */
async function goOn(version: string, round: number): Promise<Cost> {
  const now = Date.now()
  const base = { type: 'track', ts: now, tab: 't', seq: 0, sdk: 's' }
  const exposures = Array.from({ length: 100 }, (_, i) => {
    const unit = `new ${round} ${i}`
    const variant = i % 2 ? 'first' : 'control'
    const properties = {
      experiment: 'price',
      variant,
      revision: 1,
      configVersion: version,
      attribute: 'anonymousId',
      unit,
    }
    return { ...base, id: nextId(), name: 'Experiment Viewed', anonymousId: unit, properties }
  })
  const deeds = Array.from({ length: 1_000 }, (_, i) => ({
    ...base,
    id: nextId(),
    name: i % 5 ? 'Product Added' : 'Order Completed',
    anonymousId:
      i % 10 ? `v${1 + ((i * 7919 + round * 104_729) % size.exposures)}` : `new ${round} ${i % 100}`,
    properties: { revenue: i % 90 },
  }))
  const batch = { keyHash: db.keyHash, receivedAt: now, sentAt: now, context: {}, dropped: {}, rejects: [] }
  const events = [...exposures, ...deeds]
  await app.call('ingest', {
    batches: [0, 1, 2].map((n) => ({
      ...batch,
      batch: nextId(),
      events: events.slice(n * 400, n * 400 + 400),
    })),
  })
  return costOf(servingPid, async () => {
    while ((await app.call<{ more: boolean }>('process', {})).more);
  })
}

/** The plan of each statement behind one summary, after new events. */
async function plansBehind(): Promise<string[]> {
  const heard: string[] = []
  const one = db.open(undefined, (message) => void heard.push(message))
  await one.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
    set auto_explain.log_level = notice; set role nunchi_owner`)
  await one.unsafe('select nunchi.summarize($1::text::jsonb)', [
    JSON.stringify({ ...about, revision: 1, plan: plans[0] }),
  ])
  return heard
}

/** Sequential scans of events that Postgres itself counted. */
async function scansOfEvents(): Promise<number> {
  // Sessions report what they did with a delay.
  await new Promise((resume) => setTimeout(resume, 1_500))
  const [row] = await db.sql`select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_all_tables
    where schemaname = 'nunchi' and relname like 'analytics_events%'`
  return Number(row?.['scans'])
}

const seconds = (ms: number) => `${short(ms / 1000)} s`

/** Bytes a row of a table takes, its indexes included. */
async function bytesOf(table: string): Promise<number> {
  const [row] = await db.sql.unsafe(
    `select pg_total_relation_size('nunchi.${table}') / greatest(count(*), 1)::float8 as bytes from nunchi.${table}`,
  )
  return Math.round(Number(row?.['bytes']))
}

/** Reads past events and builds all units, as the background does; says what that took. */
async function build(): Promise<number> {
  const { wall, cpu } = await costOf(servingPid, prepare)
  const rate = (ms: number) => short((size.exposures / ms) * 1000)
  console.log(
    `  past events read and units built in the background in ${seconds(wall)}, ${seconds(cpu)} on a CPU;`,
  )
  console.log(`  ${rate(wall)} exposures a second, ${rate(cpu)} a second of a CPU`)
  await db.sql.unsafe('vacuum analyze')
  console.log(`  ${await bytesOf('metric_facts')} bytes a fact, ${await bytesOf('result_units')} a unit\n`)
  return cpu
}

interface Rounds {
  process: Cost[]
  fold: Cost[]
  after: Cost[]
  unfolded: Cost[]
}

/** New events again and again: taken in by the worker before anybody asks, and by the question itself. */
async function rounds(version: string): Promise<Rounds> {
  const all: Rounds = { process: [], fold: [], after: [], unfolded: [] }
  for (let round = 0; round < Number(values.rounds); round++) {
    all.process.push(await goOn(version, 2 * round))
    all.fold.push(await costOf(servingPid, prepare))
    all.after.push(await costOf(askingPid, ask))
    all.process.push(await goOn(version, 2 * round + 1))
    all.unfolded.push(await costOf(askingPid, ask))
  }
  return all
}

const cpu = (costs: readonly Cost[]) => median(costs.map((one) => one.cpu))
const wall = (costs: readonly Cost[]) => median(costs.map((one) => one.wall))

async function told(version: string): Promise<number> {
  await goOn(version, 1_000)
  const behindOne = await plansBehind()
  const main = behindOne.find(
    (plan) => plan.includes('nunchi.result_sums s') && plan.includes('s.metric in (0'),
  )
  console.log(`\n${main ?? behindOne.join('\n\n')}\n`)
  return behindOne.filter((plan) => /Seq Scan on analytics_events/.test(plan)).length
}

async function run(): Promise<Goal[]> {
  const version = await publishPrice(db)
  console.log(`\n  made in ${seconds(await timed(() => fillEvents(db, version, size)))}`)
  const plain = [await goOn(version, 2_000), await goOn(version, 2_001), await goOn(version, 2_002)]
  for (const [key, definition] of Object.entries(judgedBy))
    await owner.call('set_metric', { projectId: db.projectId, key, definition })
  const built = await build()
  const scans = await scansOfEvents()
  const cold = await timed(ask)
  const { process, fold, after, unfolded } = await rounds(version)
  const sequential = await told(version)
  const summary = { ...about, revision: 1, plan: plans[1] }
  const by = await costOf(askingPid, () => owner.call('summarize', { ...summary, dimension: 'country' }))
  const series = await timed(() => owner.call('summarize', { ...summary, series: 'day' }))
  const both = (costs: readonly Cost[]) => `${short(wall(costs))} ms, ${short(cpu(costs))} on a CPU`
  console.log(`  process() of 1,100 events: ${both(process)}; without metrics ${both(plain)}
  taking them in: ${both(fold)}; asked right after: ${both(after)}; asked before: ${both(unfolded)}
  by country ${seconds(by.wall)}, ${seconds(by.cpu)} on a CPU; by day ${seconds(series)}\n`)
  const events = '1,000 events and 100 exposures'
  return [
    { what: `results of ${plans.length} metrics, first asked`, figure: cold, goal: 2_000, unit: ' ms' },
    { what: `${events}, taken in by the worker, on a CPU`, figure: cpu(fold), goal: 200, unit: ' ms' },
    { what: 'asked right after, median', figure: wall(after), goal: 200, unit: ' ms' },
    { what: `asked after ${events} that wait, median`, figure: wall(unfolded), goal: 200, unit: ' ms' },
    { what: 'of it on a CPU, median', figure: cpu(unfolded), goal: 200, unit: ' ms' },
    { what: 'by country, on a CPU', figure: by.cpu, goal: 4_000 * Math.max(scale, 0.25), unit: ' ms' },
    {
      what: 'building, on a CPU, an exposure and its events',
      figure: built / size.exposures,
      goal: 0.2,
      unit: ' ms',
    },
    {
      what: 'processing with metrics, of without, on a CPU',
      figure: cpu(process) / cpu(plain),
      goal: 2,
      unit: '×',
    },
    { what: 'plans with a sequential scan of events', figure: sequential, goal: 0, unit: '' },
    { what: 'sequential scans of events', figure: (await scansOfEvents()) - scans, goal: 0, unit: '' },
  ]
}

try {
  const goals = await run()
  console.log(
    `${db.label}, ${size.exposures.toLocaleString('en')} exposures, ${size.events.toLocaleString('en')} events`,
  )
  printGoals(goals)
  writeJson(values.json, { server: db.label, ...size, goals })
  process.exitCode = goals.every(reached) ? 0 : 1
} finally {
  await db.stop()
}
