/** What the doctor says of processing, of readers and of each project's events, and when it stays calm. */
import { describe, expect, it } from 'vitest'
import type { Quality, QualityDay } from '../quality.ts'
import { judgeProcessing, judgeQuality, judgeQueue, judgeReaders, type QueueState } from './judge-data.ts'

const idle: QueueState = {
  waiting: 0,
  oldestMs: 0,
  dead: 0,
  minutes: { failures: 0, latencyMs: 12, latencyMaxMs: 90 },
}
const text = ({ status, detail }: { status: string; detail: string }) => `${status}: ${detail}`

describe('the queue', () => {
  it.each([
    [0, 0, 'ok: empty'],
    [3, 59_000, 'ok: 3 waiting to be processed, the oldest for 59 s'],
    [3, 90_000, 'warn: 3 waiting to be processed, the oldest for 90 s'],
    [3, 3_600_000, 'fail: 3 waiting to be processed, the oldest for 60 min'],
    [3, 86_400_000, 'fail: 3 waiting to be processed, the oldest for 24 h'],
  ])('%i waiting for %i ms', (waiting, oldestMs, said) => {
    expect(text(judgeQueue({ ...idle, waiting, oldestMs }))).toBe(said)
  })
})

describe('processing', () => {
  const minutes = (change: object) =>
    text(judgeProcessing({ ...idle, minutes: { ...idle.minutes, ...change } }))
  it('is an alert when it takes more than a tenth of a second on average, or fails', () => {
    expect(minutes({ latencyMs: 100 })).toMatch(/^ok: 100 ms/)
    expect(minutes({ latencyMs: 101 })).toBe(
      "warn: 101 ms from an event's commit to its effects, 90 ms at most",
    )
    expect(minutes({ failures: 2 })).toMatch(/^warn: 12 ms.*; 2 calls failed$/)
    expect(minutes({ latencyMs: null })).toBe('ok: nothing to process in the last ten minutes')
  })

  it('fails while events lie in the dead letter', () => {
    const check = judgeProcessing({ ...idle, dead: 4 })
    expect(text(check)).toBe('fail: 4 events could not be processed')
    expect(check.fix).toContain('nunchi queue replay')
  })
})

describe('readers', () => {
  const one = { role: 'metabase', exists: true, member: true, superuser: false, bypassRls: false }
  it.each([
    [{}, 'ok: metabase'],
    [{ superuser: true }, 'warn: metabase may read every project, whatever is granted'],
    [{ bypassRls: true }, 'warn: metabase may read every project, whatever is granted'],
    [{ exists: false, member: false }, 'warn: no such login: metabase'],
    [{ member: false }, 'warn: not members of nunchi_reader, so they see nothing: metabase'],
  ])('%j', (change, said) => {
    expect(text(judgeReaders([{ ...one, ...change }]))).toBe(said)
  })
})

describe('the quality of a project', () => {
  const day: QualityDay = {
    day: '2026-11-23',
    accepted: 10_000,
    duplicates: 9_000,
    rejected: {},
    dropped: {},
    late: 5_000,
    bots: 100,
    internal: 5_000,
    skewed: 2_000,
    clockSuspect: 10,
    latencyMs: { average: 10, max: 20 },
  }
  const judged = (...days: Partial<QualityDay>[]) =>
    judgeQuality({
      project: 'shop',
      quality: { days: days.map((change) => ({ ...day, ...change })), queue: {} as Quality['queue'] },
    })

  it('is in order with resent, late and internal events: nothing is lost by them', () => {
    expect(judged({})).toMatchObject({ status: 'ok', name: 'data of shop' })
    expect(text(judgeQuality({ project: 'x', quality: { days: [], queue: {} as Quality['queue'] } }))).toBe(
      'ok: nothing arrived in seven days',
    )
  })

  it.each<[Partial<QualityDay>, string]>([
    [
      { dropped: { store_full: 8, event_too_large: 12 } },
      'warn: 0.2 % given up by senders, most as event_too_large',
    ],
    [{ rejected: { event_too_old: 300 } }, 'warn: 3 % refused, most as event_too_old'],
    [{ clockSuspect: 600 }, 'warn: 6 % came with a clock that was off by days'],
    [{ bots: 9_000 }, 'warn: 90 % are of programs'],
  ])('%j is named with what to do', (change, said) => {
    const check = judged({}, change, {})
    const alone = judged(change)
    expect(text(alone)).toBe(said)
    expect(alone.fix).toBeTruthy()
    expect(check.status, 'two good days beside it').toMatch(/ok|warn/)
  })

  it('is not judged by a handful of events', () => {
    expect(judged({ accepted: 3, rejected: { event_malformed: 2 } }).status).toBe('ok')
  })
})
