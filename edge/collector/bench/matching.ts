/** Matching people: -- [--people 2000] [--decisions 20000]: how long the job computes, how long it holds up others, and whom it shows. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { breathing } from '../src/jobs/match.ts'
import { findMatches } from '../src/match/find-matches.ts'
import type { Participant } from '../src/match/wishes.ts'

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '2000' },
    decisions: { type: 'string', default: '20000' },
  },
})
const count = Number(values.people)

let seed = 7
const random = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
const words = Array.from({ length: 30 }, (_, i) => `w${i}`)

const people: Participant[] = Array.from({ length: count }, (_, i) => ({
  id: `p${i}`,
  tags: [pick(words), pick(words), pick(words)],
  attributes: {
    age: 40 + Math.floor(random() * 40),
    town: pick(words),
    languages: [pick(['ko', 'en', 'ja'])],
    interests: [pick(words), pick(words)],
    height: 150 + random() * 40,
    ...(i % 3 === 0 && { wants: { age: { $gte: 45 } } }),
  },
}))
const charm = people.map(() => random())
const decisions = Array.from({ length: Number(values.decisions) }, () => {
  const [from, to] = [Math.floor(random() * count), Math.floor(random() * count)]
  return { from: `p${from}`, to: `p${to}`, yes: random() < 0.6 * charm[to]! }
}).filter(({ from, to }) => from !== to)

const delay = monitorEventLoopDelay({ resolution: 1 })
const began = process.cpuUsage()
const started = performance.now()
delay.enable()
const found = await findMatches(people, decisions, { breathe: breathing() })
delay.disable()
const cpu = process.cpuUsage(began)

const shown = new Map<string, number>()
for (const { others } of found) for (const [id] of others.slice(0, 3)) shown.set(id, (shown.get(id) ?? 0) + 1)
const times = [...shown.values()].sort((a, b) => b - a)
const top = times.slice(0, Math.ceil(count / 100)).reduce((sum, one) => sum + one, 0)
console.log(`\n  ${count} people, ${decisions.length} decisions\n`)
console.log(
  `  ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s CPU, ${((performance.now() - started) / 1000).toFixed(1)} s in all`,
)
console.log(
  `  event loop held up: p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms, at most ${(delay.max / 1e6).toFixed(0)} ms`,
)
console.log(
  `  the most shown 1 % have ${((100 * top) / (3 * count)).toFixed(1)} % of the first three places (5.0 at most)\n`,
)
