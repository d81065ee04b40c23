import { createKey, type Event } from '@nunchi/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { newId, someEvent } from '../../test/rig.ts'
import { createLog } from '../log.ts'
import { Problem } from '../problem.ts'
import { postgres } from '../storage/postgres.ts'
import { direct } from './direct.ts'
import type { Outcome, Sink } from './sink.ts'

describePostgres('the direct sink', (server) => {
  let database: TestDatabase
  let sink: Sink
  let keyHash: string

  beforeAll(async () => {
    database = await createDatabase(server)
    const { projectId } = await database.owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(createKey('pub')))
    keyHash = Buffer.from(digest).toString('hex')
    const key = { projectId, environment: 'production', kind: 'pub', hash: keyHash, hint: 'test' }
    await database.owner.call('create_key', key)
    const log = createLog(() => {}, 'error')
    const client = database.connect(database.appUrl, { fetch_types: false, backoff: () => 0.01 })
    sink = direct(postgres(client), { groupCommitMs: 2, timeoutMs: 5_000, now: Date.now, log })
  })

  afterAll(async () => {
    await sink?.close()
    await database?.drop()
  })

  const write = (events: Event[]): Promise<Outcome> => {
    const now = Date.now()
    const rest = { receivedAt: now, sentAt: now, context: {}, rejects: [], dropped: {} }
    return sink.write({ id: newId(), keyHash, events, ...rest })
  }

  it('stores each event once while its connections are being killed', async () => {
    let done = false
    let killed = 0
    const kill = async (): Promise<void> => {
      while (!done) {
        const gone = await database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where usename = 'nunchi_app' and datname = current_database() limit 1`
        killed += gone.length
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }
    const deliver = async (events: Event[]): Promise<Outcome> => {
      for (;;) {
        const outcome = await write(events).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Problem)
          return undefined
        })
        if (outcome) return outcome
      }
    }
    const chaos = kill()
    const ids = new Set<string>()
    let accepted = 0
    for (let round = 0; round < 10 || killed < 5; round++) {
      // Each event is in two batches of the same moment: what a second tab or a repeated beacon does.
      const pool = Array.from({ length: 20 }, () => someEvent())
      for (const event of pool) ids.add(event.id)
      const batches = pool.map((event, i) => [event, pool[(i + 1) % pool.length] as Event])
      const outcomes = await Promise.all(batches.map(deliver))
      for (const outcome of outcomes) {
        expect(outcome.accepted + outcome.duplicates).toBe(2)
        accepted += outcome.accepted
      }
    }
    done = true
    await chaos
    const [row] =
      await database.sql`select count(*)::int as n, count(distinct id)::int as ids from nunchi.analytics_events`
    expect(row).toEqual({ n: ids.size, ids: ids.size })
    // Where an answer was lost after its commit, the events count as duplicates: never twice as accepted.
    expect(accepted).toBeLessThanOrEqual(ids.size)
  })
})
