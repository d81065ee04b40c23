/** Metrics without HTTP: for tools that stand beside the database. */
export type { MetricDefinition, MetricKind, MetricMistake, MetricSource } from './results/metric.ts'
export { isMetricKey, metricMistakes } from './results/validate-metric.ts'
