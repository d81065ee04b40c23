/** What an event costs Postgres and the collector, beside plain inserts, COPY and Umami's way; events a second. */
import { argument } from '../../../packages/nunchi/bench/rig/arguments.ts'
import { table } from '../../../packages/nunchi/bench/rig/table.ts'
import { type BenchDatabase, settings, startDatabase } from './lib/database.ts'
import { type Goal, printGoals, short, writeJson } from './lib/goals.ts'
import { type OwnCost, ownCost } from './lib/own-cost.ts'
import { type RowCost, rowCosts } from './lib/row-cost.ts'
import { type Through, through } from './lib/through.ts'
import { openWays, type Way, type WayName } from './lib/ways.ts'

const sizes = [20, 500]
const clientCounts = { 1: 32, 20: 16, 500: 4 }

function rowGoals(costs: RowCost[]): Goal[] {
  return sizes.flatMap((size) => {
    const of = (way: WayName) =>
      costs.find((cost) => cost.way === way && cost.size === size)?.cpu ?? Number.NaN
    const against = (way: WayName, says: string, goal: number): Goal => ({
      what: `Postgres CPU a row at batches of ${size}, of ${says}`,
      figure: of('nunchi') / of(way),
      goal,
      unit: '×',
    })
    return [
      against('plain', 'a plain insert without any key', 1.35),
      against('umami', "a row an event in Umami's shape", 0.2),
      against('copy', 'server-side COPY', 3),
    ]
  })
}

function ownGoals({ size, collector, bare, validation }: OwnCost): Goal[] {
  const at = `at batches of ${size}`
  return [
    {
      what: `the collector's own CPU an event ${at}, HTTP included`,
      figure: collector,
      goal: 8,
      unit: ' µs',
    },
    {
      what: `checking events, of HTTP + parse, ${at}`,
      figure: (100 * validation) / bare,
      goal: 15,
      unit: ' %',
    },
  ]
}

function printRows(ways: Way[], costs: RowCost[], label: string): void {
  const head = ['a row, by way', ...sizes.flatMap((size) => [`${size}: CPU µs`, 'WAL bytes', 'full pages ‰'])]
  const rows = ways.map(({ name }) => [
    name,
    ...sizes.flatMap((size) => {
      const cost = costs.find((one) => one.way === name && one.size === size)!
      return [short(cost.cpu), short(cost.wal), short(cost.images)]
    }),
  ])
  console.log(`\n${table([head, ...rows])}\n`)
  for (const { name, says } of ways) console.log(`  ${name.padEnd(8)} ${says}`)
  console.log(
    `\n  ${label} with ${settings.join(', ')}; synchronous_commit on. CPU of the connection's own backend. Each`,
  )
  console.log(
    '  size starts after a checkpoint: a page touched for the first time since goes into the log whole.\n',
  )
}

function printThrough(results: Through[]): void {
  const head = [
    'events a request',
    'clients',
    'events/s',
    'p50 ms',
    'p99 ms',
    'collector µs',
    'Postgres µs',
    'stored',
  ]
  const rows = results.map((one) => [
    String(one.size),
    String(one.clients),
    short(one.eventsPerSecond),
    short(one.p50),
    short(one.p99),
    short(one.collector),
    short(one.postgres),
    `${one.stored} of ${one.accepted}`,
  ])
  console.log(`${table([head, ...rows])}\n`)
  console.log(
    '  Over HTTP; clients, collector and Postgres share this machine. µs: CPU an event, the driver included.\n',
  )
}

async function measureThrough(database: BenchDatabase, args: string[]): Promise<Through[]> {
  const [seconds, profile] = [Number(argument(args, 'seconds', '8')), argument(args, 'profile')]
  const results: Through[] = []
  for (const [size, clients] of Object.entries(clientCounts))
    results.push(await through(database, { size: Number(size), clients, seconds, profile }))
  return results
}

/** Sentences on what is wrong, whatever it cost. */
async function wrongs(results: Through[]): Promise<string[]> {
  return results
    .filter(({ accepted, stored, failed }) => accepted !== stored || failed)
    .map((one) => `${one.stored} rows of ${one.accepted} acknowledged events; ${one.failed} requests failed.`)
}

async function run(args: string[]): Promise<void> {
  const parts = argument(args, 'only', 'rows,own,through').split(',')
  const database = await startDatabase(argument(args, 'postgres'))
  const goals: Goal[] = []
  const result: Record<string, unknown> = { bench: 'ingest', database: database.label, settings }
  try {
    if (parts.includes('rows')) {
      const ways = await openWays(database)
      const [rows, rounds] = [Number(argument(args, 'rows', '2000')), Number(argument(args, 'rounds', '5'))]
      const costs: RowCost[] = []
      for (const size of sizes) costs.push(...(await rowCosts(database, ways, { size, rows, rounds })))
      printRows(ways, costs, database.label)
      goals.push(...rowGoals(costs))
      result['rows'] = costs
    }
    if (parts.includes('own')) {
      const own = await ownCost(20, { rounds: 5, seconds: 2 })
      goals.push(...ownGoals(own))
      result['own'] = own
      console.log(
        `  CPU an event at batches of 20: collector ${short(own.collector)} µs, bare HTTP with JSON.parse ${short(own.bare)} µs, checking ${short(own.validation)} µs\n`,
      )
    }
    if (parts.includes('through')) {
      const results = await measureThrough(database, args)
      printThrough(results)
      result['through'] = results
      for (const sentence of await wrongs(results)) {
        console.error(`  ✗ ${sentence}`)
        process.exitCode = 1
      }
    }
    printGoals(goals)
    writeJson(argument(args, 'json'), { ...result, goals })
  } finally {
    await database.stop()
  }
}

await run(process.argv.slice(2))
