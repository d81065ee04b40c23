import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Storage } from '../../src/storage/storage.ts'
import { startMaintenance } from './maintenance.ts'

const minute = 60_000
const day = 24 * 60 * minute

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A database that fails as long as it is told to, and counts how often it was asked. */
function rig() {
  const state: { fail?: unknown; wait?: Promise<void> } = {}
  const calls: string[] = []
  const prunes: number[] = []
  const trainings: number[] = []
  const lines: { level: string; message: string; [field: string]: unknown }[] = []
  const storage: Storage = {
    async call<Result>(fn: string): Promise<Result> {
      if (fn === 'prune') {
        prunes.push(Date.now())
        return { queue: 3, minutes: 0 } as Result
      }
      if (fn === 'training_catalogs') {
        trainings.push(Date.now())
        return [] as Result
      }
      if (fn === 'retain') return { dropped: [], removed: { sessions: 2 }, more: false } as Result
      calls.push(fn)
      await state.wait
      if (state.fail) throw state.fail
      return { created: calls.length === 1 ? ['nunchi.analytics_events_2027_02'] : [], moved: 0 } as Result
    },
    async close() {},
  }
  const maintenance = startMaintenance({ storage, log: (line) => lines.push(JSON.parse(line)) })
  return { state, calls, prunes, trainings, lines, ...maintenance }
}

describe('maintenance', () => {
  it('makes the months at the start and once a day, and says only when there was one to make', async () => {
    const { calls, prunes, trainings, lines, close } = rig()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toEqual(['make_partitions'])
    await vi.advanceTimersByTimeAsync(day - 1)
    expect(calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(30 * day)
    expect(calls).toHaveLength(32)
    expect(lines.filter(({ message }) => message === 'made partitions')).toMatchObject([
      { level: 'info', created: 'nunchi.analytics_events_2027_02' },
    ])
    expect(prunes, 'and what is done and old goes as often').toHaveLength(32)
    expect(trainings, 'and what recommendations learn from is looked at').toHaveLength(32)
    expect(lines.at(-2)).toMatchObject({ message: 'took away what is done and old', queue: 3, minutes: 0 })
    expect(lines.at(-1)).toMatchObject({ message: 'removed what is older than its project keeps', rows: 2 })
    await close()
  })

  it('warns of a failure, tries again ever more slowly, and is daily again after a success', async () => {
    const { state, calls, lines, close } = rig()
    state.fail = Object.assign(new Error('lock timeout'), { code: '55P03' })
    await vi.advanceTimersByTimeAsync(0)
    await vi.advanceTimersByTimeAsync(minute)
    await vi.advanceTimersByTimeAsync(2 * minute)
    await vi.advanceTimersByTimeAsync(4 * minute)
    expect(calls).toHaveLength(4)
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatchObject({ level: 'warn', error: 'Error: lock timeout (55P03)' })
    await vi.advanceTimersByTimeAsync(day)
    const often = calls.length
    expect(often).toBeGreaterThan(20)
    expect(often).toBeLessThan(40)

    delete state.fail
    await vi.advanceTimersToNextTimerAsync()
    expect(calls).toHaveLength(often + 1)
    const healed = Date.now()
    state.fail = new Error('again')
    await vi.advanceTimersToNextTimerAsync()
    expect(Date.now() - healed).toBe(day)
    await vi.advanceTimersToNextTimerAsync()
    expect(Date.now() - healed, 'the first retry is quick again').toBe(day + minute)
    expect(calls).toHaveLength(often + 3)
    await close()
  })

  it('stops on close, which waits for what runs', async () => {
    const { state, calls, close } = rig()
    let finish = (): void => {}
    await vi.advanceTimersByTimeAsync(0)
    state.wait = new Promise((resolve) => {
      finish = resolve
    })
    await vi.advanceTimersByTimeAsync(day)
    expect(calls).toHaveLength(2)
    let closed = false
    const closing = close().then(() => {
      closed = true
    })
    await vi.advanceTimersByTimeAsync(minute)
    expect(closed).toBe(false)
    finish()
    await closing
    await vi.advanceTimersByTimeAsync(3 * day)
    expect(calls).toHaveLength(2)
  })

  it('is stopped between two runs too', async () => {
    const { calls, close } = rig()
    await vi.advanceTimersByTimeAsync(0)
    await close()
    await vi.advanceTimersByTimeAsync(3 * day)
    expect(calls).toHaveLength(1)
  })
})
