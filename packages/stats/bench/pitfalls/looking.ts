/** What looking every day, at many metrics, and at events as if they were visitors does: seeded simulations of nothing. */
import {
  adjustPValues,
  confidenceSequence,
  groupSequentialBounds,
  jointMoments,
  type Proportion,
  ratioMetric,
  sampleRatio,
  sampleRatioSequential,
  twoProportions,
} from '../../src/index.ts'
import { binomial, random } from '../simulation/random.ts'
import { gbstats, posthog } from './peers.ts'

const looks = 20
const perLook = 500

const sumsOf = ({ n, successes }: Proportion) => ({ n, sum: successes })
/** Significant as each says it: an interval of 95 % that leaves out zero. */
const clear = (answer: ReturnType<typeof gbstats>): boolean =>
  'interval' in answer && (answer.interval.low > 0 || answer.interval.high < 0)

/** The share of experiments without any effect that are called significant at one of 20 looks. */
export function peeking(
  runs: number,
  seed: number,
): { [who in 'gbstats' | 'posthog' | 'group' | 'always']: number } {
  const draw = binomial(random(seed), perLook, 0.1)
  const bounds = groupSequentialBounds({
    fractions: Array.from({ length: looks }, (_, i) => (i + 1) / looks),
  })
  if (!bounds.ok) throw new Error(bounds.reason)
  const stops = {
    gbstats: (a: Proportion, b: Proportion) => clear(gbstats(sumsOf(a), sumsOf(b))),
    posthog: (a: Proportion, b: Proportion) => clear(posthog(sumsOf(a), sumsOf(b))),
    group(a: Proportion, b: Proportion, look: number) {
      const test = twoProportions(a, b)
      return test.ok && Math.abs(test.z) >= bounds.z[look]!
    },
    always(a: Proportion, b: Proportion) {
      const test = twoProportions(a, b)
      if (!test.ok || test.seUnpooled === 0) return false
      const sequence = confidenceSequence({ difference: test.difference, se: test.seUnpooled }, a.n + b.n)
      return sequence.ok && sequence.pValue < 0.05
    },
  }
  const found = { gbstats: 0, posthog: 0, group: 0, always: 0 }
  for (let run = 0; run < runs; run++) {
    const [a, b] = [
      { n: 0, successes: 0 },
      { n: 0, successes: 0 },
    ]
    const stopped = new Set<keyof typeof found>()
    for (let look = 0; look < looks; look++) {
      for (const arm of [a, b]) {
        arm.n += perLook
        arm.successes += draw()
      }
      for (const who of Object.keys(stops) as (keyof typeof found)[])
        if (stops[who](a, b, look)) stopped.add(who)
    }
    for (const who of stopped) found[who] += 1 / runs
  }
  return found
}

/** The share of experiments with ten metrics, none of which changed, where at least one is called significant. */
export function manyMetrics(runs: number, seed: number): { [who in 'gbstats' | 'posthog' | 'holm']: number } {
  const draw = binomial(random(seed), 2000, 0.1)
  const found = { gbstats: 0, posthog: 0, holm: 0 }
  for (let run = 0; run < runs; run++) {
    const metrics = Array.from({ length: 10 }, () =>
      [draw(), draw()].map((successes) => ({ n: 2000, successes })),
    )
    const any = (clearOne: (a: Proportion, b: Proportion) => boolean) =>
      metrics.some(([a, b]) => clearOne(a!, b!)) ? 1 / runs : 0
    found.gbstats += any((a, b) => clear(gbstats(sumsOf(a), sumsOf(b))))
    found.posthog += any((a, b) => clear(posthog(sumsOf(a), sumsOf(b))))
    const tests = metrics.map(([a, b]) => twoProportions(a!, b!))
    const adjusted = adjustPValues(tests.map((test) => (test.ok ? test.pValue : 1)))
    if (adjusted.ok && adjusted.holm.some((p) => p < 0.05)) found.holm += 1 / runs
  }
  return found
}

/** Clicks per page view of visitors who differ: the error of a test on page views, and of one on visitors. */
export function eventsAsUnits(runs: number, seed: number): { events: number; delta: number } {
  const next = random(seed)
  const arm = () =>
    jointMoments(
      Array.from({ length: 400 }, () => {
        const views = 1 + Math.floor(-5 * Math.log(1 - next()))
        const own = next() < 0.3 ? 0.5 : 0.05
        return [Array.from({ length: views }, () => next()).filter((u) => u < own).length, views]
      }),
    )
  const found = { events: 0, delta: 0 }
  for (let run = 0; run < runs; run++) {
    const [a, b] = [arm(), arm()]
    const [x, y] = [a, b].map(({ n, means }) => ({
      n: Math.round(n * means[1]!),
      successes: Math.round(n * means[0]!),
    })) as [Proportion, Proportion]
    const naive = twoProportions(x, y)
    const delta = ratioMetric(a, b)
    if (naive.ok && naive.pValue < 0.05) found.events += 1 / runs
    if (delta.ok && delta.pValue < 0.05) found.delta += 1 / runs
  }
  return found
}

/** The share of experiments with the shares that were planned, that are called broken at one of 100 looks. */
export function alarms(runs: number, seed: number): { chiSquare: number; sequential: number } {
  const draw = binomial(random(seed), 100, 0.5)
  const found = { chiSquare: 0, sequential: 0 }
  for (let run = 0; run < runs; run++) {
    const arms = [0, 0]
    let [once, always] = [false, false]
    for (let look = 0; look < 100; look++) {
      const first = draw()
      arms[0]! += first
      arms[1]! += 100 - first
      const [chiSquare, sequential] = [sampleRatio(arms, [1, 1]), sampleRatioSequential(arms, [1, 1])]
      once ||= chiSquare.ok && chiSquare.pValue < 0.001
      always ||= sequential.ok && sequential.pValue < 0.01
    }
    if (once) found.chiSquare += 1 / runs
    if (always) found.sequential += 1 / runs
  }
  return found
}
