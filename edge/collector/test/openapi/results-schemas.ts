/** The schemas of metrics and of an experiment's results. */
import type { JsonSchema } from '@nunchi/protocol/json-schemas'
import { listOf, object, ref } from './object.ts'

const text: JsonSchema = { type: 'string' }
const number: JsonSchema = { type: 'number' }
const count: JsonSchema = { type: 'integer', minimum: 0 }
const orNull = (type: string, description?: string): JsonSchema => ({
  type: [type, 'null'],
  ...(description && { description }),
})
const either = (...anyOf: JsonSchema[]): JsonSchema => ({ anyOf })
const nothing: JsonSchema = { type: 'null' }
const role: JsonSchema = { enum: ['goal', 'guardrail', 'secondary'] }
const direction: JsonSchema = { enum: ['increase', 'decrease'] }
const share: JsonSchema = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }
const kind: JsonSchema = {
  enum: ['conversion', 'count', 'sum', 'mean', 'ratio', 'retention', 'quantile', 'funnel'],
}
const verdict: JsonSchema = {
  enum: ['ship', 'roll back', 'keep running', 'inconclusive', 'broken: sample ratio'],
}
const dimension: JsonSchema = { enum: ['country', 'deviceClass', 'browser', 'os'] }

const metricSchemas: { [name: string]: JsonSchema } = {
  MetricSource: object('Which events count.', {
    'event?': text,
    'type?': { enum: ['track', 'page', 'identify', 'group'] },
    'conversion?': text,
    'step?': text,
    'where?': { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
    'property?': { type: 'string', description: 'Whose number is added.' },
  }),
  MetricDefinition: object('What experiments are judged by.', {
    name: text,
    kind,
    'source?': ref('MetricSource'),
    'numerator?': ref('MetricSource'),
    'denominator?': ref('MetricSource'),
    'steps?': listOf(ref('MetricSource')),
    'windowHours?': number,
    'cap?': number,
    'day?': count,
    'quantile?': share,
    'adjust?': { type: 'boolean', description: 'By what was before the first exposure (CUPED).' },
    'minimumLift?': { ...share, description: 'The relative change worth seeing.' },
    'margin?': { ...share, description: 'What a guardrail may lose.' },
    'direction?': direction,
    'role?': role,
    'experiments?': listOf(text),
  }),
  StoredMetric: object('A metric.', { key: text, definition: ref('MetricDefinition') }),
  MetricList: object('All metrics.', { metrics: listOf(ref('StoredMetric')) }),
  MetricChange: object('What was changed.', {
    key: text,
    before: either(ref('MetricDefinition'), nothing),
    definition: either(ref('MetricDefinition'), nothing),
  }),
}

const numbers = object('A variant beside the control.', {
  variant: text,
  units: count,
  control: number,
  value: number,
  difference: number,
  interval: ref('Interval'),
  pValue: { type: 'number', description: 'Corrected, and valid at this look: compare it with `look.alpha`.' },
  uncorrectedPValue: number,
  level: { type: 'number', description: 'Of both intervals, over all looks.' },
  lift: orNull('number'),
  liftInterval: either(ref('Interval'), nothing),
  method: { enum: ['score', 'fisher', 'welch', 'cuped', 'ratio', 'cuped-ratio', 'quantile'] },
  effectSize: orNull('number'),
  power: orNull('number'),
  minimumDetectableLift: orNull('number'),
  daysLeft: orNull('integer'),
  bayes: either(
    object('A bet, never a rule to stop.', { chanceToBeat: number, expectedLoss: number }),
    nothing,
  ),
  'nonInferiority?': either(
    object('A guardrail against its margin.', {
      margin: number,
      pValue: number,
      held: { type: 'boolean' },
      beyond: { type: 'boolean' },
    }),
    nothing,
  ),
  says: { enum: ['better', 'worse', 'unclear'] },
})

const resultSchemas: { [name: string]: JsonSchema } = {
  Said: object('One sentence in two languages.', { en: text, ko: text }),
  Interval: object('A bound that is infinite is null.', { low: orNull('number'), high: orNull('number') }),
  NoResult: object('Why there are no numbers.', { code: text, 'because?': text, reason: ref('Said') }),
  VariantResult: either(
    numbers,
    object('A variant without numbers.', { variant: text, units: count, noResult: ref('NoResult') }),
  ),
  Segments: object('A metric by the values of a dimension.', {
    dimension,
    'segments?': listOf(
      object('One value.', {
        value: orNull('string', 'Null where it is not known, and of all the others.'),
        'other?': { type: 'boolean' },
        variants: listOf(ref('VariantResult')),
      }),
    ),
    'noResult?': ref('NoResult'),
  }),
  Series: object('A metric at the end of each day.', {
    'days?': listOf(
      object('One day.', {
        day: text,
        variants: listOf(
          object('A variant as it stood.', {
            variant: text,
            units: count,
            control: number,
            value: number,
            difference: number,
            interval: ref('Interval'),
            lift: orNull('number'),
            liftInterval: either(ref('Interval'), nothing),
          }),
        ),
      }),
    ),
    'noResult?': ref('NoResult'),
  }),
  MetricResult: object('One metric.', {
    key: text,
    name: text,
    kind,
    role,
    direction,
    'margin?': number,
    'stratifiedBy?': either(dimension, nothing),
    'setApart?': object('Events that have no number, where they are few: the figures are without them.', {
      code: { const: 'not-a-number' },
      events: count,
      byVariant: { type: 'object', additionalProperties: count },
      example: text,
      reason: ref('Said'),
    }),
    variants: listOf(ref('VariantResult')),
    'byDimension?': ref('Segments'),
    'series?': ref('Series'),
  }),
  Health: object('Whether it ran as planned.', {
    sampleRatio: either(
      object('The shares of the variants.', {
        pValue: number,
        chiSquarePValue: number,
        broken: { type: 'boolean' },
        variants: listOf(object('One.', { variant: text, units: count, expected: number })),
      }),
      nothing,
    ),
    'noResult?': ref('NoResult'),
    unknownVariants: listOf(object('One.', { variant: text, units: count, reason: ref('Said') })),
    multiple: count,
    failures: { type: 'object', additionalProperties: { type: 'integer' } },
  }),
  Look: object('How it is tested, and what looking now means.', {
    mode: { enum: ['fixed', 'group sequential', 'always valid'] },
    units: count,
    planned: orNull('integer'),
    unitsPerDay: number,
    daysLeft: orNull('integer'),
    alpha: number,
    alphaNow: number,
    correction: { enum: ['none', 'holm', 'benjaminiHochberg'] },
    note: ref('Said'),
  }),
  ExperimentResults: object('What an experiment did.', {
    experiment: text,
    name: text,
    revision: orNull('integer'),
    status: text,
    firstAt: orNull('integer', 'In ms.'),
    computedAt: { type: 'integer', description: 'In ms.' },
    'asOf?': {
      type: 'integer',
      description:
        'In ms; where more came at once than could be taken in: all that was processed until then is counted.',
    },
    health: ref('Health'),
    look: ref('Look'),
    metrics: listOf(ref('MetricResult')),
    verdicts: listOf(
      object('What to do about a variant.', {
        variant: text,
        verdict,
        because: listOf(object('For programs.', { code: text, 'variant?': text, 'metric?': text })),
        reason: ref('Said'),
      }),
    ),
    'noResult?': ref('NoResult'),
  }),
}

/** All of them by name. */
export const resultsSchemas: { [name: string]: JsonSchema } = { ...metricSchemas, ...resultSchemas }
