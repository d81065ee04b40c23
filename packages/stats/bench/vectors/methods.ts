/** How each method of the vectors' format is asked: from a vector's input to numbers under the vector's own names. */
import * as kernel from '../../src/distributions.ts'
import * as stats from '../../src/index.ts'

/** A number as JSON can hold it: infinities as text, null for what is not defined. */
export type Value = number | string | null | Value[] | { [name: string]: Value }

/** Numbers under the names of the vectors. */
export type Output = { [name: string]: unknown }

// biome-ignore lint/suspicious/noExplicitAny: each method reads its own input, of a file that may hold anything
type Input = any

const pair = (interval: stats.Interval): number[] => [interval.low, interval.high]

/** null where the method refuses, as the vectors write what is not defined. */
function asked<T, R>(answer: stats.Answer<T>, read: (answer: T) => R): R | null {
  return answer.ok ? read(answer) : null
}

/** A method gave a reason instead of numbers. */
export class Refused extends Error {}

/** The answer's numbers; a refusal throws its reason, so that the vector is named with it. */
function got<T>(answer: stats.Answer<T>): T {
  if (!answer.ok) throw new Refused(`refused: ${answer.reason}`)
  return answer
}

const arms = ({ xA, nA, xB, nB }: Input): [stats.Proportion, stats.Proportion] => [
  { n: nA, successes: xA },
  { n: nB, successes: xB },
]
const means = (i: Input): [stats.Moments, stats.Moments] => [
  { n: i.nA, mean: i.meanA, variance: i.varA },
  { n: i.nB, mean: i.meanB, variance: i.varB },
]

function twoProportion(i: Input): Output {
  const r = got(stats.twoProportions(...arms(i), i.alpha))
  return {
    diff: r.difference,
    zPooled: r.z,
    pValue: r.pValue,
    sePooled: r.sePooled,
    seUnpooled: r.seUnpooled,
    waldCi: pair(r.wald),
    newcombeCi: pair(r.newcombe),
    wilsonA: pair(r.wilsonControl),
    wilsonB: pair(r.wilsonTreatment),
  }
}

const undefinedTest = { df: null, t: null, pValue: null, ci: null, cohenD: null, hedgesG: null }

function welchT(i: Input): Output {
  const answer = stats.welch(...means(i), i.alpha)
  // Where nothing varies the difference is known, and nothing else is defined.
  if (!answer.ok && answer.reason === 'no-variance')
    return { diff: i.meanB - i.meanA, se: 0, ...undefinedTest }
  const r = got(answer)
  return { ...r, diff: r.difference, ci: pair(r.interval) }
}

function relativeLift(i: Input): Output {
  const r = got(stats.relativeLift(...means(i), i.alpha))
  return { ...r, deltaCi: pair(r.delta), logCi: asked(r.log, pair), fiellerCi: asked(r.fieller, pair) }
}

function sums(rows: [number, number][]): Output {
  const add = (of: (m: number, d: number) => number): number =>
    rows.reduce((sum, [m, d]) => sum + of(m, d), 0)
  return {
    n: rows.length,
    sumM: add((m) => m),
    sumM2: add((m) => m * m),
    sumD: add((_, d) => d),
    sumD2: add((_, d) => d * d),
    sumMD: add((m, d) => m * d),
  }
}

function ratioMetric({ rowsA, rowsB, alpha }: Input): Output {
  const r = got(stats.ratioMetric(stats.jointMoments(rowsA), stats.jointMoments(rowsB), alpha))
  return {
    ...r,
    ratioA: r.ratioControl,
    ratioB: r.ratioTreatment,
    varA: r.varianceControl,
    varB: r.varianceTreatment,
    diff: r.difference,
    dfWelch: r.df,
    pT: r.pValue,
    sumsA: sums(rowsA),
    sumsB: sums(rowsB),
  }
}

function cuped({ rowsA, rowsB, alpha }: Input): Output {
  const r = got(stats.cuped(stats.jointMoments(rowsA), stats.jointMoments(rowsB), alpha))
  return {
    ...r,
    diff: r.difference,
    thetaPooledWithin: r.thetaWithin,
    varAdjA: r.varianceControl,
    varAdjB: r.varianceTreatment,
    unadjustedDiff: r.unadjustedDifference,
    lift: asked(r.lift, ({ value }) => value),
    liftSe: asked(r.lift, ({ se }) => se),
  }
}

function anytime(r: stats.AlwaysValid): Output {
  return { ...r, logEValue: r.logEvidence, logLambda: r.logEvidence, ci: pair(r.interval) }
}

function betaBinomial(i: Input): Output {
  const r = got(stats.betaBinomial(...arms(i), { alpha: i.priorAlpha ?? 1, beta: i.priorBeta ?? 1 }))
  return {
    probBBeatsA: r.chanceToWin,
    expectedLossChooseA: r.lossControl,
    expectedLossChooseB: r.lossTreatment,
    posteriorMeanA: r.meanControl,
    posteriorMeanB: r.meanTreatment,
  }
}

function gaussianPosterior(i: Input): Output {
  const prior = (i.priorSd ?? null) === null ? undefined : { mean: i.priorMean ?? 0, sd: i.priorSd }
  const r = got(stats.normalPosterior(i.effect, i.se, prior, i.alpha))
  return {
    posteriorMean: r.mean,
    posteriorSd: r.sd,
    chanceToWin: r.chanceToWin,
    expectedLossChooseTreatment: r.lossTreatment,
    expectedLossChooseControl: r.lossControl,
    credibleInterval: pair(r.interval),
  }
}

function bestArm({ betaPosteriors }: Input): Output {
  const { probabilities } = got(stats.bestOfRates(betaPosteriors))
  return { probabilities, sum: probabilities.reduce((sum, one) => sum + one, 0) }
}

const spendings: { [name: string]: stats.Spending } = {
  obf: 'obrien-fleming',
  'obrien-fleming': 'obrien-fleming',
  pocock: 'pocock',
}

function bounds(i: Input): Output {
  const spending = spendings[i.spending]
  if (!spending) throw new Error(`there is no spending ${JSON.stringify(i.spending)}`)
  const plan = { fractions: i.informationFractions, alpha: i.alpha, spending, sided: i.sided }
  const { z, cumulativeAlpha } = got(stats.groupSequentialBounds(plan))
  return { zBounds: z, cumulativeAlpha }
}

function postStratification({ strata }: Input): Output {
  const each = (strata as Input[]).map((one) => {
    const [control, treatment] = means(one)
    return { control, treatment }
  })
  const { difference, se } = got(stats.postStratified(each))
  return { diff: difference, seConditional: se }
}

function proportionSize(i: Input): Output {
  const r = got(stats.sampleSizeProportions(i.pA, i.pB, i))
  return {
    nPerArmPooled: r.pooled,
    nPerArmUnpooled: r.unpooled,
    nPerArmEvanMiller: r.baseline,
    nPerArmArcsine: r.arcsine,
    cohenH: r.cohenH,
  }
}

/** Every method by its name in the vectors. */
export const methods: { [method: string]: (input: Input) => Output } = {
  'normal.sf': ({ z }) => ({ p: kernel.normalSf(z) }),
  'normal.quantile': ({ p }) => ({ z: kernel.normalQuantile(p) }),
  't.sf': ({ t, df }) => ({ p: kernel.tSf(t, df) }),
  't.isf': ({ p, df }) => ({ t: kernel.tIsf(p, df) }),
  'chi2.sf': ({ x, df }) => ({ p: kernel.chiSquareSf(x, df) }),
  'beta.cdf': ({ x, a, b }) => ({ p: kernel.betaCdf(x, a, b) }),
  'beta.quantile': ({ p, a, b }) => ({ x: kernel.betaQuantile(p, a, b) }),
  twoProportion,
  twoProportionScoreCi: (i) => ({
    mnDiffCi: asked(stats.scoreDifference(...arms(i), i.alpha), pair),
    koopmanMnRatioCi: asked(stats.scoreRatio(...arms(i), i.alpha), pair),
    katzLogRatioCi: asked(stats.katzRatio(...arms(i), i.alpha), pair),
  }),
  fisherExact: (i) => ({ ...got(stats.fisherExact(...arms(i))) }),
  welchT,
  relativeLift,
  ratioMetric,
  cuped,
  asymptoticConfidenceSequence: (i) =>
    withRho(got(stats.confidenceSequence({ difference: i.diff, se: i.se }, i.n, i.alpha, i.tuningN))),
  msprt: (i) => anytime(got(stats.msprt({ difference: i.diff, se: i.se }, i.tau, i.alpha))),
  groupSequentialBounds: bounds,
  srm: ({ observed, weights }) => {
    const r = got(stats.sampleRatio(observed, weights))
    return { ...r, chi2: r.chiSquare }
  },
  srmSequential: ({ observed, weights }) => {
    const r = got(stats.sampleRatioSequential(observed, weights))
    return { ...r, logBayesFactor: r.logEvidence }
  },
  betaBinomial,
  gaussianPosterior,
  bestArmProbability: bestArm,
  multipleTesting: ({ pValues }) => ({ ...got(stats.adjustPValues(pValues)) }),
  sampleSizeProportions: proportionSize,
  sampleSizeMeans: (i) => {
    const r = got(stats.sampleSizeMeans(i.effectSizeD, i, i.ratioBtoA))
    return { nA_t: r.t, nA_normal: r.normal }
  },
  powerNormal: ({ effect, se, alpha }) => ({
    power: got(stats.power(effect, se, alpha)).power,
    mde80: got(stats.minimumDetectableEffect(se, alpha, 0.8)).effect,
  }),
  momentsMerge: ({ chunks }) => ({ ...stats.mergeMoments(chunks.map(stats.moments)) }),
  quantileType7: ({ x, probs }) => ({ values: got(stats.quantiles(x, probs)).values }),
  winsorize: ({ x, lower, upper }) => {
    const r = got(stats.winsorize(x, lower, upper))
    return { values: r.values, mean: r.moments.mean, variance: r.moments.variance }
  },
  postStratification,
}

function withRho(r: stats.ConfidenceSequence): Output {
  return { ...anytime(r), rho: r.rho }
}
