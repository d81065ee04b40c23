import { expect, it } from 'vitest'
import { createLog } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { type Retained, retain } from './retention.ts'

/** A database that gives these answers, then fails. */
function rig(answers: Retained[]) {
  const lines: { level: string; message: string; [field: string]: unknown }[] = []
  const calls: unknown[] = []
  const storage: Storage = {
    async call<Result>(fn: string, args: unknown): Promise<Result> {
      calls.push([fn, args])
      const answer = answers.shift()
      if (!answer) throw Object.assign(new Error('lock timeout'), { code: '55P03' })
      return answer as Result
    },
    async close() {},
  }
  return {
    lines,
    calls,
    run: () =>
      retain(
        storage,
        createLog((line) => lines.push(JSON.parse(line)), 'info'),
      ),
  }
}

it('goes on while there is more, and says in one line what it removed', async () => {
  const { run, calls, lines } = rig([
    { dropped: ['analytics_events_2026_01'], removed: { analytics_events: 10_000 }, more: true },
    { dropped: [], removed: { analytics_events: 5, sessions: 2 }, more: false },
  ])
  expect(await run()).toBe(true)
  expect(calls).toEqual([
    ['retain', {}],
    ['retain', {}],
  ])
  expect(lines).toMatchObject([{ level: 'info', dropped: 'analytics_events_2026_01', rows: 10_007 }])
})

it('is silent where there was nothing to remove', async () => {
  const { run, lines } = rig([{ dropped: [], removed: {}, more: false }])
  expect(await run()).toBe(true)
  expect(lines).toEqual([])
})

it('warns of a failure, and still says what it had removed', async () => {
  const { run, lines } = rig([{ dropped: [], removed: { analytics_events: 10_000 }, more: true }])
  expect(await run()).toBe(false)
  expect(lines).toMatchObject([
    { level: 'warn', error: 'Error: lock timeout (55P03)' },
    { level: 'info', rows: 10_000 },
  ])
})
