import { describe, expect, it } from 'vitest'
import { isMetricKey, metricMistakes } from './validate-metric.ts'

const order = { event: 'Order Completed' }
const mistakes = (given: unknown) => metricMistakes(given).map(({ path, message }) => `${path}: ${message}`)
const paths = (given: unknown) => metricMistakes(given).map(({ path }) => path)

describe('a metric’s definition', () => {
  it('is refused by the path of each mistake, in words', () => {
    expect(mistakes(null)).toEqual([': It must be a JSON object.'])
    expect(mistakes({ kind: 'average' })).toEqual([
      'kind: It must be one of conversion, count, sum, mean, ratio, retention, quantile, funnel.',
    ])
    expect(mistakes({ name: '', kind: 'sum', source: order, cap: -1, role: 'main' })).toEqual([
      'name: It must be a text of 1 to 200 characters.',
      'role: It must be one of goal, guardrail, secondary.',
      'source.property: It must name the property whose number is taken.',
      'cap: It must be a number above 0.',
    ])
    expect(paths({ name: 'n', kind: 'conversion' })).toEqual(['source'])
    expect(paths({ name: 'n', kind: 'conversion', source: {}, windowHours: 0, day: 1 })).toEqual([
      'day',
      'source',
      'windowHours',
    ])
    expect(paths({ name: 'n', kind: 'ratio', numerator: order })).toEqual(['denominator'])
    expect(paths({ name: 'n', kind: 'funnel', steps: [order] })).toEqual(['steps'])
    expect(paths({ name: 'n', kind: 'funnel', steps: [order, { event: 7 }] })).toEqual(['steps[1].event'])
    expect(paths({ name: 'n', kind: 'retention', day: 1.5 })).toEqual(['day'])
    expect(
      paths({ name: 'n', kind: 'quantile', quantile: 1, source: { event: 'a', property: 'b' } }),
    ).toEqual(['quantile'])
    expect(paths({ name: 'n', kind: 'count', source: { conversion: 'a', property: 'b' } })).toContain(
      'source.property',
    )
    expect(paths({ name: 'n', kind: 'count', source: { event: 'a', step: 'b' } })).toEqual(['source.step'])
    expect(paths({ name: 'n', kind: 'count', source: order, adjust: 1, minimumLift: 2, margin: 0 })).toEqual([
      'adjust',
      'minimumLift',
      'margin',
      'margin',
    ])
    expect(paths({ name: 'n', kind: 'retention', day: 1, adjust: true })).toEqual(['adjust'])
    expect(paths({ name: 'n', kind: 'count', source: { event: 'a', where: { b: null } } })).toEqual([
      'source.where.b',
    ])
    expect(paths({ name: 'a\0', kind: 'count', source: { event: '\ud800' }, experiments: [''] })).toEqual([
      'name',
      'experiments',
      'source.event',
    ])
  })

  it.each([
    { kind: 'conversion', source: order, windowHours: 72, adjust: true, minimumLift: 0.05 },
    { kind: 'sum', source: { conversion: 'order' }, adjust: false, role: 'guardrail', margin: 0.02 },
    { kind: 'count', source: { type: 'page' }, cap: 50 },
    {
      kind: 'sum',
      source: { ...order, property: 'revenue', where: { currency: 'KRW' } },
      direction: 'increase',
    },
    { kind: 'sum', source: { conversion: 'order', step: 'paid' } },
    {
      kind: 'mean',
      source: { event: 'Web Vital', where: { metric: 'LCP' }, property: 'value' },
      direction: 'decrease',
    },
    { kind: 'ratio', numerator: { ...order, property: 'revenue' }, denominator: { event: 'Product Added' } },
    { kind: 'retention', day: 7, role: 'guardrail' },
    { kind: 'quantile', quantile: 0.9, source: { ...order, property: 'revenue' }, role: 'secondary' },
    { kind: 'funnel', steps: [{ event: 'Product Added' }, order], experiments: ['price'] },
  ])('of kind $kind stands', (given) => {
    expect(metricMistakes({ name: 'A metric', ...given })).toEqual([])
  })
})

it('a key is short and plain', () => {
  expect(['orders', 'Revenue.per-visitor_2'].every(isMetricKey)).toBe(true)
  expect(['', '.a', 'a b', 'a'.repeat(101), '주문'].some(isMetricKey)).toBe(false)
})
