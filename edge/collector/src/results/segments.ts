/** Results by a dimension: each metric within each of its values, corrected together. */
import { type AnalysisPlan, analyse } from '@nunchi/stats'
import type { Grounds } from './grounds.ts'
import { inOrder, metricData } from './metric-data.ts'
import { metricPlan } from './metric-plan.ts'
import { type NoResult, noResult } from './no-result.ts'
import type { Dimension, MetricSummary } from './summary.ts'
import { type VariantResult, variantResult } from './variant-result.ts'

/** One value of a dimension. */
export interface Segment {
  /** Null where it is not known, and of all the others. */
  value: string | null
  other?: boolean
  variants: VariantResult[]
}

/** A metric by the values of a dimension, most units first; or why it is not. */
export type Segments = { dimension: Dimension } & ({ segments: Segment[] } | { noResult: NoResult })

/** To look for where an effect sits: corrected over all values by Benjamini and Hochberg, and nothing is decided by it. */
export function segmentsOf(
  grounds: Grounds,
  definition: Grounds['metrics'][number]['definition'],
  { by }: MetricSummary,
  plan: AnalysisPlan,
  dimension: Dimension,
): Segments {
  if (!by) return { dimension, noResult: noResult.beingPrepared() }
  const asked = metricPlan(definition)
  const direction = definition.direction ?? 'increase'
  const arms = by.map(({ variants }) => inOrder(grounds.keys, variants))
  const analysis = analyse(
    {
      variants: grounds.variants,
      metrics: arms.map((some, i) => ({ key: String(i), direction, data: metricData(asked, some) })),
    },
    { ...plan, correction: 'benjaminiHochberg' },
  )
  if (!analysis.ok) return { dimension, noResult: noResult.cannotAnalyse(analysis.reason) }
  return {
    dimension,
    segments: by.map(({ value, other, faults }, i) => ({
      value,
      ...(other ? { other } : {}),
      variants: grounds.keys.slice(1).map((variant) => {
        const comparison = analysis.comparisons.find(
          (one) => one.metric === String(i) && one.variant === variant,
        )!
        return variantResult(comparison, arms[i]!, faults)
      }),
    })),
  }
}
