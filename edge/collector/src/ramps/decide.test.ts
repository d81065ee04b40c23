/** Decisions on ramps without a database: what is waited for, what ends a step, and what is written down. */
import { describe, expect, it } from 'vitest'
import { metricPlan } from '../results/metric-plan.ts'
import { type Counted, decide } from './decide.ts'
import { broken } from './intact.ts'
import { brokenRatio, progressOf } from './progress.ts'
import type { Ramp, RampPlan, StepUnits } from './ramp.ts'
import { rampMistakes } from './ramp-input.ts'
import type { StepArm } from './strata.ts'

const hour = 3_600_000
const orders = metricPlan({ name: 'o', kind: 'conversion', source: { event: 'Order Completed' } })
const plan: RampPlan = {
  steps: [100_000, 500_000].map((share) => ({
    share,
    coverage: share,
    leastMs: 10 * hour,
    leastUnits: 1000,
  })),
  guardrails: [{ metric: 'orders', name: 'Orders', direction: 'increase', margin: 0, plan: orders }],
  alpha: 0.05,
  control: 'a',
  treatments: ['b'],
  weights: { a: 500_000, b: 500_000 },
}
const rampOf = (more: Partial<Ramp> = {}): Ramp => ({
  ...{ id: 'r', projectId: 'p', environment: 'production', kind: 'experiment', key: 'k', experiment: 'k' },
  ...{ revision: 1, plan, state: 'running', step: 0, reason: { code: 'begun', en: '', ko: '' }, turn: 1 },
  ...{ actor: 'x', startedAt: 0, updatedAt: 0, endedAt: null, now: 10 * hour, looks: [] },
  steps: [{ step: 0, coverage: 100_000, number: 1, startedAt: 0, endedAt: null }],
  ...more,
})
const units = (a: number, b: number, step = 0): StepUnits[] => [
  { step, variant: 'a', units: a, multiple: 0 },
  { step, variant: 'b', units: b, multiple: 0 },
]
const arm = (step: number, variant: string, n: number, sold: number): StepArm => ({
  ...{ step, variant, units: n, active: sold, sum: String(sold), means: [sold / n, 0] },
  covariance: [
    [sold / n, 0],
    [0, 0],
  ],
})
const counted = (arms: StepArm[], more: Partial<Counted['guardrail']> = {}, faults = 0): Counted[] => [
  {
    guardrail: { ...plan.guardrails[0]!, ...more },
    summary: { arms, faults: { events: faults, example: faults ? 'free' : null } },
  },
]
const full = { step: 1, plan: 0.5, due: true, waits: rampOf().reason }

describe('the progress of a step', () => {
  it('is the lesser of its time and its units, and says what it waits for', () => {
    const at = (now: number, n: number) => progressOf(rampOf({ now }), units(n, n))
    expect(at(hour, 0)).toMatchObject({ step: 0, due: false, waits: { code: 'no-exposures' } })
    expect(at(100 * hour, 50)).toMatchObject({ step: 0.1, due: true, waits: { code: 'more-units' } })
    expect(at(2 * hour, 5000)).toMatchObject({ step: 0.2, due: true, waits: { code: 'more-time' } })
    expect(at(100 * hour, 25)).toMatchObject({ step: 0.05, due: false })
    expect(at(5 * hour, 250)).toMatchObject({ step: 0.5, plan: 0.25, due: true })
    expect(at(10 * hour, 5000)).toMatchObject({ step: 1, plan: 0.5, due: true })
  })

  it('asks for one look at each of its moments, whoever looked before, and for as long as a step that is over is not decided', () => {
    const seen = (progress: number) => [{ look: 1, step: 0, progress, tests: [], decision: 'hold', at: 0 }]
    const due = (now: number, progress: number) =>
      progressOf(rampOf({ now, looks: seen(progress) }), units(500, 500)).due
    expect(due(4 * hour, 0.125)).toBe(false)
    expect(due(5 * hour, 0.125)).toBe(true)
    expect(due(7 * hour, 0.25)).toBe(false)
    expect(due(10 * hour, 0.5)).toBe(true)
  })

  it('is nothing to go by where the arms hold other shares than planned, in this step or in all', () => {
    expect(brokenRatio(rampOf(), units(1000, 1010))).toBeUndefined()
    expect(brokenRatio(rampOf(), units(1000, 1400))).toBeLessThan(0.0005)
    const before = units(100_000, 100_000)
    expect(brokenRatio(rampOf({ step: 1 }), [...before, ...units(1000, 1400, 1)])).toBeLessThan(0.0005)
  })
})

describe('a decision', () => {
  const well = [arm(0, 'a', 5000, 1000), arm(0, 'b', 5000, 1005)]

  it('advances when the step is over and nothing is hurt; before, it holds', () => {
    expect(decide(rampOf(), { ...full, step: 0.5, plan: 0.25 }, counted(well)).does).toBe('hold')
    expect(decide(rampOf(), full, counted(well))).toMatchObject({
      does: 'advance',
      reason: { code: 'advanced', en: expect.stringContaining('50 %'), ko: expect.stringContaining('50 %') },
      look: { progress: 0.5, tests: [{ hurt: false, spent: expect.closeTo(0.0033, 4) }] },
    })
    expect(decide(rampOf({ step: 1 }), { ...full, plan: 1 }, counted(well)).does).toBe('finish')
  })

  it('rolls back as soon as one guardrail is clearly hurt, in the middle of a step too', () => {
    const ill = [arm(0, 'a', 5000, 1000), arm(0, 'b', 5000, 800)]
    expect(decide(rampOf(), { ...full, step: 0.25, plan: 0.125 }, counted(ill))).toMatchObject({
      does: 'roll back',
      reason: { code: 'hurt' },
      look: { tests: [{ hurt: true }] },
    })
    const errors = [arm(0, 'a', 5000, 20), arm(0, 'b', 5000, 90)]
    expect(decide(rampOf(), full, counted(errors)).does).toBe('advance')
    const ramp = rampOf({
      plan: { ...plan, guardrails: [{ ...plan.guardrails[0]!, direction: 'decrease' }] },
    })
    expect(decide(ramp, full, counted(errors, { direction: 'decrease' })).does).toBe('roll back')
  })

  it('never calls a goal held that nobody has reached; that errors are few is good news', () => {
    const few = [arm(0, 'a', 5000, 2), arm(0, 'b', 5000, 3)]
    const held = decide(rampOf(), full, counted(few))
    expect(held).toMatchObject({ does: 'hold', reason: { code: 'few' } })
    const looks = [{ look: 1, step: 0, progress: 0.5, tests: held.look!.tests, decision: 'hold', at: 0 }]
    expect(decide(rampOf({ looks }), full, counted(few))).toEqual({ does: 'wait', reason: held.reason })
    expect(decide(rampOf({ looks }), full, counted(well))).toMatchObject({ does: 'advance' })
    const ramp = rampOf({
      plan: { ...plan, guardrails: [{ ...plan.guardrails[0]!, direction: 'decrease' }] },
    })
    expect(decide(ramp, full, counted(few, { direction: 'decrease' })).does).toBe('advance')
  })

  it('pauses where a number is a text', () => {
    expect(decide(rampOf(), full, counted(well, {}, 3))).toMatchObject({
      does: 'pause',
      reason: { code: 'not-a-number', en: expect.stringContaining('free') },
    })
  })

  it('goes on where very few are, and tells them', () => {
    const faults = { events: 2, example: 'free', byVariant: { b: 2 } }
    const [one] = counted(well)
    expect(decide(rampOf(), full, [{ ...one!, summary: { ...one!.summary, faults } }])).toMatchObject({
      does: 'advance',
      look: { tests: [{ setApart: { events: 2, example: 'free' } }] },
    })
    const more = { events: 6, example: 'free', byVariant: { b: 6 } }
    expect(decide(rampOf(), full, [{ ...one!, summary: { ...one!.summary, faults: more } }])).toMatchObject({
      does: 'pause',
    })
  })

  it('is to roll back where one guardrail is clearly hurt, though another cannot be read', () => {
    const hurt = counted([arm(0, 'a', 5000, 1000), arm(0, 'b', 5000, 700)])
    const faulty = counted([arm(0, 'a', 5000, 1000), arm(0, 'b', 5000, 1000)], { metric: 'revenue' }, 3)
    for (const both of [
      [...hurt, ...faulty],
      [...faulty, ...hurt],
    ])
      expect(decide(rampOf(), full, both)).toMatchObject({ does: 'roll back', reason: { code: 'hurt' } })
  })
})

describe('what ends a ramp', () => {
  const variants = [{ key: 'a', weight: 1 }]
  const running = {
    name: 'k',
    hypothesis: 'h',
    status: 'running',
    revision: 1,
    coverage: 100_000,
    variants,
  } as const
  const ask = (more: object | null, ramp: Partial<Ramp> = {}, flags: object = {}) =>
    broken(rampOf(ramp), {
      flags,
      experiments: more === null ? {} : { k: { ...running, ...more } },
    } as never)?.en

  it('is any change by hand of what it compares, and nothing else', () => {
    expect(ask({})).toBeUndefined()
    expect(ask({ name: 'another', targetSampleSize: 5 })).toBeUndefined()
    expect(ask(null)).toMatch(/deleted/)
    expect(ask({ status: 'paused' })).toMatch(/paused/)
    expect(ask({ revision: 2 })).toMatch(/revision 2/)
    expect(ask({ coverage: 200_000 })).toMatch(/coverage/)
    const rules = [{ id: 'ramp', experiment: 'k' }]
    expect(ask({}, { kind: 'flag' }, { k: { rules } })).toBeUndefined()
    expect(ask({}, { kind: 'flag' }, {})).toMatch(/flag "k" was deleted/)
    expect(ask({}, { kind: 'flag' }, { k: { rules, enabled: false } })).toMatch(/disabled/)
    expect(ask({}, { kind: 'flag' }, { k: { rules: [] } })).toMatch(/no longer asks/)
  })
})

describe('what is sent', () => {
  it('is refused by path, each mistake in words', () => {
    expect(rampMistakes({ steps: [{ share: 1 }], guardrails: [{ metric: 'm' }] }, 'flag')).toEqual([])
    const paths = (given: unknown, kind: 'flag' | 'experiment' = 'flag') =>
      rampMistakes(given, kind).map(({ path }) => path)
    expect(paths(7)).toEqual([''])
    expect(paths({})).toEqual(['steps', 'guardrails'])
    const steps = [
      { share: 500_000 },
      { share: 100_000, leastHours: -1 },
      { share: 0.5, leastUnits: 0 },
      null,
    ]
    expect(
      paths({
        steps,
        guardrails: [{ metric: 'm' }, { metric: 'm', margin: 2, way: 1 }, { direction: 'up' }],
      }),
    ).toEqual([
      'steps[1].share',
      'steps[1].leastHours',
      'steps[2].share',
      'steps[2].leastUnits',
      'steps[3]',
      'guardrails[1].way',
      'guardrails[1].metric',
      'guardrails[1].margin',
      'guardrails[2].metric',
      'guardrails[2].direction',
    ])
    const whole = { steps: [{ share: 1_000_000 }], guardrails: [{ metric: 'm' }], alpha: 2, value: 1 }
    expect(paths(whole)).toEqual(['steps[0].share', 'alpha'])
    expect(paths(whole, 'experiment')).toEqual(['value', 'alpha'])
  })
})
