/** Bayesian comparisons: beta posteriors of rates, normal posteriors of effects, and the best of several arms. */
import { betaField, contest, normalField } from '../distributions/contest.ts'
import { normalIsf, normalPdf, normalSf } from '../distributions/normal.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type Proportion,
  proportionFault,
  refuse,
} from '../summary.ts'

/** A beta prior: as if alpha conversions and beta non-conversions had been seen. */
export interface BetaPrior {
  alpha: number
  beta: number
}

/** Two rates compared by their posteriors. */
export interface BetaBinomial {
  /** P(rate of the treatment > rate of the control). */
  chanceToWin: number
  /** What is lost on average, in absolute points of the rate, by choosing the control. */
  lossControl: number
  /** The same by choosing the treatment. */
  lossTreatment: number
  meanControl: number
  meanTreatment: number
}

/** A normal posterior of an effect; losses in the effect's unit. */
export interface NormalPosterior {
  mean: number
  sd: number
  /** P(effect > 0). */
  chanceToWin: number
  /** E(max(−effect, 0)): what is lost on average by choosing the treatment. */
  lossTreatment: number
  /** E(max(effect, 0)): the same by choosing the control. */
  lossControl: number
  /** Credible interval of equal tails. */
  interval: Interval
}

const isShape = (shape: number): boolean => shape > 0 && Number.isFinite(shape)

/**
 * Two rates with beta priors: P(B > A) = ∫ f_B·F_A and E(max(B − A, 0)) = ∫ F_A·(1 − F_B), by quadrature (no random
 * draws, no sums as long as the counts). Rates in absolute points.
 *
 * When not to use it: as a rule to stop: a chance to win that is looked at daily passes 95 % by luck alone far more
 * often than one time in twenty.
 *
 * @param control units and conversions of the control; none is allowed, the prior then stands alone
 * @param treatment units and conversions of the treatment
 * @param prior of both arms. @default uniform: alpha 1, beta 1
 */
export function betaBinomial(
  control: Proportion,
  treatment: Proportion,
  prior: BetaPrior = { alpha: 1, beta: 1 },
): Answer<BetaBinomial> {
  const arms = [control, treatment]
  const fault = proportionFault(...arms.filter(({ n, successes }) => n !== 0 || successes !== 0))
  if (fault) return refuse(fault)
  if (!isShape(prior.alpha) || !isShape(prior.beta)) return refuse('bad-input')
  const shapes = arms.map(
    ({ n, successes }) => [prior.alpha + successes, prior.beta + n - successes] as const,
  )
  const { probabilities, losses } = contest(betaField(shapes))
  const [meanControl, meanTreatment] = shapes.map(([a, b]) => a / (a + b)) as [number, number]
  return give({
    chanceToWin: probabilities[1]!,
    lossControl: losses[0]!,
    lossTreatment: losses[1]!,
    meanControl,
    meanTreatment,
  })
}

/** E(max(X, 0)) of a normal: sd·φ(m/sd) + m·Φ(m/sd). */
function gain(mean: number, sd: number): number {
  const z = mean / sd
  return Math.max(0, sd * normalPdf(z) + mean * normalSf(-z))
}

/**
 * The posterior of an effect with a normal prior: precisions add, means are weighted by them. In the effect's unit.
 *
 * When not to use it: as a rule to stop (see `betaBinomial`); with a prior chosen after seeing the data. Without a
 * prior (`undefined`, a flat one) it repeats what the frequentist interval says.
 *
 * @param effect estimated effect
 * @param se its standard error
 * @param prior mean and standard deviation of effects to expect, such as those of earlier experiments
 * @param alpha 1 − probability of the credible interval
 */
export function normalPosterior(
  effect: number,
  se: number,
  prior?: { mean: number; sd: number },
  alpha = 0.05,
): Answer<NormalPosterior> {
  if (!isLevel(alpha)) return refuse('bad-alpha')
  if (!Number.isFinite(effect) || !(se >= 0 && Number.isFinite(se))) return refuse('bad-input')
  if (se === 0) return refuse('no-variance')
  if (prior && !(Number.isFinite(prior.mean) && isShape(prior.sd))) return refuse('bad-input')
  // The share of the data in the posterior.
  const share = prior ? 1 / (1 + (se / prior.sd) ** 2) : 1
  const mean = share * effect + (1 - share) * (prior?.mean ?? 0)
  const sd = se * Math.sqrt(share)
  const reach = normalIsf(alpha / 2) * sd
  return give({
    mean,
    sd,
    chanceToWin: normalSf(-mean / sd),
    lossTreatment: gain(-mean, sd),
    lossControl: gain(mean, sd),
    interval: { low: mean - reach, high: mean + reach },
  })
}

/** The best of several arms. */
export interface BestOf {
  /** P(each arm is the best); they add up to 1. */
  probabilities: number[]
  /** What is lost on average by choosing each arm. */
  losses: number[]
}

/**
 * The chance of each arm to have the highest rate, from beta posteriors: ∫ fᵢ·Πⱼ≠ᵢ Fⱼ by quadrature.
 *
 * When not to use it: as a rule to stop. It also says little where all arms are alike: read the losses.
 *
 * @param posteriors the shapes [α, β] of each arm: prior + conversions, prior + units without one
 */
export function bestOfRates(posteriors: readonly (readonly [number, number])[]): Answer<BestOf> {
  if (posteriors.length < 2) return refuse('one-variant')
  if (!posteriors.every(([a, b]) => isShape(a) && isShape(b))) return refuse('bad-input')
  return give(contest(betaField(posteriors)))
}

/**
 * The same for normal posteriors, such as means with their standard errors.
 *
 * When not to use it: as a rule to stop, or for means of few units of a skewed metric, whose posterior is not normal.
 *
 * @param posteriors mean and standard deviation of each arm, the latter positive
 */
export function bestOfMeans(posteriors: readonly { mean: number; sd: number }[]): Answer<BestOf> {
  if (posteriors.length < 2) return refuse('one-variant')
  if (posteriors.some(({ sd }) => sd === 0)) return refuse('no-variance')
  if (!posteriors.every(({ mean, sd }) => Number.isFinite(mean) && isShape(sd))) return refuse('bad-input')
  return give(contest(normalField(posteriors)))
}
