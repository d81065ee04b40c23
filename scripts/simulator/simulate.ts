/** One simulated life: visitors, tabs, disks, network, collectors and a database, all failing as a seed says. */
import { limits } from '../../packages/protocol/src/index.ts'
import { installClock } from './clock.ts'
import type { Without } from './database.ts'
import { beginLife, type Life } from './life.ts'
import { randomFrom } from './random.ts'
import { step } from './steps.ts'

/** What a life came to. */
export interface Verdict {
  seed: number
  /** Events whose promise resolved as durable. */
  durable: number
  stored: number
  /** Events given up by the SDK, each reported. */
  dropped: number
  /** Events refused by the collector, each by name. */
  rejected: number
  /** Rows more than distinct events. */
  duplicated: number
  /** Kinds of faults that were on at some time. */
  faults: string[]
  /** Sentences; none where every promise was kept. */
  broken: string[]
}

/** How long everything may take to arrive once all is well, in ms. */
const recovery = 10 * 60_000

async function heal(life: Life): Promise<void> {
  life.network.mood = 'good'
  life.database.mood = 'good'
  for (const device of life.devices) {
    device.disk = 'good'
    device.skew = 0
    life.open(device)
  }
  for (const { tab } of life.tabs) tab.phase('show')
  await life.clock.pass(recovery)
}

/** Looks for broken promises once all is well. */
async function judge({ durable, dropped, database, devices, broken }: Life): Promise<void> {
  const { rows, ids, rejected } = database
  for (const id of durable)
    if (!ids.has(id) && !rejected.has(id) && !dropped.has(id)) broken.push(`${id} was durable and is lost`)
  if (rows.length > ids.size) broken.push(`${rows.length - ids.size} rows stand twice`)
  for (const device of devices) {
    const left = await device.store.count()
    if (left > 0)
      broken.push(`${left} events are still on the device ${recovery / 60_000} minutes after all is well`)
  }
  const last = new Map<string, number>()
  for (const { tab, seq, id } of [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (seq < (last.get(tab) ?? -1)) broken.push(`${id}: the order of tab ${tab} is not that of its calls`)
    last.set(tab, seq)
  }
  for (const row of rows)
    if (JSON.stringify(row).length > limits.maxEventBytes) broken.push(`${row.id} is larger than the limit`)
}

/**
 * Lives through one seed, and says what became of every event.
 *
 * @param without takes one protection out; the verdict must notice, over some seeds
 */
export async function simulate(seed: number, without?: Without): Promise<Verdict> {
  const random = randomFrom(seed)
  const clock = installClock(random)
  const life = beginLife(clock, random, without)
  try {
    for (let i = random.int(20, 60); i > 0; i--) await step(life)
    await heal(life)
    await judge(life)
    const { durable, dropped, broken, faults, database } = life
    return {
      seed,
      durable: durable.size,
      stored: database.rows.length,
      dropped: dropped.size,
      rejected: database.rejected.size,
      duplicated: database.rows.length - database.ids.size,
      faults: [...faults].filter((fault) => !fault.endsWith('good')),
      broken,
    }
  } finally {
    life.end()
    clock.uninstall()
  }
}
