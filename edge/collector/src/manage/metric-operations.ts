/** The operations on metrics: what the project's experiments are judged by, in all environments. */
import { Problem } from '../problem.ts'
import type { MetricDefinition } from '../results/metric.ts'
import { isMetricKey, metricMistakes } from '../results/validate-metric.ts'
import { keyOf } from './asking.ts'
import type { Operation } from './operation.ts'
import { invalid } from './publisher.ts'
import { objectOf } from './read-body.ts'

function missing(key: string, known: string[]): Problem {
  return new Problem('config_not_found', {
    detail: `There is no metric "${key}".`,
    fix:
      known.length === 0
        ? 'There is none yet; make one with PUT.'
        : `There are ${known.slice(0, 20).join(', ')}.`,
  })
}

/** All of them. */
export const metricOperations: Operation[] = [
  {
    id: 'listMetrics',
    method: 'GET',
    path: '/metrics',
    summary: 'What the project’s experiments are judged by.',
    scope: 'config:read',
    answer: 'MetricList',
    run: async ({ metrics }) => ({ metrics: await metrics.list() }),
  },
  {
    id: 'getMetric',
    method: 'GET',
    path: '/metrics/{key}',
    summary: 'One metric.',
    scope: 'config:read',
    answer: 'StoredMetric',
    async run(asked) {
      const all = await asked.metrics.list()
      const found = all.find(({ key }) => key === keyOf(asked))
      if (!found)
        throw missing(
          keyOf(asked),
          all.map(({ key }) => key),
        )
      return found
    },
  },
  {
    id: 'putMetric',
    method: 'PUT',
    path: '/metrics/{key}',
    summary: 'Makes or replaces a metric; results use it from then on, for events long past too.',
    scope: 'config:write',
    unnumbered: true,
    body: 'MetricDefinition',
    answer: 'MetricChange',
    async run(asked) {
      const [key, definition] = [keyOf(asked), objectOf(asked.body)]
      const mistakes = metricMistakes(definition)
      if (!isMetricKey(key))
        mistakes.unshift({
          path: 'key',
          message: 'A key is 1 to 100 letters, digits, dots, underscores and hyphens.',
        })
      if (mistakes.length > 0) throw invalid(mistakes)
      const { before } = await asked.metrics.set(key, definition as unknown as MetricDefinition)
      return { key, before, definition }
    },
  },
  {
    id: 'deleteMetric',
    method: 'DELETE',
    path: '/metrics/{key}',
    summary: 'Takes a metric away; the events stay.',
    scope: 'config:write',
    unnumbered: true,
    answer: 'MetricChange',
    async run(asked) {
      const key = keyOf(asked)
      const { before } = isMetricKey(key) ? await asked.metrics.set(key, null) : { before: null }
      if (!before)
        throw missing(
          key,
          (await asked.metrics.list()).map((one) => one.key),
        )
      return { key, before, definition: null }
    },
  },
]
