import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tokenBuckets } from './token-bucket.ts'

it('never lets more through than the burst and the rate allow, and never less', () => {
  const step = fc.record({ ms: fc.nat(500), cost: fc.constantFrom(0, 1) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (steps, burst) => {
      let clock = 0
      const { take } = tokenBuckets(() => clock)
      const rate = { perSecond: 10, burst }
      let taken = 0
      for (const { ms, cost } of steps) {
        clock += ms
        const wait = take('a', rate, cost)
        if (wait === 0) taken += cost
        else expect(wait).toBeLessThanOrEqual(0.1)
        expect(taken).toBeLessThanOrEqual(burst + (clock / 1000) * 10)
      }
    }),
  )
})

it('is patient with a clock that steps back', () => {
  let clock = 1_000_000
  const { take } = tokenBuckets(() => clock)
  expect(take('a', { perSecond: 1, burst: 1 })).toBe(0)
  clock = 0
  expect(take('a', { perSecond: 1, burst: 1 })).toBe(1)
  clock = 1_000
  expect(take('a', { perSecond: 1, burst: 1 })).toBe(0)
})

it('remembers a bounded number of callers', () => {
  const { take } = tokenBuckets(() => 0, 2)
  const rate = { perSecond: 1, burst: 1 }
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map((name) => take(name, rate) === 0)).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ])
})
