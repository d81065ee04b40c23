import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startWorker } from './worker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A worker whose runs take as long as they are told to, and fail as they are told to. */
function rig() {
  const runs: number[] = []
  const state: { done: boolean; wait: Promise<void> | undefined } = { done: true, wait: undefined }
  const started = Date.now()
  const run = async () => {
    runs.push(Date.now() - started)
    await state.wait
    return state.done
  }
  return { runs, state, ...startWorker({ run, wakeMs: 10, idleMs: 30_000 }) }
}

describe('a worker', () => {
  it('after a failure rests ever longer, and no commit wakes it before: never a hot loop', async () => {
    const { runs, state, wake, close } = rig()
    state.done = false
    for (let i = 0; i < 60_000; i += 5) {
      wake()
      await vi.advanceTimersByTimeAsync(5)
    }
    expect(runs.length).toBeGreaterThan(4)
    expect(runs.length).toBeLessThan(9)
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    const pauses = runs.slice(1).map((at, i) => at - runs[i]!)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000)
    state.done = true
    await vi.advanceTimersByTimeAsync(60_000)
    const healed = runs.length
    wake()
    await vi.advanceTimersByTimeAsync(10)
    expect(runs, 'a commit wakes it again').toHaveLength(healed + 1)
    await close()
  })

  it('works soon after a commit, once for many', async () => {
    const { runs, wake, close } = rig()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(runs, 'what was left behind before it started').toEqual([1_000])
    for (let i = 0; i < 5; i++) wake()
    await vi.advanceTimersByTimeAsync(9)
    expect(runs).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(runs).toEqual([1_000, 1_010])
    await close()
  })

  it('works again for a commit that fell into its work', async () => {
    const { runs, state, wake, close } = rig()
    let finish = (): void => {}
    state.wait = new Promise((resolve) => {
      finish = resolve
    })
    await vi.advanceTimersByTimeAsync(1_000)
    wake()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(runs, 'one run at a time').toHaveLength(1)
    finish()
    await vi.advanceTimersByTimeAsync(10)
    expect(runs).toHaveLength(2)
    await close()
  })

  it('looks by itself for what others left behind', async () => {
    const { runs, close } = rig()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(runs).toEqual([1_000, 31_000, 61_000])
    await close()
  })

  it('waits for what runs when it is closed, and starts nothing more', async () => {
    const { runs, state, wake, close } = rig()
    let finish = (): void => {}
    state.wait = new Promise((resolve) => {
      finish = resolve
    })
    await vi.advanceTimersByTimeAsync(1_000)
    let closed = false
    const closing = close().then(() => {
      closed = true
    })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(closed).toBe(false)
    finish()
    await closing
    wake()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(runs).toHaveLength(1)
  })
})
