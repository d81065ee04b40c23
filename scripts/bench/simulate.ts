/** Simulated lives of the whole river: `-- --seeds 100000` for a night's worth, `-- --seed N` to replay one. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { simulate, type Verdict } from '../simulator/simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
})
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
if (!Number.isInteger(from) || !Number.isInteger(count) || count < 1) {
  console.error('--seed, --from and --seeds take whole numbers.')
  process.exit(1)
}

const totals = {
  lives: 0,
  durable: 0,
  stored: 0,
  dropped: 0,
  rejected: 0,
  duplicated: 0,
  faults: 0,
  failed: 0,
}
const failed: Verdict[] = []
for (let seed = from; seed < from + count; seed++) {
  const verdict = await simulate(seed)
  totals.lives++
  totals.faults += verdict.faults.length
  for (const name of ['durable', 'stored', 'dropped', 'rejected', 'duplicated'] as const)
    totals[name] += verdict[name]
  if (verdict.broken.length === 0) continue
  failed.push(verdict)
  console.error(`seed ${seed} (${verdict.faults.join(', ')}):\n  ${verdict.broken.slice(0, 5).join('\n  ')}`)
}
totals.failed = failed.length
console.table(totals)
console.log(`goal: 0 failed, 0 duplicated. Replay one: npm run bench simulate -- --seed N`)
if (values.json)
  writeFileSync(values.json, JSON.stringify({ ...totals, seeds: failed.map(({ seed }) => seed) }, null, 2))
process.exitCode = failed.length > 0 || totals.duplicated > 0 ? 1 : 0
