/** Verdicts and refusals by made-up statistics; the numbers themselves are @nunchi/stats' to prove. */
import { describe, expect, it } from 'vitest'
import { experimentResults } from './experiment-results.ts'
import type { MetricDefinition } from './metric.ts'
import type { MetricSummary, ResultsFrame, ResultsGateway, VariantSummary } from './summary.ts'

const orders: MetricDefinition = { name: 'Orders', kind: 'conversion', source: { event: 'Order Completed' } }
const arms = [
  { key: 'control', weight: 500_000, isControl: true },
  { key: 'first', weight: 500_000 },
]

const share = (variant: string, units: number, successes: number): VariantSummary => {
  const mean = units === 0 ? 0 : successes / units
  const zeros = [0, 0, 0, 0]
  return {
    variant,
    units,
    multiple: 0,
    sums: [String(successes), '0'],
    means: [mean, 0, 0, 0],
    covariance: [[(mean * (1 - mean) * units) / (units - 1), 0, 0, 0], zeros, zeros, zeros],
  }
}

/** An experiment of two arms, with these conversions of each metric. */
function world(
  [control, first]: [number, number],
  converted: { [metric: string]: [number, number] } | MetricSummary,
  more: { frame?: Partial<ResultsFrame>; definition?: object; metrics?: ResultsFrame['metrics'] } = {},
): ResultsGateway {
  const metrics = more.metrics ?? [{ key: 'orders', definition: orders }]
  return {
    async frame() {
      return {
        revision: 1,
        definition: { name: 'Price first', variants: arms, targetSampleSize: 20_000, ...more.definition },
        revisions: [1],
        status: 'running',
        endedAt: null,
        now: 1_790_000_000_000,
        firstAt: 1_790_000_000_000 - 5 * 86_400_000,
        lastAt: 1_790_000_000_000,
        variants: [
          { variant: 'control', units: control, multiple: 0 },
          { variant: 'first', units: first, multiple: 3 },
        ],
        failures: {},
        metrics,
        ...more.frame,
      }
    },
    async summarize({ plan, dimension, series }) {
      if ('variants' in converted) return converted as MetricSummary
      const [a, b] = (converted as { [metric: string]: [number, number] })[plan.parts[0]!.event!]!
      const faults = { events: 0, example: null }
      const part = (by: number) => [
        share('control', Math.round(control * by), Math.round(a * by)),
        share('first', Math.round(first * by), Math.round(b * by)),
      ]
      return {
        variants: part(1),
        faults,
        ...(dimension && {
          by: [
            { value: 'KR', variants: part(0.8), faults },
            { value: null, variants: part(0.2), faults: { events: 1, example: 'x' } },
          ],
        }),
        ...(series && {
          days: [0.25, 0.5, 1].map((by, i) => ({ day: `2026-11-0${i + 1}`, variants: part(by) })),
        }),
      }
    },
  }
}
const guarded = [
  { key: 'orders', definition: orders },
  {
    key: 'errors',
    definition: {
      name: 'Errors',
      kind: 'conversion',
      source: { event: 'Error Occurred' },
      role: 'guardrail',
      direction: 'decrease',
    } as MetricDefinition,
  },
]
const ask = (gateway: ResultsGateway, revision?: string) =>
  experimentResults(gateway, { experiment: 'price', revision })
const verdict = async (gateway: ResultsGateway) => (await ask(gateway)).verdicts.map((one) => one.verdict)
const all = { 'Order Completed': [1000, 1150] as [number, number] }

describe('a verdict', () => {
  it('is to ship where the goal is better by p and interval, with the lift in its reason, in both languages', async () => {
    const { verdicts, metrics, look } = await ask(world([10_000, 10_000], all))
    expect(verdicts).toEqual([
      {
        variant: 'first',
        verdict: 'ship',
        because: [{ code: 'goal-better', metric: 'orders', variant: 'first' }],
        reason: {
          en: expect.stringMatching(/"Orders".*\+15\.0 %, between \+.*p = 0\.0008\).*No guardrail was set/),
          ko: expect.stringContaining('+15.0 %'),
        },
      },
    ])
    expect(look).toMatchObject({ mode: 'group sequential', units: 20_000, planned: 20_000, daysLeft: 0 })
    const [one] = metrics[0]!.variants
    expect(one).toMatchObject({ control: 0.1, value: 0.115, says: 'better', method: 'score', level: 0.05 })
    expect(one).toHaveProperty('interval.low', expect.closeTo(0.0057, 4))
  })

  it('asks for more at an early look than at the last', async () => {
    expect(await verdict(world([1000, 1000], { 'Order Completed': [100, 130] }))).toEqual(['keep running'])
    const last = world(
      [1000, 1000],
      { 'Order Completed': [100, 130] },
      { definition: { targetSampleSize: 2000 } },
    )
    expect(await verdict(last)).toEqual(['inconclusive'])
    const sure = world(
      [1000, 1000],
      { 'Order Completed': [100, 145] },
      { definition: { targetSampleSize: 2000 } },
    )
    expect(await verdict(sure)).toEqual(['ship'])
  })

  it('without a plan holds at every look, and says so', async () => {
    const unplanned = { definition: { targetSampleSize: undefined } }
    const early = world([1000, 1000], { 'Order Completed': [100, 128] }, unplanned)
    expect((await ask(early)).look).toMatchObject({ mode: 'always valid', planned: null, daysLeft: null })
    expect(await verdict(early)).toEqual(['keep running'])
    expect(await verdict(world([10_000, 10_000], { 'Order Completed': [1000, 1300] }, unplanned))).toEqual([
      'ship',
    ])
  })

  it('is to roll back where the goal or a guardrail is clearly worse, however good the rest', async () => {
    expect(await verdict(world([10_000, 10_000], { 'Order Completed': [1150, 1000] }))).toEqual(['roll back'])
    const hurt = world([10_000, 10_000], { ...all, 'Error Occurred': [50, 120] }, { metrics: guarded })
    expect((await ask(hurt)).verdicts[0]!.reason.en).toContain('guardrail "Errors"')
    const held = world([10_000, 10_000], { ...all, 'Error Occurred': [50, 52] }, { metrics: guarded })
    expect(await verdict(held)).toEqual(['ship'])
  })

  it('is inconclusive when it is over, and broken where the shares are not those planned', async () => {
    const over = world([5000, 5000], { 'Order Completed': [500, 505] }, { frame: { status: 'completed' } })
    expect(await verdict(over)).toEqual(['inconclusive'])
    const broken = await ask(world([10_000, 9000], all))
    expect(broken.verdicts).toMatchObject([{ verdict: 'broken: sample ratio' }])
    expect(broken.health).toMatchObject({ multiple: 3, sampleRatio: { broken: true } })
  })

  it('is broken exactly where the health says so, in every mode', async () => {
    for (const testing of ['fixed', 'group sequential', 'always valid']) {
      const found = await ask(
        world(
          [8000, 8400],
          { 'Order Completed': [800, 1200] },
          { definition: { testing, targetSampleSize: 16_400 } },
        ),
      )
      expect(found).toMatchObject({
        health: { sampleRatio: { broken: false, chiSquarePValue: expect.closeTo(0.0018, 4) } },
        verdicts: [{ verdict: 'ship' }],
      })
    }
  })

  it('takes the shares from the ranges where variants have some, the first of two that overlap', async () => {
    const ranges = [
      [0, 100_000],
      [0, 1_000_000],
    ]
    const planned = world([1000, 9000], { 'Order Completed': [100, 1500] }, { definition: { ranges } })
    expect(await ask(planned)).toMatchObject({
      health: { sampleRatio: { broken: false, variants: [{ expected: 1000 }, { expected: 9000 }] } },
      verdicts: [{ verdict: 'ship' }],
    })
  })
})

describe('beside the verdict', () => {
  const goals = ['Order Completed', 'Signed Up', 'Shared'].map((event) => ({
    key: event,
    definition: { name: event, kind: 'conversion', source: { event } } as MetricDefinition,
  }))
  const three = { 'Order Completed': [1000, 1130], 'Signed Up': [1000, 1088], Shared: [1000, 1000] } as const
  const numbers = (found: Awaited<ReturnType<typeof ask>>) =>
    found.metrics.map(({ variants: [one] }) => {
      if (!one || 'noResult' in one) throw new Error('no result')
      return one
    })

  it('several goals are corrected together, and each interval agrees with its corrected p', async () => {
    const gateway = world([10_000, 10_000], three as never, { metrics: goals })
    for (const correction of [undefined, 'holm', 'benjamini-hochberg']) {
      const found = await experimentResults(gateway, { experiment: 'price', correction })
      const told = numbers(found)
      expect(told[0]!.pValue).toBeGreaterThan(told[0]!.uncorrectedPValue)
      for (const { pValue, interval, says } of told) {
        expect(interval.low > 0 || interval.high < 0).toBe(pValue < found.look.alpha)
        expect(says).toBe(pValue < found.look.alpha ? 'better' : 'unclear')
      }
      expect(told.map(({ says }) => says)).toEqual(['better', 'unclear', 'unclear'])
    }
    await expect(
      experimentResults(gateway, { experiment: 'price', correction: 'best' }),
    ).rejects.toMatchObject({
      code: 'query_invalid',
    })
  })

  it('tells power, what can be seen, the days left, the size of the effect, and a bet', async () => {
    const metrics = [{ key: 'orders', definition: { ...orders, minimumLift: 0.1 } }]
    const [one] = numbers(await ask(world([5000, 5000], { 'Order Completed': [500, 520] }, { metrics })))
    expect(one).toMatchObject({
      power: expect.closeTo(0.11, 1),
      minimumDetectableLift: expect.closeTo(0.22, 1),
      daysLeft: 5,
      effectSize: expect.closeTo(0.013, 2),
      bayes: { chanceToBeat: expect.closeTo(0.75, 1), expectedLoss: expect.closeTo(0.0009, 3) },
    })
  })

  it('a guardrail with a margin holds the ship until it is shown to be kept, and says so', async () => {
    const margin = { ...guarded[1]!.definition, margin: 0.1 }
    const metrics = [guarded[0]!, { key: 'errors', definition: margin }]
    const of = async (errors: [number, number]) => {
      const found = await ask(world([10_000, 10_000], { ...all, 'Error Occurred': errors }, { metrics }))
      return { ...found.verdicts[0]!, guard: numbers(found)[1]!.nonInferiority }
    }
    expect(await of([1000, 1040])).toMatchObject({ verdict: 'inconclusive', guard: { held: false } })
    expect((await of([1000, 1040])).reason).toMatchObject({
      en: expect.stringContaining('not yet shown to lose less than the 10.0 %'),
      ko: expect.stringContaining('10.0 %'),
    })
    const ships = await of([2000, 1800])
    expect(ships).toMatchObject({ verdict: 'ship', guard: { held: true } })
    expect(ships.reason.en).toContain('No guardrail is clearly hurt.')
    expect(await of([1000, 1400])).toMatchObject({ verdict: 'roll back', guard: { beyond: true } })
  })

  it('each value of a dimension, corrected together, and what cannot be read of one says so', async () => {
    const gateway = world([10_000, 10_000], all)
    const { metrics } = await experimentResults(gateway, { experiment: 'price', dimension: 'country' })
    expect(metrics[0]!.byDimension).toMatchObject({
      dimension: 'country',
      segments: [
        { value: 'KR', variants: [{ variant: 'first', units: 8000, control: 0.1 }] },
        { value: null, variants: [{ noResult: { code: 'not-a-number' } }] },
      ],
    })
    await expect(
      experimentResults(gateway, { experiment: 'price', dimension: 'mood' }),
    ).rejects.toMatchObject({
      code: 'query_invalid',
      message: expect.stringContaining('mood'),
    })
  })

  it('strata combine to the same difference where they hold the same shares', async () => {
    const gateway = world([10_000, 10_000], all)
    const { metrics } = await experimentResults(gateway, { experiment: 'price', stratify: 'country' })
    expect(metrics[0]).toMatchObject({
      stratifiedBy: 'country',
      variants: [{ method: 'welch', difference: expect.closeTo(0.015, 9), says: 'better' }],
    })
  })

  it.each([20_000, undefined])(
    'the series narrows to the interval that is shown (planned: %s)',
    async (planned) => {
      const gateway = world([10_000, 10_000], all, { definition: { targetSampleSize: planned } })
      const { metrics } = await experimentResults(gateway, { experiment: 'price', series: 'day' })
      const [{ series, variants }] = metrics as [(typeof metrics)[0]]
      if (!series || 'noResult' in series) throw new Error('no series')
      const widths = series.days.map(({ variants: [one] }) => one!.interval.high - one!.interval.low)
      expect(widths).toEqual([...widths].sort((a, b) => b - a))
      expect(series.days.at(-1)).toMatchObject({
        day: '2026-11-03',
        variants: [{ interval: (variants[0] as { interval: object }).interval }],
      })
    },
  )

  it('what looking means is said in the mode in use, and what was seen but is not in the config', async () => {
    const stranger = { variant: 'second', units: 7, multiple: 0 }
    const frame = {
      variants: [...['control', 'first'].map((variant) => ({ variant, units: 4000, multiple: 0 })), stranger],
    }
    const { look, health } = await ask(world([4000, 4000], all, { frame }))
    expect(look.note).toEqual({
      en: expect.stringMatching(/Group sequential: 8007 of 20000.*stronger evidence.*below \d/),
      ko: expect.stringContaining('집단 순차'),
    })
    expect(health.unknownVariants).toEqual([
      {
        variant: 'second',
        units: 7,
        reason: { en: expect.stringContaining('"second"'), ko: expect.any(String) },
      },
    ])
    const always = await ask(world([4000, 4000], all, { definition: { targetSampleSize: undefined } }))
    expect(always.look.note.en).toContain('as often as you like')
    const fixed = await ask(
      world([4000, 4000], { 'Order Completed': [400, 700] }, { definition: { testing: 'fixed' } }),
    )
    expect(fixed).toMatchObject({
      look: { mode: 'fixed', note: { en: expect.stringContaining('nothing is decided yet') } },
      verdicts: [{ verdict: 'keep running', because: [{ code: 'sample-not-reached' }] }],
    })
    const either = await ask(world([4000, 4000], all, { definition: { testing: 'always valid' } }))
    expect(either.look).toMatchObject({ mode: 'always valid', planned: 20_000 })
  })
})

describe('where there are no numbers the answer says why', () => {
  const nobody = { variants: [] as ResultsFrame['variants'], firstAt: null, lastAt: null }
  const code = async (gateway: ResultsGateway, revision?: string) =>
    (await ask(gateway, revision)).noResult?.code

  it('for the whole experiment', async () => {
    expect(await code(world([0, 0], all, { frame: { ...nobody, status: 'draft' } }))).toBe('never-ran')
    expect(await code(world([0, 0], all, { frame: nobody }))).toBe('no-exposures')
    expect(await code(world([10, 0], all, { definition: { variants: [arms[0]] } }))).toBe('one-variant')
    expect(await code(world([10, 10], all, { metrics: [] }))).toBe('no-metrics')
    for (const definition of [{ confidenceLevel: 2 }, { targetSampleSize: 0 }])
      expect(await code(world([10, 10], all, { definition }))).toBe('cannot-analyse')
    expect(await code(world([10, 10], all), '1.5')).toBe('unknown-revision')
    expect(await code(world([10, 10], all, { frame: { definition: null } }), '7')).toBe('unknown-revision')
  })

  it('for one metric', async () => {
    const of = async (gateway: ResultsGateway) => (await ask(gateway)).metrics[0]!.variants[0]
    const two = [share('control', 10, 1), share('first', 10, 1)]
    expect(
      await of(world([10, 10], { variants: two, faults: { events: 4, example: 'free' } })),
    ).toMatchObject({
      noResult: { code: 'not-a-number', reason: { en: expect.stringContaining('"free"') } },
    })
    const many = [share('control', 10_000, 1000), share('first', 10_000, 1150)]
    const one = { events: 1, example: 'free', byVariant: { first: 1 } }
    const told = await ask(world([10_000, 10_000], { variants: many, faults: one }))
    expect(told.metrics[0]).toMatchObject({ setApart: one, variants: [{ says: 'better' }] })
    const alone = { variants: [share('control', 10, 1)], faults: { events: 0, example: null } }
    expect(await of(world([10, 10], alone))).toMatchObject({
      noResult: { code: 'not-comparable', because: 'no-units', reason: { ko: expect.any(String) } },
    })
    const weighing = (weight: number) => [{ ...arms[0]!, weight }, arms[1]!]
    const weightless = await ask(world([10, 10], all, { definition: { variants: weighing(-1) } }))
    expect(weightless.health).toMatchObject({
      sampleRatio: null,
      noResult: { code: 'bad-weights', because: '-1, 500000' },
    })
  })

  it('and it is JSON without a number that is none, for every kind of metric and any statistics', async () => {
    const source = { event: 'e', property: 'p' }
    const kinds: Omit<MetricDefinition, 'name'>[] = [
      { kind: 'sum', source },
      { kind: 'mean', source },
      { kind: 'ratio', numerator: source, denominator: source },
      { kind: 'quantile', source, quantile: 0.5 },
      { kind: 'retention', day: 1 },
      { kind: 'funnel', steps: [source, source] },
    ]
    const metrics = kinds.map((kind) => ({ key: kind.kind, definition: { ...kind, name: kind.kind } }))
    const bare = { variant: 'control', units: 1, multiple: 0, means: [0, 0, 0, 0], covariance: [[null]] }
    for (const variants of [
      [],
      [bare],
      [bare, { ...bare, variant: 'first' }],
      [share('control', 2, 2), share('first', 2, 0)],
    ]) {
      const found = await ask(world([2, 2], { variants, faults: { events: 0, example: null } }, { metrics }))
      for (const { variants: told } of found.metrics)
        expect(told[0]).toEqual(
          expect.objectContaining(
            'noResult' in told[0]! ? { noResult: expect.anything() } : { pValue: expect.any(Number) },
          ),
        )
      expect(JSON.stringify(found)).not.toContain('NaN')
    }
  })
})
