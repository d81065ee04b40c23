/** A rolling upgrade: schema up, down and up again, two versions of the collector, and visitors all the while. */
import type { Ack, Batch } from '@nunchi/protocol'
import { createKey } from '@nunchi/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Serving, serveCollector } from '../../deploy/node/index.ts'
import { loadSql } from '../../deploy/node/sql.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { someBatch, someEvent } from '../../test/rig.ts'
import { createCollector } from '../app.ts'
import { everything } from '../everything.ts'
import { migrateDown, migrateUp, migrationStatus } from './migrate.ts'
import type { SqlSource } from './migration.ts'
import { postgres, postgresSession } from './postgres.ts'
import type { Storage } from './storage.ts'

const previous = loadSql()

/**
 * The next version, as one would be made: a column that the old version does not know (so `alter table` on
 * the events table, under traffic), and a new function beside the old one, which stays callable.
 */
const next: SqlSource = {
  ...previous,
  migrations: [
    ...previous.migrations,
    {
      version: 9999,
      name: 'rolled',
      up: 'alter table nunchi.analytics_events add column rolled boolean',
      down: 'drop function nunchi.ingest_rolled(jsonb); alter table nunchi.analytics_events drop column rolled',
    },
  ],
  functions: [
    ...previous.functions,
    {
      name: 'sql/functions/ingest_rolled.sql',
      sql: `create or replace function nunchi.ingest_rolled(args jsonb) returns jsonb
        language plpgsql security definer set search_path = '' as $$
        declare answer constant jsonb := nunchi.ingest(args);
        begin
          update nunchi.analytics_events e set rolled = true
          from jsonb_path_query(args, '$.batches[*].events[*].id') i where e.id = (i #>> '{}')::uuid;
          return answer;
        end $$;
        revoke execute on function nunchi.ingest_rolled(jsonb) from public;
        grant execute on function nunchi.ingest_rolled(jsonb) to nunchi_app;`,
    },
  ],
}

/** Storage as the next version's collector uses it. */
const nextStorage = (inner: Storage): Storage => ({
  ...inner,
  call: (fn, args, options) => inner.call(fn === 'ingest' ? 'ingest_rolled' : fn, args, options),
})

describePostgres('a rolling upgrade', (server) => {
  let database: TestDatabase
  let key: string
  const serving = new Set<Serving>()
  const lines: string[] = []
  /** What a collector logs of a schema that it does not know: a column, table or function that is not there. */
  const misfits = () => lines.filter((line) => /\(42\w{3}\)/.test(line))
  beforeEach(async () => {
    database = await createDatabase(server)
    key = createKey('pub')
    const { projectId } = await database.owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
    const hash = Buffer.from(digest).toString('hex')
    await database.owner.call('create_key', {
      projectId,
      environment: 'production',
      kind: 'pub',
      hash,
      hint: key.slice(-4),
    })
  })
  afterEach(async () => {
    await Promise.all([...serving].map((one) => one.close(0)))
    serving.clear()
    lines.length = 0
    await database.drop()
  })

  async function startCollector(
    wrap: (storage: Storage) => Storage = (storage) => storage,
  ): Promise<Serving> {
    const storage = wrap(postgres(database.connect(database.appUrl)))
    const collector = createCollector({
      storage,
      use: everything(),
      rateLimit: false,
      log: (line) => lines.push(line),
    })
    const served = await serveCollector({ collector, port: 0 })
    serving.add(served)
    return served
  }

  /** Visitors who send until they are stopped, each batch until it is acknowledged, as the SDK does. */
  function visitors(targets: () => Serving[]) {
    const acked: string[] = []
    const sent = new Set<string>()
    const answers: { status: number; retryAfter: string | null; body: string }[] = []
    let stopped = false

    async function deliver(batch: Batch): Promise<void> {
      for (let attempt = 0; ; attempt++) {
        const all = targets()
        const { url } = all[(attempt + sent.size) % all.length]!
        const body = JSON.stringify(batch)
        const answer = await fetch(`${url}/v1/events?key=${key}`, { method: 'POST', body }).catch(
          () => undefined,
        )
        // A collector that has just been stopped takes no connection; the load balancer asks another.
        if (!answer) continue
        const text = await answer.text()
        answers.push({ status: answer.status, retryAfter: answer.headers.get('retry-after'), body: text })
        if (answer.status === 202) {
          const ack = JSON.parse(text) as Ack
          expect([ack.batch, ack.accepted + ack.duplicates]).toEqual([batch.id, batch.events.length])
          return void acked.push(...batch.events.map(({ id }) => id))
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    async function visit(): Promise<void> {
      while (!stopped) {
        const batch = someBatch([someEvent(), someEvent(), someEvent()])
        for (const { id } of batch.events) sent.add(id)
        await deliver(batch)
      }
    }
    const visiting = Array.from({ length: 6 }, visit)
    const more = async (events: number): Promise<void> => {
      const goal = acked.length + events
      await expect.poll(() => acked.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(goal)
    }
    return {
      acked,
      more,
      async stop() {
        stopped = true
        await Promise.all(visiting)
        const failures = answers.filter(
          ({ status, retryAfter }) => status !== 202 && !(status === 503 && retryAfter !== null),
        )
        expect(failures.slice(0, 3), 'nothing but 202, or 503 with Retry-After').toEqual([])
        expect(misfits(), 'no 503 came of the schema').toEqual([])
        expect(new Set(acked)).toEqual(sent)
        const rows = await database.sql`select id from nunchi.analytics_events`
        expect(rows.map(({ id }) => id as string).toSorted()).toEqual([...sent].toSorted())
        const queued = await database.sql`select unnest(event_ids) as id from nunchi.event_processing_queue`
        expect(queued, 'each is queued once, too').toHaveLength(sent.size)
      },
    }
  }

  it('loses nothing and doubles nothing, up, back down, and up again', async () => {
    const session = postgresSession(database.connect(database.url, { max: 2 }))
    const old = await startCollector()
    let targets = [old]
    const { more, stop } = visitors(() => targets)
    await more(60)

    // Expand: the old version goes on upon the new schema, then the new one starts beside it.
    expect((await migrateUp(session, next)).map(({ version }) => version)).toEqual([9999])
    await more(60)
    const second = await startCollector(nextStorage)
    targets = [old, second]
    await more(120)
    const [mixed] = await database.sql`select count(*) filter (where rolled)::int as by_next,
      count(*) filter (where rolled is null)::int as by_old from nunchi.analytics_events`
    expect(mixed!['by_next'], 'the new version uses what is new').toBeGreaterThan(0)
    expect(mixed!['by_old']).toBeGreaterThan(0)

    // Back: first the new version goes, then its schema.
    targets = [old]
    await second.close()
    expect(await migrateDown(session, next, 1)).toHaveLength(1)
    await more(60)
    expect(await migrateUp(session, previous), 'and the old version’s own functions').toEqual([])
    await more(60)

    // And forward again, to the end: the old version goes.
    await migrateUp(session, next)
    const third = await startCollector(nextStorage)
    targets = [old, third]
    await more(60)
    targets = [third]
    await old.close()
    await more(60)
    await stop()
  }, 90_000)

  it('is noticed where it is none: a migration that takes a column away fails the old version', async () => {
    const [old, session] = [await startCollector(), postgresSession(database.sql)]
    const contract = {
      version: 9999,
      name: 'contract',
      up: 'alter table nunchi.analytics_events rename tab to tab_id',
      down: 'alter table nunchi.analytics_events rename tab_id to tab',
    }
    // Its views are another version's too; these would refuse the column that is gone.
    await migrateUp(session, { ...previous, views: [], migrations: [...previous.migrations, contract] })
    const body = JSON.stringify(someBatch())
    const { status } = await fetch(`${old.url}/v1/events?key=${key}`, { method: 'POST', body })
    expect(status, 'which keeps the event in the browser').toBe(503)
    expect(misfits().join()).toContain('(42703)')
  })

  it('gives up, and says why, while somebody reads the events without end; traffic goes on meanwhile', async () => {
    const session = postgresSession(database.connect(database.url, { max: 2 }))
    const old = await startCollector()
    const { more, stop } = visitors(() => [old])
    await more(30)
    const reader = await database.connect(database.url, { max: 1 }).reserve()
    await reader.unsafe('begin')
    await reader.unsafe('select count(*) from nunchi.analytics_events')
    const failed = migrateUp(session, next)
    await Promise.all([
      more(200),
      expect(failed).rejects.toThrow(
        /^Migration 9999_rolled \(up\) failed and was rolled back: canceling statement due to lock timeout\. Another session holds a table that it needs; nothing has changed\. End it \(select pid/,
      ),
    ])
    await more(30)
    const state = (await migrationStatus(session, next)).at(-1)
    expect([state?.version, state?.appliedAt]).toEqual([9999, undefined])

    // The reader ends while it tries: it gets through by itself.
    const patient = migrateUp(session, next)
    await more(30)
    await reader.unsafe('rollback')
    reader.release()
    expect((await patient).map(({ version }) => version)).toEqual([9999])
    await more(30)
    await stop()
  }, 90_000)
})
