/** Two means: Welch's t test with its interval and standardised effect sizes. */
import { stirlingRemainder } from '../distributions/stirling.ts'
import { tIsf, tSf } from '../distributions/student-t.ts'
import {
  type Answer,
  give,
  type Interval,
  isLevel,
  type Moments,
  momentsFault,
  refuse,
  welchDf,
} from '../summary.ts'

/** Two means compared; differences are treatment − control, in the metric's unit. */
export interface Welch {
  difference: number
  se: number
  /** Welch–Satterthwaite degrees of freedom. */
  df: number
  t: number
  /** Two-sided. */
  pValue: number
  interval: Interval
  /** Difference in pooled standard deviations. */
  cohenD: number
  /** Cohen's d without its small-sample bias. */
  hedgesG: number
}

/** Hedges' factor Γ(k)/(√k·Γ(k − ½)), k = df/2, written so that the logarithms of large numbers do not cancel. */
function hedges(df: number): number {
  const k = df / 2
  return Math.exp(-(k - 1) * Math.log1p(-0.5 / k) - 0.5 + stirlingRemainder(k) - stirlingRemainder(k - 0.5))
}

/**
 * Welch's t test: t = (x̄T − x̄C)/√(s²C/nC + s²T/nT) with the degrees of freedom of Welch (1947) and Satterthwaite (1946);
 * Cohen's d by the pooled standard deviation, Hedges' g with the exact gamma factor (Hedges 1981). In the metric's unit.
 *
 * When not to use it: for few units of a very skewed metric (revenue below some hundred units: winsorise first), for
 * ratios whose denominator varies (`ratioMetric`), or when you look more than once (see `confidenceSequence`).
 *
 * @param control the moments of the control
 * @param treatment the moments of the treatment
 * @param alpha two-sided level of the interval
 */
export function welch(control: Moments, treatment: Moments, alpha = 0.05): Answer<Welch> {
  const fault = momentsFault(control, treatment) ?? (isLevel(alpha) ? undefined : 'bad-alpha')
  if (fault) return refuse(fault)
  const a = control.variance / control.n
  const b = treatment.variance / treatment.n
  if (a + b === 0) return refuse('no-variance')
  const df = welchDf(a, control.n, b, treatment.n)
  const difference = treatment.mean - control.mean
  const se = Math.sqrt(a + b)
  const t = difference / se
  const reach = tIsf(alpha / 2, df) * se
  const pooledDf = control.n + treatment.n - 2
  const pooled = ((control.n - 1) * control.variance + (treatment.n - 1) * treatment.variance) / pooledDf
  const cohenD = difference / Math.sqrt(pooled)
  return give({
    difference,
    se,
    df,
    t,
    pValue: 2 * tSf(Math.abs(t), df),
    interval: { low: difference - reach, high: difference + reach },
    cohenD,
    hedgesG: cohenD * hedges(pooledDf),
  })
}
