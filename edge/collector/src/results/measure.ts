/** Asks the database for what each metric needs: its sums, apart by a dimension and by day where that was asked for. */
import type { MetricData } from '@nunchi/stats'
import type { Wanted } from './asked.ts'
import type { Grounds } from './grounds.ts'
import { inOrder, metricData, stratifiedData } from './metric-data.ts'
import { metricPlan } from './metric-plan.ts'
import type { MetricSummary, ResultsGateway } from './summary.ts'

/** A metric with its statistics. */
export interface Measured {
  key: string
  definition: Grounds['metrics'][number]['definition']
  summary: MetricSummary
  data: MetricData
  /** Whether the data is combined over strata. */
  stratified: boolean
  /** With the sums of each value of the dimension. */
  apart?: MetricSummary
  /** With the sums of each day. */
  daily?: MetricSummary
}

/** Measures all, one after the other: each may read months of events, and there are few connections. */
export async function measure(
  gateway: ResultsGateway,
  { metrics, about, keys }: Grounds,
  { dimension, stratify, series }: Wanted,
): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const { key, definition } of metrics) {
    const plan = metricPlan(definition)
    const asked = { ...about, plan }
    const by = dimension ?? stratify
    const summary = await gateway.summarize({ ...asked, ...(by && { dimension: by }) })
    const strata =
      stratify === undefined || stratify === by
        ? summary
        : await gateway.summarize({ ...asked, dimension: stratify })
    const combined =
      stratify && strata.by
        ? stratifiedData(
            plan,
            strata.by.map((one) => inOrder(keys, one.variants)),
          )
        : undefined
    measured.push({
      key,
      definition,
      summary,
      data: combined ?? metricData(plan, inOrder(keys, summary.variants)),
      stratified: combined !== undefined,
      ...(dimension && { apart: summary }),
      ...(series && plan.kind !== 'quantile' && { daily: await gateway.summarize({ ...asked, series }) }),
    })
  }
  return measured
}
