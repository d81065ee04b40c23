/** Whatever comes to Segment's routes: each message is stored once, or refused by name; nothing in between. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { send } from '../../segment/send.ts'
import { openRiver, type River } from '../river.ts'

let river: River
let server: string

beforeAll(async () => {
  river = await openRiver()
  server = await river.addKey(river.projectId, 'srv')
})
afterAll(() => river?.close())

const nasty = fc.oneof(
  fc.constantFrom(
    '\0',
    '\ud800',
    "'; drop table nunchi.analytics_events;--",
    '2025-02-30',
    'infinity',
    'now',
    '9999-12-31T23:59:59Z',
    '0000-01-01',
    '1e200000',
    '',
    ' ',
    'x'.repeat(5_000),
    -1,
    0,
    1e308,
    2 ** 53,
    null,
    true,
  ),
  fc.jsonValue({ maxDepth: 3 }),
)
const text = fc.oneof(
  { weight: 20, arbitrary: fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }) },
  nasty,
)
const time = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .date({ min: new Date('2026-11-01'), max: new Date('2026-11-30'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  nasty,
)
const context = fc.record(
  {
    ip: text,
    userAgent: text,
    locale: text,
    timezone: text,
    screen: nasty,
    device: nasty,
    os: nasty,
    library: nasty,
    page: fc.oneof(fc.record({ url: text, referrer: text, title: text }, { requiredKeys: [] }), nasty),
    campaign: nasty,
    traits: nasty,
    location: nasty,
    sessionId: nasty,
    __proto__: nasty,
  },
  { requiredKeys: [] },
)
const message = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        type: fc.constantFrom(
          'track',
          'identify',
          'page',
          'screen',
          'group',
          'alias',
          'nonsense',
          '__proto__',
          'constructor',
        ),
        messageId: text,
        userId: text,
        anonymousId: text,
        event: text,
        name: text,
        groupId: text,
        previousId: text,
        timestamp: time,
        originalTimestamp: time,
        sentAt: time,
        properties: fc.oneof({ weight: 12, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()) }, nasty),
        traits: nasty,
        context: fc.oneof({ weight: 4, arbitrary: context }, nasty),
      },
      { requiredKeys: ['type', 'userId', 'event'] },
    ),
  },
  nasty,
)

it('security 14, 15: is stored once or refused by name, and is known again when it comes again', {
  timeout: 120_000,
}, async () => {
  let [accepted, rejected] = [0, 0]
  const post = async (body: string, key: string) => {
    const response = await send(river.collector, '/v1/batch', body, { key })
    expect([200, 400], body).toContain(response.status)
    return (await response.json()) as { accepted: number; duplicates: number; rejected: unknown[] }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), time, fc.boolean(), async (batch, sentAt, old) => {
      const key = old ? server : river.key
      const count = async () =>
        (await river.rows<{ n: number }>('select count(*)::int as n from nunchi.analytics_events'))[0]?.n ?? 0
      const before = await count()
      const first = await post(JSON.stringify({ batch, sentAt }), key)
      expect(first.accepted + first.duplicates + first.rejected.length).toBe(batch.length)
      expect(await count()).toBe(before + first.accepted)
      // Another attempt has another sentAt; what is too old by it may be refused, but nothing is stored twice.
      const again = await post(JSON.stringify({ batch, sentAt: '2026-11-30T00:00:00Z' }), server)
      expect(again.accepted).toBeLessThanOrEqual(first.rejected.length)
      accepted += first.accepted
      rejected += first.rejected.length
    }),
    { numRuns: 250, seed: 1 },
  )
  // What only ever refused, or only ever accepted, would prove little.
  expect(accepted).toBeGreaterThan(200)
  expect(rejected).toBeGreaterThan(200)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
