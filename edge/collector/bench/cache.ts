/** How often recommendations come from the cache: a Zipf trace of a shop's traffic through the collector, memory and Redis. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Recommendations } from '@nunchi/protocol'
import { openRedis } from '../deploy/node/redis.ts'
import type { Cache } from '../src/cache/cache.ts'
import type { Storage } from '../src/index.ts'
import { findRedis, startRedis } from '../test/redis.ts'
import { memoryDatabase, rig, someBatch, someEvent } from '../test/rig.ts'

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '10,100' },
    seconds: { type: 'string', default: '900' },
    exponent: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
})

/** The traffic: what is asked for, of 100 questions. The first two come from pages that servers render, or that name nobody. */
const mix = { similar: 60, trending: 15, user: 25 }
const [items, visitors] = [10_000, 50_000]
/** Of 100 personal questions, how many come right after the visitor did something. */
const acting = 20
const goal = 0.7

/** Mulberry32: uniform numbers from a seed. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Ranks from 0, the k-th as often as 1/k^s. */
function zipf(n: number, s: number, next: () => number): () => number {
  const sums = new Float64Array(n)
  let sum = 0
  for (let k = 0; k < n; k++) {
    sum += (k + 1) ** -s
    sums[k] = sum
  }
  return () => {
    const wanted = next() * sum
    let [low, high] = [0, n - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

type Kind = keyof typeof mix
type Tally = { [kind in Kind]: { asked: number; hits: number } }

/** A list as long as those that shops ask for. */
const list = Array.from({ length: 10 }, (_, n) => ({
  id: `item-${n}`,
  title: 'A chair of solid oak',
  tags: ['oak'],
}))

/** Plays the trace through a collector; the clock is the trace's. */
async function play(cache: Cache | undefined, rate: number): Promise<Tally> {
  const next = uniform(Number(values.seed))
  const [item, visitor] = [
    zipf(items, Number(values.exponent), next),
    zipf(visitors, Number(values.exponent), next),
  ]
  let clock = 1_800_000_000_000
  let read = 0
  const database = memoryDatabase()
  const storage: Storage = {
    ...database.storage,
    async call<Result>(fn: string, args: object): Promise<Result> {
      if (fn !== 'recommend') return database.storage.call<Result>(fn, args)
      read++
      const answer = {
        generated_at: new Date(clock).toISOString(),
        expires_at: new Date(clock + 300_000).toISOString(),
        recommendations: { products: { recommendationId: 'r', list: 'user', items: list } },
        neighbors: {},
      }
      return answer as unknown as Recommendations as Result
    },
  }
  const { collector, post, get } = await rig({
    storage,
    now: () => clock,
    rateLimit: false,
    log: () => {},
    ...(cache && { cache }),
  })
  const key = await database.addKey()
  const tally: Tally = {
    similar: { asked: 0, hits: 0 },
    trending: { asked: 0, hits: 0 },
    user: { asked: 0, hits: 0 },
  }
  for (let n = 0; n < rate * Number(values.seconds); n++) {
    clock += 1000 / rate
    const draw = next() * 100
    const kind: Kind =
      draw < mix.similar ? 'similar' : draw < mix.similar + mix.trending ? 'trending' : 'user'
    const anonymousId = `visitor-${visitor()}`
    if (kind === 'user' && next() * 100 < acting) {
      await post(someBatch([someEvent({ anonymousId, ts: clock })], { sentAt: clock }), { key })
      clock += 3_000 / rate
    }
    const about = {
      similar: `&context=item:item-${item()}`,
      trending: '',
      user: `&anonymousId=${anonymousId}`,
    }[kind]
    const before = read
    const response = await get(`/v1/recommendations?key=${key}&list=${kind}${about}`)
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    tally[kind].asked++
    if (read === before) tally[kind].hits++
  }
  await collector.close()
  return tally
}

const share = (hits: number, asked: number): string => `${((100 * hits) / Math.max(asked, 1)).toFixed(1)} %`

function print(name: string, rate: number, tally: Tally): number {
  const all = Object.values(tally)
  const hits = all.reduce((sum, one) => sum + one.hits, 0)
  const asked = all.reduce((sum, one) => sum + one.asked, 0)
  const parts = Object.entries(tally).map(([kind, one]) => `${kind} ${share(one.hits, one.asked)}`)
  console.log(
    `  ${name.padEnd(8)} ${String(rate).padStart(5)}/s ${String(asked).padStart(8)} questions  ${share(hits, asked).padStart(7)}   ${parts.join(' · ')}`,
  )
  return hits / asked
}

console.log(`
  ${values.seconds} s of a shop: ${items.toLocaleString('en')} items and ${visitors.toLocaleString('en')} visitors, both Zipf(${values.exponent}); of 100 questions
  ${mix.similar} for what is like an item, ${mix.trending} for what is trending (neither names a visitor), ${mix.user} for a visitor's own list, and
  of these ${acting} % right after the visitor did something. Goal at 100 questions a second: ${100 * goal} %.
`)
const found: { cache: string; rate: number; share: number }[] = []
const rates = values.rates.split(',').map(Number)
for (const rate of rates)
  found.push({ cache: 'memory', rate, share: print('memory', rate, await play(undefined, rate)) })
const binary = findRedis()
if (binary) {
  const redis = await startRedis(binary)
  const open = await openRedis(redis.url)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const rate = rates.includes(100) ? 100 : rates[0]!
  found.push({ cache: 'redis', rate, share: print('redis', rate, await play(open.cache, rate)) })
  await open.close()
  await redis.kill()
} else
  console.log(
    '  redis-server is not installed (Debian: apt-get install redis-server); only memory was measured.',
  )
if (values.json) writeFileSync(values.json, `${JSON.stringify(found, null, 2)}\n`)
const met = found
  .filter(({ rate, cache }) => rate === 100 && cache === 'memory')
  .every((one) => one.share >= goal)
console.log(met ? '\n  The goal is met.\n' : '\n  The goal is missed.\n')
process.exitCode = met ? 0 : 1
