import { describe, expect, it } from 'vitest'
import type { Without } from './database.ts'
import { simulate } from './simulate.ts'

const seeds = 1000
/** The same every time: a failure is the change's, not the day's. `npm run bench simulate` takes others. */
const first = 0

describe('the river, under faults', () => {
  it(`loses nothing and stores nothing twice in ${seeds} simulated lives`, { timeout: 300_000 }, async () => {
    let faults = 0
    for (let seed = first; seed < first + seeds; seed++) {
      const { broken, faults: kinds } = await simulate(seed)
      faults += kinds.length
      expect(
        broken,
        `seed ${seed} (again: npm run bench simulate -- --seed ${seed}), with ${kinds.join(', ')}`,
      ).toEqual([])
    }
    expect(faults / seeds).toBeGreaterThan(3)
  })

  it('repeats a life exactly from its seed', async () => {
    expect(await simulate(7)).toEqual(await simulate(7))
  })

  it.each<Without>(['commit', 'unique', 'disk'])('notices when there is no %s', async (without) => {
    const broken: string[] = []
    for (let seed = 0; seed < 40 && broken.length === 0; seed++)
      broken.push(...(await simulate(seed, without)).broken)
    expect(broken).not.toEqual([])
  })
})
