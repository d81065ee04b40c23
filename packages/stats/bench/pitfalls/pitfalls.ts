/** Named pitfalls, each with what gbstats, PostHog and this package answer, and the truth: every figure is computed. */
import {
  early,
  fewValues,
  largeValues,
  liftBounds,
  liftCoverage,
  tail,
  twoAnswers,
  winsorized,
  zeroControl,
} from './counted.ts'
import type { Pitfall } from './pitfall.ts'
import { daily, metrics, ratio, sampleRatios, unrelated } from './simulated.ts'

/** Runs of what is simulated, and their seed: the table is the same wherever it is made. */
const plan = { runs: 2000, seed: 20261123 }

/** All pitfalls. */
export function pitfalls({ runs, seed }: { runs: number; seed: number } = plan): Pitfall[] {
  return [
    tail(),
    zeroControl(),
    twoAnswers(),
    liftCoverage(300, 0.05, 0.06, 'a lift’s interval'),
    liftCoverage(500, 0.01, 0.012, 'a lift’s interval, rare'),
    liftBounds(),
    largeValues(),
    early(),
    daily(runs, seed),
    sampleRatios(runs, seed + 4),
    metrics(runs / 4, seed + 1),
    ratio(runs / 4, seed + 2),
    unrelated(seed + 3),
    fewValues(),
    winsorized(),
  ]
}

/** The table of docs/statistics.md. */
export function pitfallsTable(): string {
  const rows = pitfalls().map((one) => [one.name, one.asked, one.gbstats, one.posthog, one.nunchi, one.truth])
  const heads = ['pitfall', 'asked', 'gbstats', 'PostHog', 'nunchi', 'truth']
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
