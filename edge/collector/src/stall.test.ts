import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchStalls } from './stall.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('sees a loop that stood still, for some seconds afterwards', () => {
  let clock = 0
  const watch = watchStalls(() => clock)
  const run = (ms: number) => {
    for (let past = 0; past < ms; past += 250) {
      clock += 250
      vi.advanceTimersByTime(250)
    }
  }
  run(10_000)
  expect(watch.stalled()).toBe(false)
  clock += 5_000
  expect(watch.stalled()).toBe(true)
  run(4_000)
  expect(watch.stalled()).toBe(true)
  run(2_000)
  expect(watch.stalled()).toBe(false)
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})
