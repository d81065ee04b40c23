/** Recommendations on 30,000 visitors × 41,000 items with 1.6 million neighbors: how long each list takes, its plan, and what items cost processing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { uuidv7 } from '@nunchi/protocol'
import connect from 'postgres'
import { argument } from '../../../packages/nunchi/bench/rig/arguments.ts'
import { table } from '../../../packages/nunchi/bench/rig/table.ts'
import { postgres } from '../src/storage/postgres.ts'
import type { Storage } from '../src/storage/storage.ts'
import { cpuOf } from './lib/cpu.ts'
import { type BenchDatabase, settings, startDatabase } from './lib/database.ts'
import { type Goal, median, printGoals, quantile, short, writeJson } from './lib/goals.ts'

type Question = (i: number) => object

const visitor = (i: number): string => `v${1 + ((i * 7919) % 30_000)}`
const item = (i: number): string => `i${1 + ((i * 6007) % 41_000)}`

/** The lists, each for another visitor at each call. */
const questions: { [name: string]: Question } = {
  user: (i) => ({ list: 'user', types: ['products'], anonymousId: visitor(i) }),
  'user, all types': (i) => ({ list: 'user', anonymousId: visitor(i + 1e4) }),
  contextual: (i) => ({
    list: 'contextual',
    types: ['products'],
    anonymousId: visitor(i),
    context: { items: [item(i)] },
  }),
  similar: (i) => ({
    list: 'similar',
    types: ['products'],
    anonymousId: visitor(i),
    context: { items: [item(i)] },
  }),
  trending: (i) => ({ list: 'trending', types: ['products'], anonymousId: visitor(i), country: 'KR' }),
}

/** Fills the catalog; nobody waits for its checkpoints. */
async function fill({ sql, projectId }: BenchDatabase): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, 'lib/catalog.sql'), 'utf8')
  await sql.unsafe(text.replaceAll('$1', `'${projectId}'`))
  await sql.unsafe('vacuum')
}

interface Times {
  name: string
  wall: number[]
  cpu: number[]
  again: number[]
}

/** Asks so many times, each question once and then once more, when the answer is kept. */
async function time(database: BenchDatabase, name: string, ask: Question, count: number): Promise<Times> {
  const client = database.open(database.appUrl)
  const app = postgres(client)
  const [row] = await client.unsafe('select pg_backend_pid() as pid')
  const pid = Number(row?.['pid'])
  const times: Times = { name, wall: [], cpu: [], again: [] }
  const one = async (i: number): Promise<number> => {
    const started = performance.now()
    await app.call('recommend', { keyHash: database.keyHash, ...ask(i) })
    return performance.now() - started
  }
  for (let i = 0; i < count; i++) {
    const before = cpuOf(pid)
    times.wall.push(await one(i))
    times.cpu.push(cpuOf(pid) - before)
  }
  for (let i = 0; i < count; i++) times.again.push(await one(i))
  return times
}

/** The plans of a question's statements, as the server tells them. */
async function plansOf({ appUrl, projectId }: BenchDatabase): Promise<string[]> {
  const told: string[] = []
  const url = Object.assign(new URL(appUrl), { username: 'postgres', password: 'postgres' }).href
  const sql = connect(url, { max: 1, onnotice: (notice) => told.push(String(notice['message'])) })
  const context = { list: 'contextual', types: ['products'], context: { items: [item(7)] } }
  // Another length than was asked for before: a kept answer has no plan.
  const ask = { projectId, environment: 'production', anonymousId: visitor(7), limit: 12, ...context }
  try {
    await sql.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on; set client_min_messages = log; set role nunchi_owner`)
    await sql.unsafe('select nunchi.recommend_for($1::text::jsonb)', [JSON.stringify(ask)])
  } finally {
    await sql.end()
  }
  return told
}

/** Events about items, as visitors send them; without `items` they name nothing of the catalog. */
function visits(keyHash: string): (count: number) => object {
  const id = uuidv7()
  let n = 0
  return (count) => ({
    batch: id(),
    keyHash,
    receivedAt: Date.now(),
    sentAt: Date.now(),
    context: { ip: `20.0.${n % 250}.0/24` },
    dropped: {},
    rejects: [],
    events: Array.from({ length: count }, () => {
      n++
      const common = {
        id: id(),
        ts: Date.now(),
        tab: 't',
        seq: n,
        sessionId: `s${n % 500}`,
        sdk: 'nunchi/0.1.0',
      }
      return {
        ...common,
        type: 'track',
        name: n % 3 === 0 ? 'Item Viewed' : 'Element Clicked',
        anonymousId: `w${n % 500}`,
        page: { url: `https://shop.example/${n % 100}` },
        properties: { itemId: `i${1 + (n % 997)}` },
      }
    }),
  })
}

/** Backend CPU of processing so many events, in ms, by a connection of its own. */
async function processing(database: BenchDatabase, keyHash: string, count: number): Promise<number> {
  const client = database.open(database.appUrl)
  const app: Storage = postgres(client)
  const next = visits(keyHash)
  for (let sent = 0; sent < count; sent += 20) await app.call('ingest', { batches: [next(20)] })
  const [row] = await client.unsafe('select pg_backend_pid() as pid')
  const before = cpuOf(Number(row?.['pid']))
  for (let rows = 1; rows > 0; ) rows = (await app.call<{ rows: number }>('process', { rows: 250 })).rows
  return cpuOf(Number(row?.['pid'])) - before
}

/** What a catalog adds to processing: the same events in a project without one and in this. */
async function ratio(database: BenchDatabase, count: number): Promise<{ without: number; beside: number }> {
  const owner = postgres(database.sql, { role: 'nunchi_owner' })
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: 'Without items' })
  const hash = projectId.replaceAll('-', '').repeat(2)
  await owner.call('create_key', { projectId, environment: 'production', kind: 'pub', hash, hint: 'x' })
  const runs = { without: [] as number[], beside: [] as number[] }
  for (let round = 0; round < 3; round++) {
    runs.without.push(await processing(database, hash, count))
    runs.beside.push(await processing(database, database.keyHash, count))
  }
  return { without: median(runs.without), beside: median(runs.beside) }
}

async function run(args: string[]): Promise<void> {
  const count = Number(argument(args, 'count', '200'))
  const database = await startDatabase(argument(args, 'postgres'))
  try {
    await fill(database)
    const times: Times[] = []
    for (const [name, ask] of Object.entries(questions)) times.push(await time(database, name, ask, count))
    const rows = times.map(({ name, wall, cpu, again }) => [
      name,
      ...[
        wall[0]!,
        median(wall),
        quantile(wall, 0.95),
        quantile(cpu, 0.95),
        median(again),
        quantile(again, 0.95),
      ].map(short),
    ])
    console.log(`\n${table([['ms', 'first', 'median', 'p95', 'p95 CPU', 'kept, median', 'p95'], ...rows])}\n`)
    const plans = await plansOf(database)
    const main = plans.find((plan) => plan.includes('item_neighbors_reverse')) ?? ''
    if (args.includes('--plan')) console.log(main)
    const whole = new Set(
      plans.flatMap((plan) => plan.match(/Seq Scan on (items|interactions|item_\w+)/g) ?? []),
    )
    const { without, beside } = await ratio(database, 4_000)
    console.log(
      `  ${database.label} with ${settings.join(', ')}; ${count} visitors a list, each asked twice.\n`,
    )
    const goals: Goal[] = [
      ...times.map(({ name, wall }) => ({
        what: `${name}, p95`,
        figure: quantile(wall, 0.95),
        goal: 20,
        unit: ' ms',
      })),
      {
        what: 'statements of a list whose plan was not seen',
        figure: main === '' ? 1 : 0,
        goal: 0,
        unit: '',
      },
      { what: 'tables read whole', figure: whole.size, goal: 0, unit: '' },
      {
        what: 'processing with a catalog, of without (a third of the events names items)',
        figure: beside / without,
        goal: 2.5,
        unit: '×',
      },
    ]
    printGoals(goals)
    writeJson(argument(args, 'json'), {
      bench: 'recommend',
      database: database.label,
      settings,
      times,
      without,
      beside,
      goals,
    })
  } finally {
    await database.stop()
  }
}

await run(process.argv.slice(2))
