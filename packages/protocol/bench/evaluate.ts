/** What one evaluation of a 50/50 experiment with two conditions costs in CPU, beside the peers on this machine. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { installPeers } from '../../../scripts/lib/install-peers.ts'
import {
  eppo,
  growthbook,
  hashAlone,
  nunchi,
  openFeature,
  type Subject,
  statsig,
  type Visitor,
} from './evaluate/subjects.ts'

// Some runners hand their own `--` on.
const args = process.argv.slice(2).filter((argument) => argument !== '--')
const { values } = parseArgs({ args, options: { json: { type: 'string' } } })
const rounds = 9
const evaluations = 100_000

const visitors: Visitor[] = Array.from({ length: 10_000 }, (_, i) => ({
  id: `0193a5b0-${(i * 7919) % 10_000}-7000-8000-${String(i).padStart(12, '0')}`,
  country: i % 2 ? 'KR' : 'JP',
  age: 18 + (i % 60),
}))

/** Nanoseconds of CPU of one evaluation. */
async function cost({ evaluate }: Subject, times: number): Promise<number> {
  let blue = 0
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) {
    const answer = evaluate(visitors[i % visitors.length]!)
    if ((typeof answer === 'string' ? answer : await answer) === 'blue') blue++
  }
  const { user, system } = process.cpuUsage(before)
  // All meet both conditions; the peer without buckets gives the second arm to everybody.
  if (blue < times * 0.45) throw new Error(`Only ${blue} of ${times} evaluations gave the second arm.`)
  return ((user + system) * 1000) / times
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

installPeers(import.meta.dirname, 'about 12 MB')
// Statsig's Node client says on the console that it found no window; that is no result.
const subjects = [hashAlone, nunchi(), growthbook(), statsig(), await eppo(), await openFeature()]
const samples = subjects.map((): number[] => [])
for (const subject of subjects) await cost(subject, 20_000)
for (let round = 0; round < rounds; round++)
  for (const [i, subject] of subjects.entries()) samples[i]!.push(await cost(subject, evaluations))

const nanoseconds = samples.map(median)
const [hash = Number.NaN, ours = Number.NaN, theirs = Number.NaN] = nanoseconds
console.log('\n  CPU of one evaluation (50/50, two conditions; median of 9 rounds in turn)\n')
for (const [i, { name }] of subjects.entries())
  console.log(`  ${name.padEnd(40)} ${(nanoseconds[i]! / 1000).toFixed(3).padStart(8)} µs`)
const goals = [
  { what: 'one evaluation, µs', goal: '≤ 0.5', measured: ours / 1000, met: ours <= 500 },
  { what: 'faster than GrowthBook', goal: '≥ 5 ×', measured: theirs / ours, met: theirs / ours >= 5 },
  { what: 'of hashing the string alone', goal: '≤ 3 ×', measured: ours / hash, met: ours / hash <= 3 },
]
console.log('')
for (const { what, goal, measured, met } of goals)
  console.log(`  ${met ? 'met   ' : 'MISSED'} ${what.padEnd(30)} ${goal.padEnd(6)} ${measured.toFixed(2)}`)
if (values.json)
  writeFileSync(
    values.json,
    JSON.stringify(
      { nanoseconds: Object.fromEntries(subjects.map(({ name }, i) => [name, nanoseconds[i]])), goals },
      null,
      2,
    ),
  )
process.exit(goals.every(({ met }) => met) ? 0 : 1)
