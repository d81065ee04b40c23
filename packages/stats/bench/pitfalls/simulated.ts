/** Pitfalls that show over many experiments. */
import { cuped, jointMoments } from '../../src/index.ts'
import { normal, random } from '../simulation/random.ts'
import { alarms, eventsAsUnits, manyMetrics, peeking } from './looking.ts'
import { type Pitfall, percent } from './pitfall.ts'

/** Looking every day. */
export function daily(runs: number, seed: number): Pitfall {
  const found = peeking(runs, seed)
  return {
    name: 'peeking',
    asked: 'no effect, 20 looks: called significant at one of them',
    gbstats: `${percent(found.gbstats)} (its fixed test)`,
    posthog: `${percent(found.posthog)} (“check at any time”)`,
    nunchi: `${percent(found.group)} group sequential, ${percent(found.always)} always valid`,
    truth: 'at most 5.0 %',
  }
}

/** Testing the shares every day. */
export function sampleRatios(runs: number, seed: number): Pitfall {
  const found = alarms(runs, seed)
  return {
    name: 'sample ratio, every day',
    asked: 'shares as planned, 100 looks: called broken at one of them',
    gbstats: `${percent(found.chiSquare)} (chi-square below 0.001 each time)`,
    posthog: '–',
    nunchi: `${percent(found.sequential)} (sequential, below 0.01)`,
    truth: '0.1 % and 1.0 %, by their names',
  }
}

/** Many metrics. */
export function metrics(runs: number, seed: number): Pitfall {
  const found = manyMetrics(runs, seed)
  return {
    name: 'many metrics',
    asked: 'no effect, ten metrics: one at least called significant',
    gbstats: `${percent(found.gbstats)} (its default, no correction)`,
    posthog: percent(found.posthog),
    nunchi: `${percent(found.holm)} (Holm)`,
    truth: `at most 5.0 %; ${percent(1 - 0.95 ** 10)} without a correction`,
  }
}

/** Events taken for units. */
export function ratio(runs: number, seed: number): Pitfall {
  const found = eventsAsUnits(runs, seed)
  const delta = `${percent(found.delta)} (delta method)`
  return {
    name: 'a ratio of events',
    asked: `no effect on clicks per view: called significant; ${percent(found.events)} if views are taken for visitors`,
    gbstats: delta,
    posthog: delta,
    nunchi: delta,
    truth: '5.0 %',
  }
}

/** A covariate that tells nothing. */
export function unrelated(seed: number): Pitfall {
  const gauss = normal(random(seed))
  const arm = () => jointMoments(Array.from({ length: 2000 }, () => [10 + gauss(), gauss()]))
  const test = cuped(arm(), arm())
  if (!test.ok) throw new Error(test.reason)
  const takes = `variance ${(-100 * test.varianceReduction).toFixed(2)} %`
  return {
    name: 'CUPED, an unrelated covariate',
    asked: 'what it takes off the variance, 2,000 each',
    gbstats: `${takes} (the same formula)`,
    posthog: '–',
    nunchi: takes,
    truth: '0 %: nothing is won, and nothing lost',
  }
}
