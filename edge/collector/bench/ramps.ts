/** Simulated ramps with nothing wrong and with a planted harm: how often each is rolled back (-- --runs 500 --seed N). */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { inAgainstOut } from './lib/plain-rollout.ts'
import { type Scenario, simulate } from './lib/ramp-simulation.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '20261123' },
    json: { type: 'string' },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)

interface Figure {
  what: string
  share: number
  atLeast?: number
  atMost?: number
}

const shares = [100_000, 500_000, 1_000_000]
// Of 100,000 visitors a tenth has the new value, and as many are its control; then half and half.
const flag: Scenario = { kind: 'flag', shares, units: [20_000, 100_000], bases: [0.2, 0.2], lift: 0 }
const experiment: Scenario = {
  kind: 'experiment',
  shares,
  units: [100_000, 100_000, 100_000],
  bases: [0.2, 0.2, 0.2],
  lift: 0,
}
// Of 100,000 visitors a tenth takes part, half of them with the new variant.
const thin: Scenario = { ...experiment, units: [10_000, 50_000, 100_000] }
const drifting: Scenario = { ...flag, bases: [0.3, 0.12] }
const harm = { lift: -0.05 }

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const figures: Figure[] = []
const harmless = (what: string, scenario: Scenario) => {
  const { rolledBack, paused, peeked, milliseconds } = simulate(scenario, runs, seed)
  console.error(
    `  ${what}: ${milliseconds.toFixed(1)} ms a ramp; shares called broken ${percent(paused)}; by an ordinary test at each look ${percent(peeked)}`,
  )
  figures.push({ what: `nothing wrong, ${what}: rolled back`, share: rolledBack, atMost: 0.07 })
  return peeked
}
const harmed = (what: string, scenario: Scenario, atLeast?: number) => {
  const found = simulate({ ...scenario, ...harm }, runs, seed + 1)
  const bar = atLeast === undefined ? {} : { atLeast }
  figures.push({ what: `−5 %, ${what}: rolled back before 100 %`, share: found.beforeAll, ...bar })
  if (scenario.kind === 'experiment')
    figures.push({ what: `−5 %, ${what}: rolled back at all`, share: found.rolledBack, atLeast: 0.9 })
}

console.error(`\n  ${runs} ramps of each kind, 10 → 50 → 100 %, base rate 20 %, seed ${seed}\n`)
const peeked = harmless('a flag, 100,000 visitors a step', flag)
harmed('a flag, 100,000 visitors a step', flag, 0.9)
harmless('an experiment, 100,000 units in each step', experiment)
harmed('an experiment, 100,000 units in each step', experiment, 0.9)
harmless('an experiment, 100,000 visitors of whom a share takes part', thin)
harmed('an experiment, 100,000 visitors of whom a share takes part', thin, 0.9)
harmless('a flag, rates of 30 and 12 %', drifting)
harmed('a flag, rates of 30 and 12 %', drifting, 0.8)
harmless('a flag, three guardrails', { ...flag, guardrails: 3 })
harmed('a flag, one of three guardrails', { ...flag, guardrails: 3 }, 0.9)
for (const lift of [-0.05, -0.2])
  for (const [what, scenario] of Object.entries({
    'a flag': flag,
    'an experiment of whom a share takes part': thin,
  })) {
    const { treated } = simulate({ ...scenario, lift }, runs, seed + 2)
    console.error(
      `  ${100 * lift} %, ${what}: ${Math.round(treated).toLocaleString('en')} units have had it at the end`,
    )
  }
const rollout = inAgainstOut(runs, seed)
figures.push(
  { what: 'control: an ordinary test at each look, nothing wrong', share: peeked, atLeast: 0.07 },
  { what: 'in against out, 10 then 50 %, rate falling: by strata', share: rollout.strata, atMost: 0.07 },
  { what: 'control: the same in one pot', share: rollout.pooled, atLeast: 0.9 },
)

const holds = ({ share, atLeast = 0, atMost = 1 }: Figure): boolean => share >= atLeast && share <= atMost
console.log()
for (const figure of figures) {
  const bar = [
    figure.atLeast === undefined ? '' : `≥ ${percent(figure.atLeast)}`,
    figure.atMost === undefined ? '' : `≤ ${percent(figure.atMost)}`,
  ].join('')
  console.log(
    `${holds(figure) ? ' ' : '✗'} ${percent(figure.share).padStart(8)}  ${bar.padEnd(10)} ${figure.what}`,
  )
}
console.log()
if (values.json) writeFileSync(values.json, JSON.stringify({ runs, seed, figures }, null, 2))
if (!figures.every(holds)) process.exitCode = 1
