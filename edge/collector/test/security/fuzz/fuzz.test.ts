/** A short fuzz of `/v1/events` in every test run; `npm run bench fuzz -- --minutes 60` is the long one. */
import { expect, it } from 'vitest'
import { expectNone } from '../../../../../scripts/guards/expect-none.ts'
import type { Storage } from '../../../src/index.ts'
import { canonical, expectedRow } from './expected-row.ts'
import { fuzz } from './fuzz.ts'

type Ingest = { batches: { events: { name: string }[] }[] }

it('security 12, 14, 15: whatever comes is acknowledged or refused by a known code, and stored as it was sent', {
  timeout: 300_000,
}, async () => {
  const tally = await fuzz({ seed: 1, inputs: 3_000 })
  expectNone(tally.faults)
  expect(tally.inputs).toBeGreaterThanOrEqual(3_000)
  // What only ever refused, or only ever accepted, would prove little.
  expect(tally.accepted).toBeGreaterThan(3_000)
  expect(tally.duplicates).toBeGreaterThan(50)
  expect(Object.keys(tally.codes).length).toBeGreaterThan(15)
  expect(tally.compared).toBeGreaterThanOrEqual(tally.accepted)
})

it('notices a database that changes one name and forgets one event', async () => {
  let calls = 0
  const tamper = (storage: Storage): Storage => ({
    ...storage,
    call(fn, args, options) {
      if (fn === 'ingest' && calls++ % 2 === 0)
        for (const { events } of (args as Ingest).batches) for (const event of events) event.name = 'x'
      else if (fn === 'ingest') for (const { events } of (args as Ingest).batches) events.pop()
      return storage.call(fn, args, options)
    },
  })
  const faults = (await fuzz({ seed: 1, inputs: 30, tamper })).faults.join('\n')
  expect(faults).toMatch(/^seed 1: stored .*"x".*, not /m)
  expect(faults).toMatch(/acknowledged \S+ and did not store it|\d of \d events/)
})

it('knows what cleaning makes of texts, numbers and keys', () => {
  expect(canonical(JSON.parse('{"b":1e400,"a":["x\\u0000\\ud800","😀"],"__proto__":1}'))).toBe(
    '{"__proto__":1,"a":["x\ufffd\ufffd","😀"],"b":null}',
  )
  expect(expectedRow('text')).toBeUndefined()
  expect(
    Object.fromEntries(JSON.parse(expectedRow({ id: 'A', userId: '', ts: 1.5 }) as string)),
  ).toMatchObject({
    id: 'a',
    user_id: null,
    ts: 1,
  })
})
