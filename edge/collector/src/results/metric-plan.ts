/** What `nunchi.summarize` is asked for a metric: its parts, its window, and what each event adds. */
import type { MetricDefinition, MetricSource } from './metric.ts'

/** The events of one part, and what each adds: 1, its number, or 1 where it has a number. */
export interface MetricPart {
  event?: string
  type?: string
  conversion?: string
  step?: string
  where?: { [property: string]: string | number | boolean }
  property?: string
  adds: 'one' | 'value' | 'valued'
}

/** As the SQL reads it. */
export interface MetricPlan {
  /** What becomes of a unit's sums: whether there was anything, the sum, a ratio of two, and so on. */
  kind: 'share' | 'amount' | 'ratio' | 'retention' | 'quantile' | 'funnel'
  parts: MetricPart[]
  /** Counting begins so long after the first exposure. */
  fromMs: number
  /** And lasts so long; null to the end. */
  windowMs: number | null
  /** How long before the first exposure the same is counted, to take out what was different before; 0 for not at all. */
  beforeMs: number
  cap: number | null
  quantile: number | null
}

const hour = 3_600_000
const day = 24 * hour

/** How long before the first exposure is looked at. */
const before = 14 * day

/** Kinds that are adjusted by what was before unless the metric says otherwise. */
const adjusted: readonly MetricDefinition['kind'][] = ['count', 'sum', 'mean', 'ratio']

function partOf({ property, ...source }: MetricSource, adds: MetricPart['adds']): MetricPart {
  const type = source.type ?? (source.event === undefined ? undefined : 'track')
  return {
    ...source,
    ...(type === undefined ? {} : { type }),
    ...(adds === 'one' || property === undefined ? {} : { property }),
    adds,
  }
}

const added = (source: MetricSource): MetricPart =>
  partOf(source, source.property === undefined ? 'one' : 'value')

/** Makes it of a valid definition. */
export function metricPlan(metric: MetricDefinition): MetricPlan {
  const { kind, source = {}, numerator = {}, denominator = {}, steps = [], windowHours } = metric
  const base = {
    fromMs: 0,
    windowMs: windowHours === undefined ? null : Math.round(windowHours * hour),
    beforeMs: (metric.adjust ?? adjusted.includes(kind)) ? before : 0,
    cap: metric.cap ?? null,
    quantile: null,
  }
  switch (kind) {
    case 'conversion':
      return { ...base, kind: 'share', parts: [partOf(source, 'one')] }
    case 'count':
      return { ...base, kind: 'amount', parts: [partOf(source, 'one')] }
    case 'sum':
      return { ...base, kind: 'amount', parts: [partOf(source, 'value')] }
    case 'mean':
      return { ...base, kind: 'ratio', parts: [partOf(source, 'value'), partOf(source, 'valued')] }
    case 'ratio':
      return { ...base, kind, parts: [added(numerator), added(denominator)] }
    case 'quantile':
      return {
        ...base,
        kind,
        parts: [partOf(source, 'value')],
        beforeMs: 0,
        quantile: metric.quantile ?? 0.5,
      }
    case 'funnel':
      return { ...base, kind, parts: steps.map((step) => partOf(step, 'one')), beforeMs: 0 }
    case 'retention':
      return {
        ...base,
        kind,
        parts: [partOf(source, 'one')],
        beforeMs: 0,
        fromMs: (metric.day ?? 1) * day,
        windowMs: day,
      }
  }
}
