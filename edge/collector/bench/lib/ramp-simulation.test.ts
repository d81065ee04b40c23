/** The simulation behind `npm run bench ramps`, small: the same for the same seed, and its bars and controls hold. */
import { describe, expect, it } from 'vitest'
import { random } from '../../../../packages/stats/bench/simulation/random.ts'
import { inAgainstOut } from './plain-rollout.ts'
import { near, type Scenario, simulate } from './ramp-simulation.ts'

const flag: Scenario = {
  kind: 'flag',
  shares: [100_000, 500_000, 1_000_000],
  units: [20_000, 100_000],
  bases: [0.2, 0.2],
  lift: 0,
}

describe('simulated ramps', () => {
  it('roll back what is harmed and leave alone what is not, the same for the same seed', () => {
    const { milliseconds: _, ...harmless } = simulate(flag, 40, 7)
    expect(harmless.rolledBack).toBeLessThanOrEqual(0.15)
    expect(simulate(flag, 40, 7)).toMatchObject(harmless)
    expect(simulate({ ...flag, lift: -0.05 }, 40, 7).beforeAll).toBeGreaterThanOrEqual(0.85)
  })

  it('show what strata are for: in one pot a rollout that changes nothing looks harmful', () => {
    const found = inAgainstOut(100, 7)
    expect(found.strata).toBeLessThanOrEqual(0.12)
    expect(found.pooled).toBe(1)
  })

  it('draw binomials of sizes near the one that was summed', () => {
    const draw = near(random(3), 400, 0.25)
    for (const size of [3, 400, 900]) {
      const mean = Array.from({ length: 400 }, () => draw(size)).reduce((a, b) => a + b, 0) / 400
      expect(Math.abs(mean - size / 4)).toBeLessThan(4 * Math.sqrt((size * 0.1875) / 400))
    }
  })
})
