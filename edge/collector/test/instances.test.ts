/** Several instances of the collector over one database, whose clocks differ. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Collector } from '../src/index.ts'
import { someBatch, someEvent } from './rig.ts'
import { eventsRequest, openRiver, type River } from './security/river.ts'
import { send } from './segment/send.ts'

const minute = 60_000
/** How far each instance's clock is off, in ms. */
const errors = [0, 10 * minute, -180 * minute]

let river: River
let instances: Collector[]

beforeAll(async () => {
  river = await openRiver()
  instances = errors.map((error) => river.another({ now: () => Date.now() + error }))
})
afterAll(() => river?.close())

interface Row {
  id: string
  occurred_at: Date
  received_at: Date
  clock_suspect: boolean
}
const rowsNamed = (name: string) =>
  river.rows<Row>('select * from nunchi.analytics_events where name = $1 order by id', [name])

/** How far `at` lies from `time`, to the minute. */
const minutesFrom = (time: number, at: Date | undefined) => Math.round(((at?.getTime() ?? 0) - time) / minute)

describe('reliability 33: instances whose clocks differ', () => {
  it('store the same batch once, whichever gets it first and however often it comes', async () => {
    const batch = someBatch([someEvent({ name: 'Once' }), someEvent({ name: 'Once' })], {
      dropped: { store_full: 3 },
    })
    const post = (one: Collector) => one.fetch(eventsRequest(river.key, batch))
    const acks = await Promise.all(
      [...instances, ...instances].map(async (one) => {
        const response = await post(one)
        expect(response.status).toBe(202)
        return (await response.json()) as { accepted: number; duplicates: number }
      }),
    )
    expect(acks.reduce((sum, ack) => sum + ack.accepted, 0)).toBe(2)
    expect(acks.reduce((sum, ack) => sum + ack.duplicates, 0)).toBe(10)
    expect(await rowsNamed('Once')).toHaveLength(2)
    const drops = await river.rows<{ events: number }>(
      `select sum(events)::int as events from nunchi.sdk_drops where reason = 'store_full'`,
    )
    expect(drops).toEqual([{ events: 3 }])
  })

  it('refuse no event for their own clock: only the sender’s tells how old it is', async () => {
    const far = [-40, 40].map((days) => river.another({ now: () => Date.now() + days * 1440 * minute }))
    for (const one of far) {
      const response = await one.fetch(eventsRequest(river.key, someBatch([someEvent({ name: 'Far' })])))
      expect(await response.json()).toMatchObject({ accepted: 1, rejected: [] })
    }
    // Wrong by weeks is marked, so that whoever reads knows.
    expect((await rowsNamed('Far')).map((row) => row.clock_suspect)).toEqual([true, true])
  })

  it('move an event by the error of the one that took it, and by nothing else', async () => {
    const ts = Date.now()
    for (const [i, one] of instances.entries())
      await one.fetch(
        eventsRequest(river.key, someBatch([someEvent({ name: `Moved ${i}`, ts })], { sentAt: ts })),
      )
    for (const [i, error] of errors.entries()) {
      const [row] = await rowsNamed(`Moved ${i}`)
      expect(minutesFrom(ts + error, row?.occurred_at)).toBe(0)
      expect(row?.clock_suspect).toBe(false)
    }
  })

  it('know a foreign message again, also one without any time', async () => {
    for (const message of [
      { event: 'Foreign', userId: 'u', messageId: 'm-1', timestamp: new Date().toISOString() },
      { event: 'Timeless', userId: 'u', messageId: 'm-2' },
    ]) {
      for (const one of instances)
        expect((await send(one, '/v1/track', message, { key: river.key })).status).toBe(200)
      expect(await rowsNamed(message.event)).toHaveLength(1)
    }
  })
})
