/** A logistic regression with ridge, and with an effect of its own for each of two people in every row. */
import { invertSpd } from './invert-spd.ts'

/** One yes or no: of whom, about whom, and the features of the pair. */
export interface LogisticRow {
  /** Number of the person who decided. */
  from: number
  /** Number of the person decided about. */
  to: number
  features: Float64Array
  yes: boolean
}

/** How strongly each kind of effect is drawn towards 0 (1 ÷ the variance of its normal prior). */
export interface RidgePenalties {
  features: number
  from: number
  to: number
}

/** What was learned, in log odds. */
export interface LogisticFit {
  intercept: number
  features: Float64Array
  /** By the number of the person who decides: how easily they say yes. */
  from: Float64Array
  /** By the number of the person decided about: how often others say yes to them. */
  to: Float64Array
}

/** 1 ÷ (1 + e^−x), without overflow. */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}

const product = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** The inverse of XᵀX ÷ 4 + penalty, the bound of the curvature: computed once, it makes every step an ascent. */
function* boundInverse(
  rows: readonly LogisticRow[],
  width: number,
  penalty: number,
): Generator<unknown, Float64Array> {
  const n = width + 1
  const bound = new Float64Array(n * n)
  for (const [at, { features }] of rows.entries()) {
    for (let i = 0; i < n; i++) {
      const x = (i === 0 ? 1 : features[i - 1]!) / 4
      for (let j = 0; j <= i; j++) bound[i * n + j]! += x * (j === 0 ? 1 : features[j - 1]!)
    }
    if (at % 256 === 255) yield
  }
  for (let i = 0; i < n; i++) {
    bound[i * n + i]! += i === 0 ? 1e-6 : penalty
    for (let j = 0; j < i; j++) bound[j * n + i] = bound[i * n + j]!
  }
  yield* invertSpd(bound, n)
  return bound
}

/** One step of all effects of one kind of person. */
function stepPeople(
  rows: readonly LogisticRow[],
  scores: Float64Array,
  effects: Float64Array,
  penalty: number,
  whose: 'from' | 'to',
): number {
  const slope = effects.map((effect) => -penalty * effect)
  const bound = new Float64Array(effects.length).fill(penalty)
  rows.forEach((row, i) => {
    slope[row[whose]]! += Number(row.yes) - logistic(scores[i]!)
    bound[row[whose]]! += 1 / 4
  })
  let most = 0
  const steps = slope.map((value, i) => value / bound[i]!)
  steps.forEach((step, i) => {
    effects[i]! += step
    most = Math.max(most, Math.abs(step))
  })
  rows.forEach((row, i) => {
    scores[i]! += steps[row[whose]]!
  })
  return most
}

/**
 * The posterior mode of logit P(yes) = intercept + features·β + a(from) + b(to) with normal priors on β, a and b: a
 * crossed random-effects logistic regression. Each block is stepped in turn under a fixed bound of its curvature, which
 * never overshoots.
 *
 * Sources: Böhning and Lindsay (Annals of the Institute of Statistical Mathematics 1988) for the bound; Gelman and Hill,
 * Data Analysis Using Regression and Multilevel/Hierarchical Models (2007), chapter 14, for the model.
 *
 * @param people how many people there are; those without a row get an effect of 0
 * @returns slices of work; the last one answers the fit
 */
export function* ridgeLogistic(
  rows: readonly LogisticRow[],
  people: number,
  penalties: RidgePenalties,
  rounds = 200,
): Generator<unknown, LogisticFit> {
  const width = rows[0]?.features.length ?? 0
  const fit: LogisticFit = {
    intercept: 0,
    features: new Float64Array(width),
    from: new Float64Array(people),
    to: new Float64Array(people),
  }
  if (rows.length === 0) return fit
  const n = width + 1
  const inverse = yield* boundInverse(rows, width, penalties.features)
  const scores = new Float64Array(rows.length)
  const slope = new Float64Array(n)
  const step = new Float64Array(n)
  for (let round = 0; round < rounds; round++) {
    slope[0] = 0
    for (let i = 1; i < n; i++) slope[i] = -penalties.features * fit.features[i - 1]!
    rows.forEach(({ features, yes }, i) => {
      const error = Number(yes) - logistic(scores[i]!)
      slope[0]! += error
      for (let j = 1; j < n; j++) slope[j]! += error * features[j - 1]!
    })
    for (let i = 0; i < n; i++) step[i] = product(inverse.subarray(i * n, (i + 1) * n), slope)
    fit.intercept += step[0]!
    const moved = step.subarray(1)
    moved.forEach((value, i) => {
      fit.features[i]! += value
    })
    rows.forEach(({ features }, i) => {
      scores[i]! += step[0]! + product(features, moved)
    })
    const change = Math.max(
      ...step.map(Math.abs),
      stepPeople(rows, scores, fit.from, penalties.from, 'from'),
      stepPeople(rows, scores, fit.to, penalties.to, 'to'),
    )
    if (change < 1e-5) break
    yield
  }
  return fit
}
