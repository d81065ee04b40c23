/** What the collector itself costs an event, besides the driver; and what checking events costs beside HTTP. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createKey } from '@nunchi/protocol'
import { parseBatch } from '../../src/parse/batch.ts'
import { cpuOf } from './cpu.ts'
import { someBatch } from './events.ts'
import { median } from './goals.ts'
import { closedLoop } from './load.ts'

/** In µs of CPU an event, at one size of batch. */
export interface OwnCost {
  size: number
  /** The collector's process, HTTP included, over a storage that costs nothing. */
  collector: number
  /** HTTP and JSON.parse alone, in a process of its own. */
  bare: number
  /** Checking the parsed batch. */
  validation: number
}

interface Server {
  child: ChildProcess
  url: string
}

async function start(what: 'bare' | 'ours'): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./alone.ts', import.meta.url)), [what], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const [url] = (await once(child, 'message')) as [string]
  return { child, url }
}

/** Parsing and checking less parsing alone, in µs of CPU an event. */
function validationCost(size: number): number {
  const bodies = Array.from({ length: 200 }, () => JSON.stringify(someBatch(size)))
  const cost = (work: (body: string) => unknown) => {
    const from = process.cpuUsage()
    for (const body of bodies) work(body)
    const { user, system } = process.cpuUsage(from)
    return (user + system) / (bodies.length * size)
  }
  const rounds = Array.from({ length: 40 }, () => {
    const parsing = cost((body) => JSON.parse(body))
    return cost((body) => parseBatch(body, body.length)) - parsing
  })
  // The first rounds run before the code is compiled.
  return median(rounds.slice(10))
}

/** CPU of a server's process in µs an event, while 16 visitors send for `seconds`. */
async function costOf({ child, url }: Server, key: string, size: number, seconds: number): Promise<number> {
  const from = cpuOf(child.pid!)
  const load = await closedLoop({ url, key }, { clients: 16, size, seconds })
  if (load.failed) throw new Error(`${load.failed} of ${load.requests} requests failed at ${url}.`)
  return (1000 * (cpuOf(child.pid!) - from)) / load.accepted
}

/**
 * Measures both servers in turn, after a warm-up of twice a round. Of the rounds the cheapest counts: what else
 * runs on the machine only ever adds.
 */
export async function ownCost(
  size: number,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<OwnCost> {
  const [bare, ours] = [await start('bare'), await start('ours')]
  const key = createKey('pub')
  const samples = { bare: [] as number[], ours: [] as number[] }
  try {
    for (const server of [bare, ours]) await costOf(server, key, size, 2 * seconds)
    for (let round = 0; round < rounds; round++) {
      samples.bare.push(await costOf(bare, key, size, seconds))
      samples.ours.push(await costOf(ours, key, size, seconds))
    }
  } finally {
    for (const { child } of [bare, ours]) child.disconnect()
  }
  const [collector, least] = [Math.min(...samples.ours), Math.min(...samples.bare)]
  return { size, collector, bare: least, validation: validationCost(size) }
}
