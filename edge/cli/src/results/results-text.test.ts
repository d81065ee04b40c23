/** Results on the terminal: nothing that was asked for is missing, and what has no numbers says why. */
import type { ExperimentResults } from '@nunchi/collector/results'
import { expect, it } from 'vitest'
import { resultsText } from './results-text.ts'

const said = (en: string, ko: string) => ({ en, ko })
const numbers = {
  variant: 'first',
  units: 10_000,
  control: 0.1,
  value: 0.115,
  difference: 0.015,
  interval: { low: 0.0061, high: Number.POSITIVE_INFINITY },
  pValue: 9.1e-21,
  uncorrectedPValue: 4.5e-21,
  level: 0.025,
  lift: 0.15,
  liftInterval: { low: 0.06, high: 0.25 },
  method: 'score' as const,
  effectSize: 0.0484,
  power: 0.62,
  minimumDetectableLift: 0.12,
  daysLeft: 3,
  bayes: { chanceToBeat: 0.999, expectedLoss: 0.00001 },
  says: 'better' as const,
}
const results: ExperimentResults = {
  experiment: 'price',
  name: 'Price first',
  revision: 2,
  status: 'running',
  firstAt: 1,
  computedAt: 2,
  health: {
    sampleRatio: null,
    noResult: { code: 'bad-weights', reason: said('The weights are -1.', '가중치') },
    unknownVariants: [{ variant: 'second', units: 7, reason: said('7 units saw "second".', '7명') }],
    multiple: 3,
    failures: { unknown_variant: 7 },
  },
  look: {
    mode: 'always valid',
    units: 20_000,
    planned: null,
    unitsPerDay: 4000,
    daysLeft: null,
    alpha: 0.05,
    alphaNow: 0.05,
    correction: 'holm',
    note: said('Look at any time.', '언제든 보세요.'),
  },
  metrics: [
    {
      key: 'orders',
      name: 'Orders',
      kind: 'conversion',
      role: 'goal',
      direction: 'increase',
      variants: [numbers],
      byDimension: {
        dimension: 'country',
        segments: [
          { value: 'KR', variants: [numbers] },
          { value: null, other: true, variants: [numbers] },
          { value: null, variants: [numbers] },
        ],
      },
      setApart: {
        ...{ code: 'not-a-number', events: 1, byVariant: { first: 1 }, example: 'free' },
        reason: said('1 event is in no figure.', '이벤트 1개'),
      },
      series: { days: [{ day: '2026-11-01', variants: [numbers] }] },
    },
    {
      key: 'errors',
      name: 'Errors',
      kind: 'conversion',
      role: 'guardrail',
      direction: 'decrease',
      margin: 0.02,
      variants: [{ ...numbers, nonInferiority: { margin: 0.02, pValue: 0.3, held: false, beyond: false } }],
      byDimension: {
        dimension: 'country',
        noResult: { code: 'being-prepared', reason: said('Being prepared.', '준비 중') },
      },
    },
  ],
  verdicts: [{ variant: 'first', verdict: 'ship', because: [], reason: said('It is better.', '좋습니다.') }],
}

it('shows verdict, health, numbers, what stands beside, segments and days', () => {
  const text = resultsText(results, 'en').join('\n')
  for (const part of [
    /first: ship\. It is better\./,
    /The weights are -1/,
    /7 units saw "second"/,
    /3 units that saw several variants/,
    /set apart {2}\w+: 1 event is in no figure\./,
    /Look at any time/,
    /errors of first may lose 2\.0 %: not shown yet \(one-sided p 0\.3000\)/,
    /orders +goal +first +10000 +0\.1 +0\.115 +\+15\.0 % \(\+6\.0 % … \+25\.0 %\) +0\.0061 … ∞ +9\.1e-21 +better/,
    /orders +first +score +0\.0484 +62\.0 % +12\.0 % +3 +99\.9 % +(0\.00001|1e-5)/,
    /orders by country.*KR.*others.*unknown/s,
    /errors by country: Being prepared/,
    /2026-11-01 +first +10000/,
  ])
    expect(text).toMatch(part)
})

it('speaks Korean where it is asked to', () => {
  const text = resultsText(results, 'ko').join('\n')
  for (const part of ['좋습니다.', '언제든 보세요.', '준비 중', '가중치']) expect(text).toContain(part)
})
