/** The way to a project's metrics by a server key through the collector. */
import { callByKey } from '../call-by-key.ts'
import type { MetricDefinition } from '../results/metric.ts'
import type { Storage } from '../storage/storage.ts'

/** A metric as it is stored. */
export interface StoredMetric {
  key: string
  definition: MetricDefinition
}

/** Reads and writes metrics; each change leaves a row in the audit log. */
export interface MetricsGateway {
  list(): Promise<StoredMetric[]>
  /** @param definition a valid one; null takes the metric away */
  set(key: string, definition: MetricDefinition | null): Promise<{ before: MetricDefinition | null }>
}

/** Project and actor are the key's. */
export function keyMetrics(storage: Storage, keyHash: string): MetricsGateway {
  const call = callByKey(storage, keyHash)
  return {
    list: () => call('list_metrics_by_key', {}),
    set: (key, definition) => call('set_metric_by_key', { key, definition }),
  }
}
