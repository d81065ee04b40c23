import { type Event, uuidv7 } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import { Problem } from '../problem.ts'
import type { Storage } from '../storage/storage.ts'
import { type DirectOptions, direct } from './direct.ts'
import type { CheckedBatch, Outcome } from './sink.ts'

const id = uuidv7()

const event = (poison = false): Event => ({
  id: id(),
  type: 'track',
  name: poison ? 'poison' : 'fine',
  ts: 0,
  tab: 't',
  seq: 0,
  anonymousId: 'a',
  sdk: 's',
})

const batch = (events: Event[], more: Partial<CheckedBatch> = {}): CheckedBatch => ({
  id: id(),
  keyHash: 'k1',
  receivedAt: 0,
  sentAt: 0,
  context: {},
  events,
  rejects: [],
  dropped: {},
  ...more,
})

const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code })

/** What happens at one call: an error before the commit, an error after it (the answer is lost), or nothing. */
type Fault = { code: string; after: boolean } | undefined

type IngestArgs = { batches: (Omit<CheckedBatch, 'id'> & { batch: string })[] }

/** A table with `ingest` over it: refuses poison as a whole transaction, and fails as it is told to. */
function table(faults: Fault[] = []) {
  const rows = new Set<string>()
  const recorded: string[] = []
  const calls: string[][] = []
  let dropped = 0

  function commit({ batches }: IngestArgs) {
    const fresh = new Set<string>()
    const answers = batches.map(({ batch, keyHash, events }) => {
      if (keyHash === 'revoked') return { batch, error: 'key_unknown' }
      let accepted = 0
      for (const one of events) {
        if (one.name === 'poison') throw sqlError('22P05')
        const row = `${keyHash} ${one.id}`
        if (!rows.has(row) && !fresh.has(row)) accepted++
        fresh.add(row)
      }
      return { batch, accepted, duplicates: events.length - accepted, rejected: [] }
    })
    for (const row of fresh) rows.add(row)
    for (const one of batches) {
      recorded.push(...one.rejects.map(({ rejection }) => rejection.id ?? ''))
      for (const amount of Object.values(one.dropped)) dropped += amount
    }
    return { batches: answers }
  }

  const storage: Storage = {
    async call<Result>(fn: string, args: unknown): Promise<Result> {
      expect(fn).toBe('ingest')
      const wire = JSON.parse(JSON.stringify(args)) as IngestArgs
      calls.push(wire.batches.map((one) => one.batch))
      const fault = faults.shift()
      if (fault && !fault.after) throw sqlError(fault.code)
      const answer = commit(wire)
      if (fault) throw sqlError(fault.code)
      return answer as Result
    },
    async close() {},
  }
  return { storage, rows, recorded, calls, dropped: () => dropped }
}

const quiet = createLog(() => {}, 'error')
const sinkOver = (storage: Storage, more: Partial<DirectOptions> = {}) =>
  direct(storage, { groupCommitMs: 2, timeoutMs: 1_000, now: Date.now, log: quiet, ...more })

const problemOf = (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as Problem,
  )

describe('a poisoned event', () => {
  it('is refused by name and recorded; the other 99 of its batch and all of its neighbours are stored', async () => {
    const { storage, rows, recorded, calls } = table()
    const sink = sinkOver(storage)
    const events = Array.from({ length: 100 }, (_, i) => event(i === 57))
    const [poisoned, ...others] = await Promise.all([
      sink.write(batch(events)),
      ...Array.from({ length: 9 }, () => sink.write(batch([event(), event()], { keyHash: 'k2' }))),
    ])
    expect(poisoned).toMatchObject({ accepted: 99, duplicates: 0 })
    expect(poisoned?.rejected).toMatchObject([{ index: 57, id: events[57]?.id, code: 'event_unstorable' }])
    for (const one of others) expect(one).toEqual({ accepted: 2, duplicates: 0, rejected: [] })
    expect(rows.size).toBe(99 + 18)
    expect(recorded).toEqual([events[57]?.id])
    expect(calls.length).toBeLessThanOrEqual(64)
  })

  it('keeps its key out of groups for a minute, and no other key', async () => {
    const { storage, calls } = table()
    let clock = 0
    const sink = sinkOver(storage, { now: () => clock })
    await sink.write(batch([event(true)]))
    const three = () =>
      Promise.all([
        sink.write(batch([event()])),
        sink.write(batch([event()], { keyHash: 'k2' })),
        sink.write(batch([event()], { keyHash: 'k3' })),
      ])
    calls.length = 0
    await three()
    expect(calls.map((call) => call.length)).toEqual([1, 2])
    clock = 60_001
    calls.length = 0
    await three()
    expect(calls.map((call) => call.length)).toEqual([3])
  })

  it('among many more than 64 calls can find: each attempt gets further, and all the good ones are stored', async () => {
    const { storage, rows, recorded, calls } = table()
    const sink = sinkOver(storage)
    const events = Array.from({ length: 500 }, (_, i) => event(i % 7 === 0))
    const whole = batch(events)
    let outcome: Outcome | undefined
    let attempts = 0
    while (!outcome && attempts++ < 50) {
      calls.length = 0
      outcome = await sink.write(whole).catch((problem: Problem) => {
        expect(problem).toMatchObject({ code: 'storage_unavailable', status: 503 })
        return undefined
      })
      expect(calls.length).toBeLessThanOrEqual(64)
    }
    expect(outcome?.rejected).toHaveLength(72)
    expect(outcome?.rejected.every((one) => one.index % 7 === 0 && one.id === events[one.index]?.id)).toBe(
      true,
    )
    expect(rows.size).toBe(428)
    expect(new Set(recorded).size).toBe(72)
  })

  it('that cannot even be recorded is still named to its sender, and to the log', async () => {
    const { storage } = table()
    const call = storage.call
    const strict: Storage = {
      ...storage,
      call(fn, args) {
        const { batches } = args as { batches: CheckedBatch[] }
        if (batches.some((one) => one.rejects.length > 0)) return Promise.reject(sqlError('23514'))
        return call(fn, args)
      },
    }
    const lines: string[] = []
    const log = createLog((line) => lines.push(line), 'error')
    const rejection = { index: 0, id: 'bad', code: 'event_malformed' as const, detail: '', fix: '', docs: '' }
    const whole = batch([event(), event(true)], { rejects: [{ rejection, event: '{}' }] })
    const outcome = await sinkOver(strict, { log }).write(whole)
    expect(outcome).toMatchObject({ accepted: 1, rejected: [{ index: 1, code: 'event_unstorable' }] })
    expect(lines).toHaveLength(2)
    expect(lines.join()).toContain('23514')
  })

  it('does not take the batch’s own records with it', async () => {
    const { storage, recorded, dropped } = table()
    const rejection = { index: 0, id: 'bad', code: 'event_malformed' as const, detail: '', fix: '', docs: '' }
    const more = { rejects: [{ rejection, event: '{}' }], dropped: { consent: 3 } }
    const poison = event(true)
    await sinkOver(storage).write(batch([event(), poison, event()], more))
    expect(recorded.sort()).toEqual(['bad', poison.id].sort())
    expect(dropped()).toBe(3)
  })
})

describe('a database that fails', () => {
  it.each(['08006', '25006', '40001', '40P01', '53300', '55P03', '57P01'])(
    '%s once: is asked again, and the batch is stored once',
    async (code) => {
      for (const after of [false, true]) {
        const { storage, rows } = table([{ code, after }])
        const outcome = await sinkOver(storage).write(batch([event(), event()]))
        expect(outcome.accepted + outcome.duplicates).toBe(2)
        expect(rows.size).toBe(2)
      }
    },
  )

  it.each(['08006', '53100', '57P03', '42883', '42501', 'XX000', 'ECONNREFUSED'])(
    '%s for good: every batch of the group gets a 503 that says when to come again',
    async (code) => {
      const { storage, rows, calls } = table(Array.from({ length: 20 }, () => ({ code, after: false })))
      const sink = sinkOver(storage)
      for (const work of [sink.write(batch([event()])), sink.write(batch([event()]))]) {
        const problem = await problemOf(work)
        expect(problem).toMatchObject({ code: 'storage_unavailable', status: 503 })
        expect(problem.retryAfter).toBeGreaterThan(0)
      }
      expect(rows.size).toBe(0)
      expect(calls.length).toBeLessThanOrEqual(3)
    },
  )

  it('and hangs: the batch is given back in time, and nothing waits behind it for ever', async () => {
    const storage: Storage = { call: () => new Promise(() => {}), close: async () => {} }
    const sink = sinkOver(storage, { timeoutMs: 20 })
    expect(await problemOf(sink.write(batch([event()])))).toMatchObject({ code: 'storage_unavailable' })
    await sink.close()
  })

  it('and does not keep up: the queue ends somewhere, and what is in it is still answered', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { storage, rows } = table()
    const slow: Storage = { ...storage, call: (fn, args) => gate.then(() => storage.call(fn, args)) }
    const sink = sinkOver(slow)
    const works = Array.from({ length: 100 }, () =>
      sink.write(batch(Array.from({ length: 500 }, () => event()))).catch((error: Problem) => error),
    )
    release()
    const results = await Promise.all(works)
    const refused = results.filter((one) => one instanceof Problem)
    expect(refused.length).toBeGreaterThan(0)
    for (const one of refused) expect(one).toMatchObject({ code: 'storage_unavailable', retryAfter: 1 })
    expect(rows.size).toBe((100 - refused.length) * 500)
  })

  it('by naming no such key: only that batch is refused', async () => {
    const { storage } = table()
    const sink = sinkOver(storage)
    const [lost, kept] = await Promise.allSettled([
      sink.write(batch([event()], { keyHash: 'revoked' })),
      sink.write(batch([event()])),
    ])
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'key_unknown', status: 401 } })
    expect(kept).toMatchObject({ status: 'fulfilled', value: { accepted: 1 } })
  })
})

describe('closing', () => {
  it('commits what waits, and takes nothing more', async () => {
    const { storage, rows } = table()
    const sink = sinkOver(storage, { groupCommitMs: 60_000 })
    const works = [sink.write(batch([event()])), sink.write(batch([event()]))]
    await sink.close()
    expect(rows.size).toBe(2)
    await Promise.all(works)
    expect(await problemOf(sink.write(batch([event()])))).toMatchObject({ code: 'storage_unavailable' })
  })
})

describe('whatever fails, whenever', () => {
  const fault: fc.Arbitrary<Fault> = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.record({
      code: fc.constantFrom('40P01', '57P01', '08006', '42501', 'ECONNRESET'),
      after: fc.boolean(),
    }),
  )
  const sizes = fc.array(fc.array(fc.boolean(), { maxLength: 6 }), { minLength: 1, maxLength: 8 })

  it('a sender that repeats until it is answered has each good event in the table once, each bad one refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 30 }),
        sizes,
        fc.boolean(),
        async (faults, shape, grouped) => {
          const { storage, rows, recorded } = table(faults)
          const sink = sinkOver(storage, { groupCommitMs: grouped ? 1 : 0, pauseMs: 0 })
          const shared = event()
          const batches = shape.map((poisons, i) =>
            batch([shared, ...poisons.map((poison) => event(poison))], { keyHash: `k${i % 2}` }),
          )
          const deliver = async (one: CheckedBatch): Promise<Outcome> => {
            for (;;) {
              const outcome = await sink.write(one).catch((problem: unknown) => {
                expect(problem).toBeInstanceOf(Problem)
                return undefined
              })
              if (outcome) return outcome
            }
          }
          const outcomes = await Promise.all(batches.map(deliver))
          await sink.close()

          const goods = batches.flatMap((one) =>
            one.events.filter((e) => e.name === 'fine').map((e) => `${one.keyHash} ${e.id}`),
          )
          const bads = batches.flatMap((one) =>
            one.events.filter((e) => e.name === 'poison').map((e) => e.id),
          )
          expect([...rows].sort()).toEqual([...new Set(goods)].sort())
          expect(new Set(recorded)).toEqual(new Set(bads))
          outcomes.forEach((outcome, i) => {
            const { events } = batches[i] as CheckedBatch
            expect(outcome.accepted + outcome.duplicates + outcome.rejected.length).toBe(events.length)
            expect(outcome.rejected.map((one) => one.index).sort((a, b) => a - b)).toEqual(
              [...events.keys()].filter((at) => events[at]?.name === 'poison'),
            )
          })
          expect(outcomes.reduce((sum, one) => sum + one.accepted, 0)).toBeLessThanOrEqual(rows.size)
        },
      ),
      { numRuns: 200 },
    )
  })
})
