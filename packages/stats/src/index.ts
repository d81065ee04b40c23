/** Experiment statistics: from sufficient statistics to numbers that hold, or to the reason why there are none. */
// biome-ignore-all format: one line a file


export { type IntervalNow, intervals } from './analyse/intervals.ts'
export { type Analysis, type AnalysisPlan, analyse, type Because, type Beside, type Comparison, type ComparisonResult, type Correction, type ExperimentSummary, type MetricData, type MetricSummary, type Mode, type NonInferiority, type Role, type VariantVerdict, type Verdict } from './analyse.ts'
export { type Guardrail, type GuardrailLook, type GuardrailTest, guardrailTest, rateStratum } from './guardrail.ts'
export { type AlwaysValid, type ConfidenceSequence, confidenceSequence, type Estimate, msprt } from './methods/always-valid.ts'
export { type BestOf, type BetaBinomial, type BetaPrior, bestOfMeans, bestOfRates, betaBinomial, type NormalPosterior, normalPosterior } from './methods/bayes.ts'
export { type AdjustedPValues, adjustPValues } from './methods/corrections.ts'
export { type Cuped, cuped, cupedRatio } from './methods/cuped.ts'
export { type FisherExact, fisherExact } from './methods/fisher.ts'
export { groupSequentialBounds, type SequentialBounds, type SequentialPlan, type Spending, spentAlpha } from './methods/group-sequential.ts'
export { type RelativeLift, relativeLift } from './methods/lift.ts'
export { type PostStratified, postStratified, postStratify, type Stratum } from './methods/post-stratification.ts'
export { daysLeft, type MeanSampleSize, minimumDetectableEffect, type PowerGoal, type ProportionSampleSize, power, sampleSizeMeans, sampleSizeProportions } from './methods/power.ts'
export { type QuantileDifference, type QuantileEstimate, quantileDifference, quantileEstimate, quantiles, winsorize } from './methods/quantiles.ts'
export { type RatioMetric, ratioMetric } from './methods/ratio.ts'
export { type SampleRatio, type SampleRatioSequential, sampleRatio, sampleRatioSequential } from './methods/sample-ratio.ts'
export { katzRatio, scoreDifference, scoreRatio } from './methods/score-intervals.ts'
export { type TwoProportions, twoProportions, wilson } from './methods/two-proportions.ts'
export { type Welch, welch } from './methods/welch.ts'
export { type Answer, type Interval, type JointMoments, jointMoments, type Moments, marginal, mergeJoint, mergeMoments, moments, momentsFromSums, type PairSums, type Proportion, proportionMoments, type Reason, type Refusal } from './summary.ts'
