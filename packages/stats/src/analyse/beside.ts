/** The Bayesian reading beside a comparison. */
import { betaBinomial, normalPosterior } from '../methods/bayes.ts'
import { type Answer, give } from '../summary.ts'
import type { MetricSummary } from './plan.ts'
import type { MetricTest } from './test-metric.ts'

/** What one would bet. Never a rule to stop: looked at daily it passes any bar by luck alone. */
export interface Beside {
  /** The chance that the variant is better than the control. */
  chanceToBeat: number
  /** What is lost on average by choosing the variant, in the metric's unit. */
  expectedLoss: number
}

/** The spread of lifts to expect: two of three experiments change less than 30 %. */
const priorLift = 0.3

/** Rates by beta posteriors of uniform priors; all else by a normal posterior whose prior is a lift of 0 ± 30 %. */
export function beside({ data, direction }: MetricSummary, test: MetricTest, at: number): Answer<Beside> {
  const prior = test.control === 0 ? undefined : { mean: 0, sd: priorLift * Math.abs(test.control) }
  const found =
    data.kind === 'proportion'
      ? betaBinomial(data.arms[0]!, data.arms[at]!)
      : normalPosterior(test.difference, test.se, prior)
  if (!found.ok) return found
  return direction === 'decrease'
    ? give({ chanceToBeat: 1 - found.chanceToWin, expectedLoss: found.lossControl })
    : give({ chanceToBeat: found.chanceToWin, expectedLoss: found.lossTreatment })
}
