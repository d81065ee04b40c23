/** Fuzzes POST /v1/events over a real schema: `-- --minutes 60` for an hour, `-- --seed N` to replay a chapter. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fuzz } from '../test/security/fuzz/fuzz.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    json: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('--minutes takes a number above 0, --seed a whole number.')
  process.exit(1)
}

console.log(`seed ${seed}, ${minutes} min`)
const { faults, statuses, codes, ...counts } = await fuzz({ seed, ms: minutes * 60_000 })
console.table({ ...counts, slowestMs: Math.round(counts.slowestMs), faults: faults.length })
console.table(statuses)
console.table(codes)
for (const sentence of faults) console.error(`\n${sentence}`)
console.log('goal: 0 faults. A fault names the seed of its chapter: npm run bench fuzz -- --seed N')
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ seed, minutes, ...counts, statuses, codes, faults }, null, 2)}\n`,
  )
process.exitCode = faults.length > 0 ? 1 : 0
