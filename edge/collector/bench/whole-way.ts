/** From simulated visitors to verdicts: planted effects are found, sums are those of a recount, verdicts and intervals come out as planned (-- --visitors 200000 --repetitions 240 --seed N). */
import { parseArgs } from 'node:util'
import { postgres } from '../src/storage/postgres.ts'
import { bigShop, type Finding } from './lib/big-shop.ts'
import { type Band, binomialBand } from './lib/binomial-band.ts'
import { startDatabase } from './lib/database.ts'
import { writeJson } from './lib/goals.ts'
import type { Banks } from './lib/river.ts'
import { levelAtEnd, type Outcome, plannedChance, playTrial, type Trial } from './lib/trials.ts'

const { values } = parseArgs({
  options: {
    visitors: { type: 'string', default: '200000' },
    repetitions: { type: 'string', default: '240' },
    /** Visitors of each repetition. */
    units: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '20261123' },
    postgres: { type: 'string', default: '' },
    json: { type: 'string', default: '' },
  },
})
const [visitors, repetitions, units, seed] = [
  values.visitors,
  values.repetitions,
  values.units,
  values.seed,
].map(Number) as [number, number, number, number]

const trials: readonly Trial[] = [
  { testing: 'fixed', lift: 0 },
  { testing: 'fixed', lift: 0.3 },
  { testing: 'fixed', lift: -0.3 },
  { testing: 'fixed', lift: 0.2 },
  { testing: 'group sequential', lift: 0 },
  { testing: 'group sequential', lift: 0.3 },
  { testing: 'group sequential', lift: -0.3 },
  { testing: 'fixed', lift: 0, lost: 0.5 },
]

/** A share that came out beside the counts that are no surprise. */
interface Share {
  what: string
  count: number
  of: number
  /** As planned, between 0 and 1. */
  planned: number
  band: Band
  /** Whether the bench fails where it lies outside. */
  judged: boolean
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const signed = (share: number): string => `${share > 0 ? '+' : ''}${percent(share)}`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const within = ({ count, band }: Share): boolean => count >= band.low && count <= band.high

function share(what: string, hits: readonly boolean[], chances: readonly number[], judged: boolean): Share {
  const planned = chances.reduce((sum, chance) => sum + chance, 0) / chances.length
  return {
    what,
    count: hits.filter(Boolean).length,
    of: hits.length,
    planned,
    band: binomialBand(chances, 0.99),
    judged,
  }
}

const isRight = ({ verdict, expected, agreement }: Finding): boolean =>
  verdict === expected && agreement.differences.length === 0 && agreement.kept === agreement.metrics

function tellFinding(one: Finding): void {
  const { experiment, lift, verdict, expected, units: seen, found, agreement } = one
  const interval = found
    ? `${found.lift === null ? '–' : signed(found.lift)} [${signed(found.low)}, ${signed(found.high)}]`
    : 'no numbers'
  console.log(
    `  ${isRight(one) ? '✓' : '✗'} ${experiment.padEnd(8)} planted ${signed(lift).padEnd(8)} found ${interval.padEnd(28)} ${verdict}${verdict === expected ? '' : `, not ${expected}`}; ${seen.toLocaleString('en')} units, in ${seconds(one.milliseconds)}`,
  )
  console.log(
    `      ${agreement.numbers} numbers of SQL (${agreement.kept} of ${agreement.metrics} metrics from kept sums) and of a recount: ${agreement.differences.length} differ`,
  )
  for (const difference of agreement.differences.slice(0, 5)) console.log(`      ${difference}`)
}

async function playBig(banks: Banks): Promise<Finding[]> {
  console.log(`\n  ${visitors.toLocaleString('en')} visitors, five experiments at once\n`)
  const { sent, findings, milliseconds } = await bigShop(banks, { visitors, seed })
  findings.forEach(tellFinding)
  console.log(
    `\n  ${sent.events.toLocaleString('en')} events, ${sent.duplicates.toLocaleString('en')} sent again and stored once; evaluated, ingested and processed in ${seconds(milliseconds.sent)}, sums prepared in ${seconds(milliseconds.prepared)}, recounted in ${seconds(milliseconds.recounted)}`,
  )
  return findings
}

function sharesOf(played: readonly { trial: Trial; outcome: Outcome }[]): Share[] {
  const chance = ({ trial }: { trial: Trial }): number => plannedChance(trial, units)
  const each = trials.flatMap((trial) => {
    const mine = played.filter((one) => one.trial === trial)
    if (mine.length === 0) return []
    const name = `${trial.testing}, ${trial.lost ? `${percent(trial.lost)} of exposures lost` : signed(trial.lift)}`
    const right = mine.map(({ outcome }) => outcome.right)
    return [share(`right: ${name}`, right, mine.map(chance), false)]
  })
  // Where exposures are lost, nothing is to be read.
  const read = played.filter(({ trial }) => !trial.lost)
  const ordersAt = read.map(({ trial }) => 1 - levelAtEnd(trial))
  return [
    ...each,
    share(
      'right verdicts, all',
      played.map(({ outcome }) => outcome.right),
      played.map(chance),
      true,
    ),
    share(
      'intervals of orders that hold what was planted',
      read.map(({ outcome }) => outcome.orders),
      ordersAt,
      true,
    ),
    share(
      'intervals of revenue that hold what was planted',
      read.map(({ outcome }) => outcome.revenue),
      ordersAt,
      true,
    ),
  ]
}

async function playTrials(banks: Banks): Promise<Share[]> {
  const from = performance.now()
  const played: { trial: Trial; outcome: Outcome }[] = []
  for (let n = 0; n < repetitions; n++) {
    const trial = trials[n % trials.length]!
    const outcome = await playTrial(banks, trial, { visitors: units, seed: seed + 1 + n })
    played.push({ trial, outcome })
  }
  const shares = sharesOf(played)
  const took = seconds(performance.now() - from)
  console.log(`\n  ${repetitions} repetitions of ${units.toLocaleString('en')} visitors each, in ${took}\n`)
  for (const one of shares)
    console.log(
      `  ${within(one) ? '✓' : one.judged ? '✗' : '·'} ${one.what}: ${one.count} of ${one.of} (${percent(one.count / one.of)}); planned ${percent(one.planned)}, 99 % band ${one.band.low} to ${one.band.high}`,
    )
  return shares
}

const db = await startDatabase(values.postgres)
try {
  const patient = { statementTimeoutMs: 600_000, callTimeoutMs: 600_000 }
  const banks: Banks = {
    owner: postgres(db.open(), { role: 'nunchi_owner', ...patient }),
    app: postgres(db.open(db.appUrl), patient),
  }
  console.log(`\n  ${db.label}, seed ${seed}`)
  const findings = visitors > 0 ? await playBig(banks) : []
  const shares = repetitions > 0 ? await playTrials(banks) : []
  console.log()
  writeJson(values.json, { server: db.label, visitors, repetitions, units, seed, findings, shares })
  const good = findings.every(isRight) && shares.every((one) => !one.judged || within(one))
  process.exitCode = good ? 0 : 1
} finally {
  await db.stop()
}
