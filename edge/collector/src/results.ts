/** Metrics and results without HTTP: for tools that stand beside the database. */
export { type ExperimentResults, experimentResults } from './results/experiment-results.ts'
export type { MetricDefinition, MetricSource } from './results/metric.ts'
export { ownerResults } from './results/summary.ts'
export { isMetricKey, metricMistakes } from './results/validate-metric.ts'
