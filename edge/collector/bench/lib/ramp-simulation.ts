/** Simulated ramps: the job's own decisions on drawn counts, seeded, with what a naive reader would have done beside. */

import { binomial, random } from '../../../../packages/stats/bench/simulation/random.ts'
import { normalSf } from '../../../../packages/stats/src/distributions.ts'
import { decide } from '../../src/ramps/decide.ts'
import { brokenRatio, looksAt, progressOf } from '../../src/ramps/progress.ts'
import { type Ramp, type RampPlan, type StepUnits, watched, whole } from '../../src/ramps/ramp.ts'
import type { StepArm } from '../../src/ramps/strata.ts'

/** What is simulated. */
export interface Scenario {
  /** Shares in ppm; a flag's last is everybody, where nothing is compared. */
  shares: number[]
  kind: 'flag' | 'experiment'
  /** Units compared in each step. */
  units: number[]
  /** The control's rate in each step. */
  bases: number[]
  /** The relative change of the treatment. */
  lift: number
  /** How many guardrails there are, of which the first carries the change. @default 1 */
  guardrails?: number
}

/** How a simulated ramp ended. */
export interface Ended {
  state: 'done' | 'rolled back' | 'paused'
  /** The step in which it did, from 0. */
  step: number
  /** How many had the new value by then. */
  treated: number
  /** Whether an ordinary test at 5 % would have called the first guardrail hurt at one of the looks. */
  peeked: boolean
}

/** Draws binomials of any size near one that is summed once: exact, and fast. */
export function near(next: () => number, n: number, p: number): (size: number) => number {
  const least = Math.max(1, Math.floor(n - 5 * Math.sqrt(n)))
  const draw = binomial(next, least, p)
  return (size) => {
    let sum = size >= least ? draw() : 0
    for (let left = size >= least ? size - least : size; left > 0; left--) if (next() < p) sum++
    return sum
  }
}

function planOf({ shares, kind, units, guardrails = 1 }: Scenario): RampPlan {
  const plan = {
    kind: 'share' as const,
    parts: [],
    fromMs: 0,
    windowMs: null,
    beforeMs: 0,
    cap: null,
    quantile: null,
  }
  return {
    steps: shares.map((share, i) => ({ share, coverage: share, leastMs: 0, leastUnits: units[i] ?? 1 })),
    guardrails: Array.from({ length: guardrails }, (_, i) => ({
      metric: `m${i}`,
      name: `m${i}`,
      direction: 'increase' as const,
      margin: 0,
      plan,
    })),
    alpha: 0.05,
    control: 'off',
    treatments: ['on'],
    weights: { on: whole / 2, off: whole / 2 },
    ...(kind === 'flag' ? { winner: 'on' } : {}),
  }
}

function begun(plan: RampPlan, kind: Scenario['kind']): Ramp {
  return {
    id: 'r',
    projectId: 'p',
    environment: 'production',
    kind,
    key: 'k',
    experiment: 'k',
    revision: 1,
    plan,
    state: 'running',
    step: 0,
    reason: { code: 'begun', en: '', ko: '' },
    turn: 1,
    actor: 'bench',
    startedAt: 0,
    updatedAt: 0,
    endedAt: null,
    now: 0,
    steps: [],
    looks: [],
  }
}

interface Draw {
  /** How many come until this look. */
  each: number
  arm: () => number
  sales: { on: (n: number) => number; off: (n: number) => number }
}

/** By step, then by look. */
type Draws = Draw[][]

/** What draws the counts of each step; made once for all runs. */
export function drawsOf({ units, bases, lift }: Scenario, next: () => number): (at: number) => Draws {
  const make = (change: number): Draws =>
    units.map((n, i) => {
      const base = bases[i]!
      return looksAt.map((at, look) => {
        const each = n * (at - (looksAt[look - 1] ?? 0))
        return {
          each,
          arm: binomial(next, each, 0.5),
          sales: { on: near(next, each / 2, base * (1 + change)), off: near(next, each / 2, base) },
        }
      })
    })
  const [changed, same] = [make(lift), lift === 0 ? undefined : make(0)]
  return (guardrail) => (guardrail === 0 ? changed : (same ?? changed))
}

interface World {
  units: StepUnits[]
  arms: StepArm[][]
}

/** Those come who come between two looks. */
function come({ units, arms }: World, step: number, look: number, draws: (at: number) => Draws): void {
  const { each, arm } = draws(0)[step]![look]!
  const on = arm()
  for (const [variant, n] of [
    ['on', on],
    ['off', each - on],
  ] as const) {
    const known = units.find((one) => one.step === step && one.variant === variant)
    if (known) known.units += n
    else units.push({ step, variant, units: n, multiple: 0 })
    for (const [at, list] of arms.entries()) {
      const sold = draws(at)[step]![look]!.sales[variant](n)
      const found = list.find((one) => one.step === step && one.variant === variant)
      const total = Number(found?.sum ?? 0) + sold
      const all = (found?.units ?? 0) + n
      const now: StepArm = {
        step,
        variant,
        units: all,
        active: total,
        sum: String(total),
        means: [total / all, 0],
        covariance: [
          [0, 0],
          [0, 0],
        ],
      }
      if (found) Object.assign(found, now)
      else list.push(now)
    }
  }
}

/** Runs one ramp from its first step to its end, as the job does. */
export function simulateRamp(scenario: Scenario, draws: (at: number) => Draws): Ended {
  const plan = planOf(scenario)
  const ramp = begun(plan, scenario.kind)
  const world: World = { units: [], arms: plan.guardrails.map(() => []) }
  let peeked = false
  const ended = (state: Ended['state'], step: number): Ended => {
    const treated = world.units.filter(({ variant }) => variant === 'on')
    return { state, step, peeked, treated: treated.reduce((sum, { units }) => sum + units, 0) }
  }
  for (;;) {
    const looked = ramp.looks.filter(({ step }) => step === ramp.step).length
    come(world, ramp.step, looked, draws)
    if (brokenRatio(ramp, world.units) !== undefined) return ended('paused', ramp.step)
    const progress = progressOf(ramp, world.units)
    if (!progress.due) throw new Error('A look was due.')
    const counted = plan.guardrails.map((guardrail, at) => ({
      guardrail,
      summary: { arms: world.arms[at]!, faults: { events: 0, example: null } },
    }))
    const { does, look } = decide(ramp, progress, counted)
    if (look) {
      const [test] = look.tests
      if (test && test.noResult === undefined) peeked ||= normalSf(test.z) < 0.05
      ramp.looks.push({ ...look, look: ramp.looks.length + 1, step: ramp.step, at: 0 })
    }
    if (does === 'roll back') return ended('rolled back', ramp.step)
    if (does === 'finish') return ended('done', watched(plan) - 1)
    if (does === 'advance') ramp.step++
  }
}

/** Shares of runs, of one scenario. */
export interface Shares {
  runs: number
  rolledBack: number
  /** In a step before the last, or before everybody has a flag. */
  beforeAll: number
  paused: number
  peeked: number
  /** Units that had the new value, on average. */
  treated: number
  milliseconds: number
}

/** Runs a scenario many times. */
export function simulate(scenario: Scenario, runs: number, seed: number): Shares {
  const draws = drawsOf(scenario, random(seed))
  const start = performance.now()
  const ends = Array.from({ length: runs }, () => simulateRamp(scenario, draws))
  const share = (of: (end: Ended) => boolean) => ends.filter(of).length / runs
  const last = scenario.kind === 'flag' ? scenario.shares.length : scenario.shares.length - 1
  return {
    runs,
    rolledBack: share(({ state }) => state === 'rolled back'),
    beforeAll: share(({ state, step }) => state === 'rolled back' && step < last),
    paused: share(({ state }) => state === 'paused'),
    peeked: share(({ peeked }) => peeked),
    treated: ends.reduce((sum, { treated }) => sum + treated, 0) / runs,
    milliseconds: (performance.now() - start) / runs,
  }
}
