/** The way to a project's metrics by a server key through the collector. */
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
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
  async function call<Answer>(fn: string, args: object): Promise<Answer> {
    const answer = await storage.call<Answer>(fn, { ...args, keyHash }).catch((error: unknown) => {
      throw unavailable(error, 2)
    })
    const { error } = (answer ?? {}) as { error?: string }
    if (error === 'key_unknown' || error === 'key_not_allowed') throw new Problem(error)
    return answer
  }
  return {
    list: () => call('list_metrics_by_key', {}),
    set: (key, definition) => call('set_metric_by_key', { key, definition }),
  }
}
