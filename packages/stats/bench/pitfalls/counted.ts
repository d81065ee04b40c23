/** Pitfalls that one experiment shows. */
import {
  analyse,
  fisherExact,
  jointMoments,
  type Proportion,
  quantileDifference,
  relativeLift,
  scoreRatio,
  twoProportions,
  welch,
} from '../../src/index.ts'
import { coverage, fisherCounted, tailBySeries } from './exact.ts'
import { gbstats, type PeerAnswer, posthog, type Sums } from './peers.ts'
import { arms, chanceOf, type Pitfall, percent, pOf, sums, tell } from './pitfall.ts'

/** Where 1 − cdf has no digits left. */
export function tail(): Pitfall {
  const [a, b] = arms(1_000_000, 100_000, 104_000)
  const test = twoProportions(a, b)
  if (!test.ok) throw new Error(test.reason)
  // Pooled: the rate is 0.102.
  const z = 0.004 / Math.sqrt((0.102 * 0.898 * 2) / 1_000_000)
  return {
    name: 'p in the tail',
    asked: '100,000 against 104,000 of a million',
    gbstats: pOf(gbstats(sums(a), sums(b))),
    posthog: chanceOf(posthog(sums(a), sums(b))),
    nunchi: `p = ${tell(test.pValue)}`,
    truth: `p = ${tell(2 * tailBySeries(z))}`,
  }
}

/** Nobody converted in the control. */
export function zeroControl(): Pitfall {
  const [a, b] = arms(50, 0, 5)
  const test = fisherExact(a, b)
  if (!test.ok) throw new Error(test.reason)
  return {
    name: 'a control of zero',
    asked: '0 of 50 against 5 of 50',
    gbstats: pOf(gbstats(sums(a), sums(b))),
    posthog: chanceOf(posthog(sums(a), sums(b))),
    nunchi: `p = ${tell(test.twoSided)}`,
    truth: `p = ${tell(fisherCounted(a, b))}`,
  }
}

/** A relative and an absolute test that disagree. */
export function twoAnswers(): Pitfall {
  const [a, b] = arms(10, 1, 4)
  const test = fisherExact(a, b)
  if (!test.ok) throw new Error(test.reason)
  const [relative, absolute] = [gbstats(sums(a), sums(b)), gbstats(sums(a), sums(b), false)]
  return {
    name: 'small counts, two p',
    asked: '1 of 10 against 4 of 10',
    gbstats: `${pOf(relative)} (relative), ${pOf(absolute)} (absolute)`,
    posthog: chanceOf(posthog(sums(a), sums(b))),
    nunchi: `p = ${tell(test.twoSided)}`,
    truth: `p = ${tell(fisherCounted(a, b))}`,
  }
}

/** How often the interval of a lift holds it. */
export function liftCoverage(n: number, p: number, q: number, name: string): Pitfall {
  const peer = (answer: PeerAnswer) => ('refuses' in answer ? undefined : answer.interval)
  const koopman = (a: Proportion, b: Proportion) => {
    const r = scoreRatio(a, b)
    return r.ok ? { low: r.low - 1, high: r.high - 1 } : undefined
  }
  const holds = (share: number) => `holds it in ${percent(share)}`
  return {
    name,
    asked: `95 % interval of the lift, ${percent(p)} and ${percent(q)} of ${n}`,
    gbstats: holds(coverage(n, p, q, (a, b) => peer(gbstats(sums(a), sums(b))))),
    posthog: holds(coverage(n, p, q, (a, b) => peer(posthog(sums(a), sums(b))))),
    nunchi: holds(coverage(n, p, q, koopman)),
    truth: '95.0 %, by its name',
  }
}

/** An interval beyond what is possible. */
export function liftBounds(): Pitfall {
  const [a, b] = arms(40, 3, 12)
  const ratio = scoreRatio(a, b)
  if (!ratio.ok) throw new Error(ratio.reason)
  const show = (low: number, high: number) => `${percent(low)} … ${percent(high)}`
  const of = (answer: PeerAnswer) =>
    'refuses' in answer ? answer.refuses : show(answer.interval.low, answer.interval.high)
  const fisher = fisherCounted(a, b)
  return {
    name: 'interval against p',
    asked: '3 of 40 against 12 of 40: interval of the lift',
    gbstats: of(gbstats(sums(a), sums(b))),
    posthog: of(posthog(sums(a), sums(b))),
    nunchi: show(ratio.low - 1, ratio.high - 1),
    truth: `leaves out zero (Fisher’s p = ${tell(fisher)}), and no lift is below −100 %`,
  }
}

/** Sums of squares that cancel. */
export function largeValues(): Pitfall {
  const values = (shift: number) => Array.from({ length: 1000 }, (_, i) => 4e8 + (i % 3) + shift)
  const [x, y] = [values(0), values(1)]
  const naive = (some: number[]): Sums => ({
    n: some.length,
    sum: some.reduce((s, v) => s + v, 0),
    sumSquares: some.reduce((s, v) => s + v * v, 0),
  })
  const plain = (some: number[]) => {
    const { n, means, covariance } = jointMoments(some.map((v) => [v]))
    return { n, mean: means[0]!, variance: covariance[0]![0]! }
  }
  const test = welch(plain(x), plain(y))
  if (!test.ok) throw new Error(test.reason)
  // The same values without the 400 million, which are nothing to a difference, in whole numbers.
  const truth = welch(plain(x.map((v) => v - 4e8)), plain(y.map((v) => v - 4e8)))
  if (!truth.ok) throw new Error(truth.reason)
  return {
    name: 'large values, small spread',
    asked: '400,000,000 + 0, 1 or 2 against one more; 1,000 each',
    gbstats: pOf(gbstats(naive(x), naive(y))),
    posthog: chanceOf(posthog(naive(x), naive(y))),
    nunchi: `p = ${tell(test.pValue)}`,
    truth: `p = ${tell(truth.pValue)}`,
  }
}

/** A quantile whose neighbours are equal. */
export function fewValues(): Pitfall {
  const test = quantileDifference({ n: 1000, value: 1, se: 0 }, { n: 1000, value: 2, se: 0 })
  return {
    name: 'a median of few values',
    asked: 'medians 1 and 2 of whole numbers, whose order statistics are all equal',
    gbstats: 'none: zero variance',
    posthog: '–',
    nunchi: test.ok ? `p = ${tell(test.pValue)}` : `none: ${test.reason}`,
    truth: 'they differ, and this test cannot tell by how much',
  }
}

/** A cap that takes the effect away. */
export function winsorized(): Pitfall {
  // One visitor in a hundred orders for a shop: 1,000 in the control, 2,000 in the treatment; all others 10 to 14.
  const arm = (large: number) =>
    Array.from({ length: 2000 }, (_, i) => (i % 100 === 0 ? large : 10 + (i % 5)))
  const clipped = (some: number[], limit: number) => some.map((v) => Math.min(v, limit))
  const average = (some: number[]) => some.reduce((s, v) => s + v, 0) / some.length
  const [x, y] = [arm(1000), arm(2000)]
  const lift = (a: number[], b: number[]) => percent(average(b) / average(a) - 1)
  const moments = relativeLift(
    { n: 2000, mean: average(clipped(x, 500)), variance: 1 },
    { n: 2000, mean: average(clipped(y, 500)), variance: 1 },
  )
  if (!moments.ok) throw new Error(moments.reason)
  return {
    name: 'winsorising',
    asked: 'the lift, where large orders alone doubled',
    gbstats: `${lift(clipped(x, 14), clipped(y, 14))} (if capped at the 98th percentile)`,
    posthog: `${lift(clipped(x, 14), clipped(y, 14))} (if capped at the 98th percentile)`,
    nunchi: `${percent(moments.lift)} (a \`cap\` of 500), ${lift(x, y)} (none)`,
    truth: `${lift(x, y)}: a cap answers another question`,
  }
}

/** A tenth of the plan. */
export function early(): Pitfall {
  const [a, b] = arms(500, 50, 72)
  const answer = analyse(
    {
      variants: ['control', 'other'].map((key) => ({ key, weight: 1, units: 500 })),
      metrics: [{ key: 'buy', data: { kind: 'proportion', arms: [a, b] } }],
    },
    { plannedUnits: 10_000 },
  )
  const result = answer.ok ? answer.comparisons[0]?.result : undefined
  if (!answer.ok || !result?.ok) throw new Error('refused')
  return {
    name: 'the first day',
    asked: '50 against 72 of 500, a tenth of the plan',
    gbstats: pOf(gbstats(sums(a), sums(b))),
    posthog: `${chanceOf(posthog(sums(a), sums(b)))}: “safe to proceed”`,
    nunchi: `p = ${tell(result.pValue)}: ${answer.verdict}`,
    truth: `at a tenth of the plan a single test has a level of ${tell(answer.nominalAlpha)}`,
  }
}
