/** What the experiment of the demo says: its metrics, and its results as they stand. */
import type { Storage } from '@nunchi/collector'
import {
  type ExperimentResults,
  experimentResults,
  type MetricDefinition,
  ownerResults,
} from '@nunchi/collector/results'

const layout = { experiments: ['card-layout'] }

const judgedBy: { [key: string]: MetricDefinition } = {
  cart: {
    name: 'Put something into the cart',
    kind: 'conversion',
    source: { event: 'Product Added' },
    role: 'goal',
    ...layout,
  },
  orders: {
    name: 'Ordered',
    kind: 'conversion',
    source: { event: 'Order Completed' },
    role: 'secondary',
    ...layout,
  },
  removed: {
    name: 'Took something out again',
    kind: 'conversion',
    source: { event: 'Product Removed' },
    role: 'guardrail',
    direction: 'decrease',
    ...layout,
  },
}

/**
 * Publishes the metrics that are not there yet. What somebody has changed since stays as they left it.
 *
 * @param owner storage as `nunchi_owner`
 */
export async function publishMetrics(owner: Storage, projectId: string): Promise<void> {
  const known = await owner.call<{ key: string }[]>('list_metrics', { projectId })
  for (const [key, definition] of Object.entries(judgedBy))
    if (!known.some((one) => one.key === key))
      await owner.call('set_metric', { projectId, key, definition, actor: 'demo' })
}

/** Makes the look-up: the results of the experiment with the cards, as of now. */
export function layoutResults(owner: Storage, projectId: string): () => Promise<ExperimentResults> {
  const gateway = ownerResults(owner, { projectId, environment: 'development' })
  return () => experimentResults(gateway, { experiment: 'card-layout' })
}
