/** How a ramp spends its error: never more than all of it, most where the last people are who do not have it yet. */
import { describe, expect, it } from 'vitest'
import { looksAt } from './progress.ts'
import type { RampPlan } from './ramp.ts'
import { spentBy } from './spending.ts'

const planOf = (shares: number[], more: Partial<RampPlan> & { hours?: number[] } = {}): RampPlan => ({
  steps: shares.map((share, i) => ({
    ...{ share, coverage: share, leastUnits: 1000 },
    leastMs: (more.hours?.[i] ?? 24) * 3_600_000,
  })),
  guardrails: [],
  alpha: 0.05,
  control: 'off',
  treatments: ['on'],
  weights: { off: 500_000, on: 500_000 },
  ...more,
})
const shares = [100_000, 500_000, 1_000_000]
const plans: [string, RampPlan, number][] = [
  ['an experiment to everybody', planOf(shares), 3],
  ['a flag to everybody, who are not compared', planOf(shares, { winner: 'on' }), 2],
  ['a flag that stays at a half', planOf([100_000, 500_000], { winner: 'on' }), 2],
  ['everybody at once', planOf([1_000_000]), 1],
  ['steps without a least time', planOf(shares, { hours: [0, 0, 0] }), 3],
]

describe('the error of a ramp', () => {
  it.each(plans)('is spent once over all looks, and never given back: %s', (_, plan, steps) => {
    const looks = Array.from({ length: steps }, (_, step) => looksAt.map((at) => spentBy(plan, step, at)))
    const all = looks.flat()
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    expect(all[0]).toBeGreaterThan(0)
    expect(all.at(-1)).toBeCloseTo(1, 12)
  })

  it('is nearly whole at the last look before everybody has it, and a little is left for after', () => {
    const plan = planOf(shares)
    expect(spentBy(plan, 1, 1)).toBeCloseTo(0.96, 12)
    expect(spentBy(plan, 1, 0.75)).toBeLessThan(0.55)
    expect(spentBy(plan, 0, 1)).toBeLessThan(0.1)
  })

  it('goes by the visitors that are expected: a step of more hours weighs more', () => {
    const long = planOf(shares, { hours: [96, 24, 24] })
    expect(spentBy(long, 0, 1)).toBeGreaterThan(spentBy(planOf(shares), 0, 1))
  })
})
