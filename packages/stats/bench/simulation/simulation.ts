/** Seeded A/A, power and coverage simulations of the statistics, each with the bar that it must hold. */
import {
  confidenceSequence,
  groupSequentialBounds,
  moments,
  type Proportion,
  proportionMoments,
  relativeLift,
  sampleSizeProportions,
  scoreDifference,
  scoreRatio,
  twoProportions,
  welch,
} from '../../src/index.ts'
import { gbstats, type PeerAnswer, posthog } from '../pitfalls/peers.ts'
import { binomial, normal, random } from './random.ts'

/** One simulated figure. */
export interface Figure {
  what: string
  /** The share of runs, between 0 and 1. */
  share: number
  runs: number
  /** Bars, both included; none where the figure is for comparison only. */
  atLeast?: number
  atMost?: number
}

const share = (runs: number, hit: (run: number) => boolean): number => {
  let hits = 0
  for (let run = 0; run < runs; run++) if (hit(run)) hits++
  return hits / runs
}

const arm = (n: number, successes: number): Proportion => ({ n, successes })
const sums = ({ n, successes }: Proportion) => ({ n, sum: successes })

/** Whether a peer's interval of 95 % leaves out zero. */
const clear = (answer: PeerAnswer): boolean =>
  'interval' in answer && (answer.interval.low > 0 || answer.interval.high < 0)

function fixedTests(runs: number, seed: number): Figure[] {
  const next = random(seed)
  const draw = binomial(next, 5000, 0.1)
  const rates = share(runs, () => {
    const r = twoProportions(arm(5000, draw()), arm(5000, draw()))
    return r.ok && r.pValue < 0.05
  })
  const gauss = normal(next)
  // Log-normal, as revenue is.
  const sample = () => moments(Array.from({ length: 200 }, () => Math.exp(0.5 * gauss())))
  const means = share(runs, () => {
    const r = welch(sample(), sample())
    return r.ok && r.pValue < 0.05
  })
  const peer = share(runs, () => clear(gbstats(sums(arm(5000, draw())), sums(arm(5000, draw())))))
  const bars = { runs, atLeast: 0.046, atMost: 0.054 }
  return [
    { what: 'A/A, fixed: rates (pooled score test, 10 % of 5,000)', share: rates, ...bars },
    { what: 'A/A, fixed: means (Welch, log-normal, 200)', share: means, ...bars },
    { what: 'A/A, fixed: rates by gbstats’ formula, beside', share: peer, runs },
  ]
}

/** Plays looks of equal size and says at which z each stood; true where any look stops. */
function stops(
  draw: () => number,
  drawB: () => number,
  looks: number,
  per: number,
  stop: (a: Proportion, b: Proportion, look: number) => boolean,
): boolean {
  const [a, b] = [arm(0, 0), arm(0, 0)]
  for (let look = 0; look < looks; look++) {
    a.n += per
    b.n += per
    a.successes += draw()
    b.successes += drawB()
    if (stop(a, b, look)) return true
  }
  return false
}

function sequentialTests(runs: number, seed: number): Figure[] {
  const next = random(seed)
  const fractions = [0.2, 0.4, 0.6, 0.8, 1]
  const draw = binomial(next, 2000, 0.1)
  const group = (spending: 'obrien-fleming' | 'pocock'): number => {
    const bounds = groupSequentialBounds({ fractions, spending })
    if (!bounds.ok) throw new Error(bounds.reason)
    return share(runs, () =>
      stops(draw, draw, 5, 2000, (a, b, look) => {
        const r = twoProportions(a, b)
        return r.ok && Math.abs(r.z) >= bounds.z[look]!
      }),
    )
  }
  const small = binomial(next, 500, 0.1)
  const looking = (p: (a: Proportion, b: Proportion) => number): number =>
    share(runs, () => stops(small, small, 30, 500, (a, b) => p(a, b) < 0.05))
  const anytime = looking((a, b) => {
    const r = twoProportions(a, b)
    if (!r.ok || r.seUnpooled === 0) return 1
    const sequence = confidenceSequence({ difference: r.difference, se: r.seUnpooled }, a.n + b.n)
    return sequence.ok ? sequence.pValue : 1
  })
  const peer = (answer: PeerAnswer): number => ('pValue' in answer ? answer.pValue : 1)
  const bayes = looking((a, b) => peer(posthog(sums(a), sums(b))))
  const ttest = looking((a, b) => peer(gbstats(sums(a), sums(b))))
  const naive = looking((a, b) => {
    const r = twoProportions(a, b)
    return r.ok ? r.pValue : 1
  })
  return [
    { what: "A/A, 5 looks, O'Brien–Fleming", share: group('obrien-fleming'), runs, atMost: 0.054 },
    { what: 'A/A, 5 looks, Pocock', share: group('pocock'), runs, atMost: 0.054 },
    { what: 'A/A, 30 looks, confidence sequence', share: anytime, runs, atMost: 0.05 },
    { what: 'A/A, 30 looks, a fixed test read each time (what not to do)', share: naive, runs },
    { what: 'A/A, 30 looks, gbstats’ fixed test, beside (what not to do)', share: ttest, runs },
    { what: 'A/A, 30 looks, PostHog’s 95 % credible interval, beside (what not to do)', share: bayes, runs },
  ]
}

function powers(runs: number, seed: number): Figure[] {
  const next = random(seed)
  const size = sampleSizeProportions(0.1, 0.12)
  const fractions = [0.2, 0.4, 0.6, 0.8, 1]
  const bounds = groupSequentialBounds({ fractions })
  if (!size.ok || !bounds.ok) throw new Error('refused')
  const n = Math.ceil(size.pooled)
  const [a, b] = [binomial(next, n, 0.1), binomial(next, n, 0.12)]
  const fixed = share(runs, () => {
    const r = twoProportions(arm(n, a()), arm(n, b()))
    return r.ok && r.pValue < 0.05
  })
  const per = Math.ceil(n / 5)
  const [aPart, bPart] = [binomial(next, per, 0.1), binomial(next, per, 0.12)]
  const group = share(runs, () =>
    stops(aPart, bPart, 5, per, (x, y, look) => {
      const r = twoProportions(x, y)
      return r.ok && Math.abs(r.z) >= bounds.z[look]!
    }),
  )
  return [
    {
      what: `power, fixed: 10 % to 12 %, planned 80 % with ${n} an arm`,
      share: fixed,
      runs,
      atLeast: 0.79,
      atMost: 0.81,
    },
    { what: "power, 5 looks, O'Brien–Fleming, the same units", share: group, runs, atLeast: 0.77 },
  ]
}

const inside = (interval: { low: number; high: number }, truth: number): boolean =>
  interval.low <= truth && truth <= interval.high

function coverages(runs: number, seed: number): Figure[] {
  const next = random(seed)
  const at = (n: number, p: number, q: number, covers: (a: Proportion, b: Proportion) => boolean): number => {
    const [x, y] = [binomial(next, n, p), binomial(next, n, q)]
    return share(runs, () => covers(arm(n, x()), arm(n, y())))
  }
  const newcombe = at(1000, 0.05, 0.06, (a, b) => {
    const r = twoProportions(a, b)
    return r.ok && inside(r.newcombe, 0.01)
  })
  const score = at(1000, 0.05, 0.06, (a, b) => {
    const r = scoreDifference(a, b)
    return r.ok && inside(r, 0.01)
  })
  const koopman = (a: Proportion, b: Proportion): boolean => {
    const r = scoreRatio(a, b)
    // Nobody converted in either arm: nothing is claimed, and nothing is wrong.
    return r.ok ? inside({ low: r.low - 1, high: r.high - 1 }, 0.2) : r.reason === 'no-conversions'
  }
  const log = (a: Proportion, b: Proportion): boolean => {
    const r = relativeLift(proportionMoments(a), proportionMoments(b))
    return r.ok && r.log.ok && inside(r.log, 0.2)
  }
  // The same for both peers but for t instead of normal quantiles; refusing to answer is not wrong.
  const delta = (a: Proportion, b: Proportion): boolean => {
    const r = gbstats(sums(a), sums(b))
    return 'refuses' in r || inside(r.interval, 0.2)
  }
  const bar = { runs, atLeast: 0.945 }
  return [
    { what: 'coverage, Newcombe: 5 % and 6 % of 1,000', share: newcombe, ...bar },
    { what: 'coverage, Miettinen–Nurminen: the same', share: score, ...bar },
    {
      what: 'coverage, lift by Koopman, as analyse() tells it: 5 % and 6 % of 2,000',
      share: at(2000, 0.05, 0.06, koopman),
      ...bar,
    },
    { what: 'coverage, lift by Koopman: 1 % and 1.2 % of 500', share: at(500, 0.01, 0.012, koopman), ...bar },
    {
      what: 'coverage, lift by the log ratio: 5 % and 6 % of 2,000',
      share: at(2000, 0.05, 0.06, log),
      ...bar,
    },
    {
      what: 'coverage, lift: 5 % and 6 % of 300, by gbstats’ formula, beside',
      share: at(300, 0.05, 0.06, delta),
      runs,
    },
    {
      what: 'coverage, lift: 1 % and 1.2 % of 500, by gbstats’ formula, beside',
      share: at(500, 0.01, 0.012, delta),
      runs,
    },
  ]
}

/**
 * Plays all simulations.
 *
 * @param runs experiments of each kind
 * @param seed of the first; the others follow
 */
export function simulate(runs: number, seed: number): Figure[] {
  return [
    ...fixedTests(runs, seed),
    ...sequentialTests(runs, seed + 1),
    ...powers(runs, seed + 2),
    ...coverages(runs, seed + 3),
  ]
}

/** Whether a figure holds its bars. */
export function holds({ share: found, atLeast = 0, atMost = 1 }: Figure): boolean {
  return found >= atLeast && found <= atMost
}
