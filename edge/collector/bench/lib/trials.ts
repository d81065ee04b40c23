/** Small experiments with planted effects, each its own project: what was planned of each, and what its results say. */
import { groupSequentialBounds, sampleSizeProportions } from '@nunchi/stats'
import { experimentResults } from '../../src/results/experiment-results.ts'
import type { MetricDefinition } from '../../src/results/metric.ts'
import { ownerResults } from '../../src/results/summary.ts'
import { basketMean, crowd, elsewhere } from './crowd.ts'
import { type Banks, openProject, sendCrowd } from './river.ts'

/** What is planted, and what was planned. */
export interface Trial {
  testing: 'fixed' | 'group sequential'
  lift: number
  /** The share of the second variant's exposures that never arrives. @default 0 */
  lost?: number
}

/** How a trial came out. */
export interface Outcome {
  right: boolean
  verdict: string
  /** Whether the interval holds the planted change: of the share who order, and of the revenue of a visitor. */
  orders: boolean
  revenue: boolean
}

/** The share who order, and who sign in. */
const base = 0.3
const signedIn = 0.1
const day = 86_400_000

/** Orders on a device that saw nothing are nobody's: what is left of a share. */
const counted = 1 - signedIn * elsewhere

const judgedBy: { [key: string]: MetricDefinition } = {
  orders: { name: 'Orders', kind: 'conversion', source: { event: 'Order Completed' } },
  revenue: {
    name: 'Revenue',
    kind: 'sum',
    source: { event: 'Order Completed', property: 'revenue' },
    role: 'secondary',
  },
}

/** Looks at every twentieth of the plan are taken to have been. */
const fractions = Array.from({ length: 20 }, (_, i) => (i + 1) / 20)

/** The level that is left to a single test at the end. */
export function levelAtEnd({ testing }: Trial): number {
  if (testing === 'fixed') return 0.05
  const bounds = groupSequentialBounds({ fractions })
  return bounds.ok ? bounds.nominalAlpha.at(-1)! : 0
}

/** The power for which so many units in each arm were planned, by the sample size that the statistics ask for. */
function plannedPower(control: number, treatment: number, perArm: number, alpha: number): number {
  let [low, high] = [0.001, 0.99999999]
  for (let i = 0; i < 60; i++) {
    const power = (low + high) / 2
    const size = sampleSizeProportions(control, treatment, { alpha, power })
    if (size.ok && size.pooled < perArm) low = power
    else high = power
  }
  return low
}

/** The chance of the right verdict, as planned. */
export function plannedChance(trial: Trial, visitors: number): number {
  const alpha = levelAtEnd(trial)
  if (trial.lost) return 1
  if (trial.lift === 0) return 1 - alpha
  const rate = base * counted
  return plannedPower(rate, rate * (1 + trial.lift), visitors / 2, alpha)
}

const rightVerdict = ({ lift, lost = 0 }: Trial): string =>
  lost > 0 ? 'broken: sample ratio' : lift > 0 ? 'ship' : lift < 0 ? 'roll back' : 'inconclusive'

/** Plays one, from the first visitor to the verdict. */
export async function playTrial(
  banks: Banks,
  trial: Trial,
  { visitors, seed }: { visitors: number; seed: number },
): Promise<Outcome> {
  const running = await openProject(
    banks,
    {
      trial: {
        name: 'Trial',
        hypothesis: 'It does what was planted.',
        status: 'running',
        revision: 1,
        variants: [
          { key: 'control', weight: 500_000, isControl: true },
          { key: 'changed', weight: 500_000 },
        ],
        testing: trial.testing,
        targetSampleSize: visitors,
      },
    },
    judgedBy,
  )
  const to = Date.now() - day
  const plan = { seed, visitors, base, signedIn, from: to - 5 * day, to, compiled: running.compiled }
  await sendCrowd(banks, running, crowd({ ...plan, planted: { trial } }))
  const { metrics, verdicts } = await experimentResults(ownerResults(banks.owner, running), {
    experiment: 'trial',
  })
  const truth = { orders: base * counted * trial.lift, revenue: base * counted * trial.lift * basketMean }
  const holds = (key: 'orders' | 'revenue'): boolean => {
    const [found] = metrics.find((one) => one.key === key)?.variants ?? []
    if (!found || 'noResult' in found) return false
    return found.interval.low <= truth[key] && truth[key] <= found.interval.high
  }
  const verdict = verdicts[0]?.verdict ?? 'none'
  return {
    verdict,
    right: verdict === rightVerdict(trial),
    orders: holds('orders'),
    revenue: holds('revenue'),
  }
}
