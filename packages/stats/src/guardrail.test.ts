/** Guardrails over strata and looks: what is hurt is found, what is not is left alone, and pooling would be fooled. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Guardrail, guardrailTest, rateStratum, type Stratum, twoProportions } from './index.ts'

function stratum(control: [number, number], treatment: [number, number]): Stratum {
  const found = rateStratum(
    { n: control[0], successes: control[1] },
    { n: treatment[0], successes: treatment[1] },
  )
  if (!found.ok) throw new Error(found.reason)
  return found
}
function ask(strata: Stratum[], guardrail: Guardrail = {}, progress = 1, earlier: never[] | object[] = []) {
  const test = guardrailTest(strata, guardrail, progress, earlier as never)
  if (!test.ok) throw new Error(test.reason)
  return test
}

describe('a guardrail', () => {
  it('of one stratum at one look is the ordinary one-sided score test', () => {
    const test = ask([stratum([10_000, 2000], [10_000, 1880])])
    const score = twoProportions({ n: 10_000, successes: 2000 }, { n: 10_000, successes: 1880 })
    if (!score.ok) throw new Error(score.reason)
    expect(test.z).toBeCloseTo(-score.z, 10)
    expect(test.bound).toBeCloseTo(1.6448536269514722, 6)
    expect(test).toMatchObject({ hurt: true, spent: 0.05, meanControl: 0.2, meanTreatment: 0.188 })
  })

  it('is hurt in the direction that is worse only, and beyond its margin only', () => {
    const less = stratum([10_000, 2000], [10_000, 1880])
    expect(ask([less], { direction: 'decrease' })).toMatchObject({ hurt: false, z: -ask([less]).z })
    expect(ask([less], { margin: 0.05 }).hurt).toBe(false)
    const more = stratum([10_000, 2000], [10_000, 2120])
    expect(ask([more], { direction: 'decrease' }).hurt).toBe(true)
    expect(ask([more], { direction: 'decrease', margin: 0.05 }).hurt).toBe(false)
    expect(ask([more]).hurt).toBe(false)
    // Below zero, such as refunds, a margin still tolerates what is worse.
    const arm = (mean: number) => ({ n: 1000, mean, variance: 1 })
    const losses = [{ control: arm(-1), treatment: arm(-1.2) }]
    expect(ask(losses, { margin: 0.1 }).z).toBeLessThan(ask(losses).z)
  })

  it('is not fooled by strata whose shares and rates differ, where pooling them is', () => {
    // A tenth has it while one in five buys; half has it when one in ten does: no difference in either.
    const strata = [stratum([90_000, 18_000], [10_000, 2000]), stratum([50_000, 5000], [50_000, 5000])]
    expect(ask(strata)).toMatchObject({ hurt: false, difference: 0 })
    expect(ask([stratum([140_000, 23_000], [60_000, 7000])])).toMatchObject({ hurt: true })
  })

  it('spends its error along the plan, and a look that spends nothing hurts nobody', () => {
    const one = [stratum([10_000, 2000], [10_000, 1960])]
    const first = ask(one, {}, 0.5)
    expect(first.spent).toBeCloseTo(0.05 * Math.log1p((Math.E - 1) / 2), 12)
    const again = ask(one, {}, 0.5, [first])
    expect(again).toMatchObject({ hurt: false, bound: Number.POSITIVE_INFINITY, spent: first.spent })
    const last = ask([stratum([20_000, 4000], [20_000, 3900])], {}, 1, [first, again])
    expect(last.spent).toBe(0.05)
    expect(last.bound).toBeGreaterThan(1.645)
    expect(last.bound).toBeLessThan(2.3)
  })

  it('spends as it is told to, never more than all of it', () => {
    const one = [stratum([10_000, 2000], [10_000, 1960])]
    expect(ask(one, { spent: 0.1 }, 0.5).spent).toBeCloseTo(0.005, 12)
    expect(ask(one, { spent: 0.1 }, 0.5).bound).toBeCloseTo(2.5758293, 6)
    expect(guardrailTest(one, { spent: 1.1 }, 0.5)).toEqual({ ok: false, reason: 'bad-input' })
  })

  it('gives numbers or a reason for whatever it is asked', () => {
    const arm = fc.record({
      n: fc.integer({ min: 0, max: 1e6 }),
      mean: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      variance: fc.double({ min: 0, max: 1e9, noNaN: true }),
    })
    const look = fc.record({
      information: fc.double({ min: 1, max: 1e9, noNaN: true }),
      spent: fc.double({ min: 0, max: 0.05, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(fc.record({ control: arm, treatment: arm }), { maxLength: 3 }),
        fc.record({ margin: fc.double({ min: -0.5, max: 1.5, noNaN: true }) }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(look, { maxLength: 3 }),
        (strata, guardrail, progress, earlier) => {
          const test = guardrailTest(strata, guardrail, progress, earlier)
          if (test.ok) expect(Object.values(test).some(Number.isNaN)).toBe(false)
          else expect(test.reason).toMatch(/^[a-z-]+$/)
        },
      ),
      { numRuns: 200 },
    )
  })
})
