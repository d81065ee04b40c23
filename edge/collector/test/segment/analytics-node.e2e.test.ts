/** The real `@segment/analytics-node` against the real collector: every call one row, whatever happens on the way. */

import { createKey } from '@nunchi/protocol'
import { Analytics } from '@segment/analytics-node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Collector, createCollector, everything } from '../../src/index.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../postgres.ts'
import { sha256 } from '../security/river.ts'
import { openWay, type Way, withoutTimes } from './way.ts'

interface Row {
  type: string
  name: string
  user_id: string | null
  anonymous_id: string | null
  group_id: string | null
  previous_id: string | null
  properties: object | null
  occurred_at: Date
  received_at: Date
  clock_suspect: boolean
}

describePostgres('analytics-node', (server) => {
  let database: TestDatabase
  let collector: Collector
  let way: Way
  let projectId: string

  async function addKey(kind: 'pub' | 'srv'): Promise<string> {
    const key = createKey(kind)
    const args = { projectId, environment: 'production', kind, hash: sha256(key), hint: key.slice(-4) }
    await database.owner.call('create_key', args)
    return key
  }

  /** A client that sends `flushAt` messages at a time, and what it could not deliver. */
  function client(writeKey: string, flushAt = 3) {
    const failed: unknown[] = []
    const analytics = new Analytics({ writeKey, host: way.url, flushAt, flushInterval: 50, maxRetries: 5 })
    analytics.on('error', (error) => failed.push(error))
    return { analytics, failed }
  }

  const rowsOf = (user: string) =>
    database.sql.unsafe<Row[]>(
      'select * from nunchi.analytics_events where user_id = $1 order by seq, type, name',
      [user],
    )

  beforeAll(async () => {
    database = await createDatabase(server)
    collector = createCollector({ storage: database.app, use: everything(), log: () => {} })
    projectId = (await database.owner.call<{ projectId: string }>('create_project', { name: 'Shop' }))
      .projectId
  })
  afterAll(async () => {
    await collector?.close()
    await database?.drop()
  })
  beforeEach(async () => {
    way = await openWay(collector)
  })
  afterEach(() => way?.close())

  it('delivers every kind of call, each once', async () => {
    const { analytics, failed } = client(await addKey('srv'))
    const userId = 'node-all'
    analytics.identify({ userId, anonymousId: 'an-1', traits: { plan: 'free' } })
    analytics.track({ userId, event: 'Order Completed', properties: { revenue: 39, currency: 'EUR' } })
    analytics.page({ userId, name: 'Home', properties: { url: 'https://shop.example/' } })
    analytics.screen({ userId, name: 'Cart' })
    analytics.group({ userId, groupId: 'g-1', traits: { seats: 3 } })
    analytics.alias({ userId, previousId: 'old' })
    await analytics.closeAndFlush()
    expect(failed).toEqual([])
    expect(new Set(way.seen)).toEqual(new Set(['POST /v1/batch']))
    expect(
      (await rowsOf(userId)).map((row) => [
        row.type,
        row.name,
        row.group_id,
        row.previous_id,
        row.properties,
      ]),
    ).toEqual([
      ['alias', 'alias', null, 'old', null],
      ['group', 'group', 'g-1', null, { seats: 3 }],
      ['identify', 'identify', null, null, { plan: 'free' }],
      ['page', 'Cart', null, null, {}],
      ['page', 'Home', null, null, { url: 'https://shop.example/' }],
      ['track', 'Order Completed', null, null, { revenue: 39, currency: 'EUR' }],
    ])
  })

  it.each(['cut', 'fail', 'refuse'] as const)(
    'loses nothing and doubles nothing where the first requests are %s',
    async (fate) => {
      way.fate = (before) => (before < 2 ? fate : 'pass')
      const { analytics, failed } = client(await addKey('pub'))
      const userId = `node-${fate}`
      for (let i = 0; i < 9; i++) analytics.track({ userId, event: `Event ${i}` })
      await analytics.closeAndFlush()
      expect(failed).toEqual([])
      expect(way.attempts.filter((one) => one.fate === fate).length).toBeGreaterThan(0)
      expect((await rowsOf(userId)).map((row) => row.name)).toEqual(
        Array.from({ length: 9 }, (_, i) => `Event ${i}`),
      )
    },
  )

  it('loses nothing and doubles nothing where no message says when it happened', async () => {
    way.rewrite = withoutTimes
    way.fate = (before) => (before < 2 ? 'cut' : 'pass')
    const { analytics, failed } = client(await addKey('pub'))
    const userId = 'node-timeless'
    for (let i = 0; i < 4; i++) analytics.track({ userId, event: 'Same' })
    await analytics.closeAndFlush()
    expect(failed).toEqual([])
    const rows = await rowsOf(userId)
    expect(rows).toHaveLength(4)
    for (const row of rows) expect(row.occurred_at).toEqual(row.received_at)
  })

  it('brings years of history in by a server key, each event at its own time', async () => {
    const { analytics, failed } = client(await addKey('srv'))
    const userId = 'node-history'
    const timestamp = new Date('2020-02-29T12:00:00Z')
    analytics.track({ userId, event: 'Old', timestamp })
    await analytics.closeAndFlush()
    expect(failed).toEqual([])
    const [row] = await rowsOf(userId)
    // The sender's clock is ours but for the time on the way.
    expect(Math.abs((row?.occurred_at.getTime() ?? 0) - timestamp.getTime())).toBeLessThan(60_000)
    expect(row?.clock_suspect).toBe(false)
  })

  it('is told of a key that is wrong: nothing counts as delivered', async () => {
    const { analytics, failed } = client(`${(await addKey('pub')).slice(0, -1)}!`, 1)
    analytics.track({ userId: 'node-wrong', event: 'A' })
    await analytics.closeAndFlush()
    expect(failed).toHaveLength(1)
    expect(await rowsOf('node-wrong')).toEqual([])
  })
})
