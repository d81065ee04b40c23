/** What the collector itself costs an event, besides the driver; and what checking events costs beside HTTP. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
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

async function start(what: 'bare' | 'ours'): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(import.meta.dirname, 'alone.ts'), [what], {
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

/** Measures both servers in turn, after a warm-up. */
export async function ownCost(size: number, { rounds, seconds }: { rounds: number; seconds: number }): Promise<OwnCost> {
  const servers = { bare: await start('bare'), ours: await start('ours') }
  const key = createKey('pub')
  const samples = { bare: [] as number[], ours: [] as number[] }
  try {
    for (let round = 0; round <= rounds; round++)
      for (const name of ['bare', 'ours'] as const) {
        const { child, url } = servers[name]
        const from = cpuOf(child.pid!)
        const load = await closedLoop({ url, key }, { clients: 8, size, seconds })
        if (load.failed) throw new Error(`${load.failed} of ${load.requests} requests failed (${name}).`)
        const cost = (1000 * (cpuOf(child.pid!) - from)) / load.accepted
        if (round > 0) samples[name].push(cost)
      }
  } finally {
    for (const { child } of Object.values(servers)) child.disconnect()
  }
  return {
    size,
    collector: median(samples.ours),
    bare: median(samples.bare),
    validation: validationCost(size),
  }
}
