/** How long an experiment's results take on a million exposures and ten million events: when first asked, after new events, and by which plans. */
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
const app = postgres(db.open(db.appUrl))
const about = { projectId: db.projectId, environment: 'production', experiment: 'price' }
const plans = Object.values(judgedBy).map(metricPlan)
const nextId = uuidv7()

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
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

/** A hundred new exposures and a thousand events, through `ingest()` and `process()`. */
async function goOn(version: string, round: number): Promise<void> {
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
  while ((await app.call<{ more: boolean }>('process', {})).more);
}

/** The plan of each statement behind one summary, after new events. */
async function plansBehind(): Promise<string[]> {
  const told: string[] = []
  const one = db.open(undefined, (message) => void told.push(message))
  await one.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
    set auto_explain.log_level = notice; set role nunchi_owner`)
  await one.unsafe('select nunchi.summarize($1::text::jsonb)', [
    JSON.stringify({ ...about, revision: 1, plan: plans[0] }),
  ])
  return told
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

async function run(): Promise<Goal[]> {
  const version = await publishPrice(db)
  console.log(`\n  made in ${seconds(await timed(() => fillEvents(db, version, size)))}`)
  for (const [key, definition] of Object.entries(judgedBy))
    await owner.call('set_metric', { projectId: db.projectId, key, definition })
  console.log(`  past events read and units built in the background in ${seconds(await timed(prepare))}`)
  await db.sql.unsafe('vacuum analyze')
  const scans = await scansOfEvents()

  const cold = await timed(ask)
  const warm: number[] = []
  const work: number[] = []
  const [backend] = await asking`select pg_backend_pid() as pid`
  const behind: string[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    await goOn(version, round)
    const before = cpuOf(Number(backend?.['pid']))
    warm.push(await timed(ask))
    work.push(cpuOf(Number(backend?.['pid'])) - before)
  }
  await goOn(version, 1_000)
  behind.push(...(await plansBehind()))
  const main = behind.find((plan) => plan.includes('nunchi.result_sums s') && plan.includes('s.metric in (0'))
  console.log(`\n${main ?? behind.join('\n\n')}\n`)
  const sequential = behind.filter((plan) => /Seq Scan on analytics_events/.test(plan))
  const by = await timed(() =>
    owner.call('summarize', { ...about, revision: 1, plan: plans[1], dimension: 'country' }),
  )
  const series = await timed(() =>
    owner.call('summarize', { ...about, revision: 1, plan: plans[1], series: 'day' }),
  )
  console.log(
    `  by country ${seconds(by)}, by day ${seconds(series)}; each round: ${warm.map(short).join(', ')} ms,`,
  )
  console.log(`  of it ${work.map(short).join(', ')} ms on a CPU\n`)
  return [
    { what: `results of ${plans.length} metrics, first asked`, figure: cold, goal: 2_000, unit: ' ms' },
    {
      what: 'after 1,000 new events and 100 exposures, median',
      figure: median(warm),
      goal: 200,
      unit: ' ms',
    },
    { what: 'of it on a CPU, median', figure: median(work), goal: 200, unit: ' ms' },
    { what: 'plans with a sequential scan of events', figure: sequential.length, goal: 0, unit: '' },
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
