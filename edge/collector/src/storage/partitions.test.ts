import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'

describePostgres('make_partitions()', (server) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createDatabase(server)
  })
  afterAll(() => db?.drop())

  const partitions = async () =>
    (
      await db.sql.unsafe(`select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits i
        join pg_class c on c.oid = i.inhrelid where i.inhparent = 'nunchi.analytics_events'::regclass order by 1`)
    ).map((row) => row as unknown as { name: string; bound: string })
  const fill = (month: string, n: number) =>
    db.sql.unsafe(`insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id, clock_suspect, internal, environment, type, name, tab, sdk)
      select gen_random_uuid(), nunchi.uuid_floor('${month}'::timestamptz + n * interval '1 minute'), now(), now(), now(), 0, n, 1, false, false, 'staging', 'track', 'n', 't', 's' from generate_series(0, ${n - 1}) n`)
  const monthsFromNow = (n: number) => {
    const now = new Date()
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1))
  }
  const partitionName = (n: number) =>
    `analytics_events_${monthsFromNow(n).toISOString().slice(0, 7).replace('-', '_')}`
  let ahead = 3

  it('has made, at the first migration, what late events need and three months ahead', async () => {
    const names = (await partitions()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([-1, 0, 1, 2, 3].map(partitionName)))
    expect(names).toContain('analytics_events_default')
  })

  it('makes nothing that stands', async () => {
    expect(await db.app.call('make_partitions', {})).toEqual({ created: [], moved: 0 })
  })

  it('moves what waits in the default partition, all of it and nothing else', async () => {
    ahead += 1
    const [month, next] = [monthsFromNow(ahead).toISOString(), monthsFromNow(ahead + 1).toISOString()]
    await fill(month, 50)
    await fill(next, 5)
    const answer = await db.app.call('make_partitions', { months: ahead })
    expect(answer).toEqual({ created: [`nunchi.${partitionName(ahead)}`], moved: 50 })
    expect(
      await db.sql.unsafe(
        `select tableoid::regclass::text as name, count(*)::int as n from nunchi.analytics_events group by 1 order by 1`,
      ),
    ).toEqual([
      { name: `nunchi.${partitionName(ahead)}`, n: 50 },
      { name: 'nunchi.analytics_events_default', n: 5 },
    ])
    await db.sql.unsafe('delete from nunchi.analytics_events')
  })

  it('bounds months in UTC, whatever the session’s time zone', async () => {
    ahead += 1
    const sql = db.connect(db.url, { max: 1, connection: { TimeZone: 'America/New_York' } })
    await sql.unsafe(`select nunchi.make_partitions('{"months": ${ahead}}')`)
    const made = (await partitions()).find(({ name }) => name === partitionName(ahead))
    const hex = (at: Date) => at.getTime().toString(16).padStart(12, '0')
    const bound = (at: Date) => `${hex(at).slice(0, 8)}-${hex(at).slice(8)}-0000-0000-000000000000`
    expect(made?.bound).toBe(
      `FOR VALUES FROM ('${bound(monthsFromNow(ahead))}') TO ('${bound(monthsFromNow(ahead + 1))}')`,
    )
  })

  it('gives a month its row-level security, its policy and its indexes', async () => {
    ahead += 1
    await db.app.call('make_partitions', { months: ahead })
    const [row] = await db.sql.unsafe(`select relrowsecurity as on, relforcerowsecurity as forced,
      (select count(*)::int from pg_policy where polrelid = c.oid) as policies, (select count(*)::int from pg_index where indrelid = c.oid and indisvalid) as indexes,
      relowner::regrole::text as owner from pg_class c where relname = '${partitionName(ahead)}'`)
    expect(row).toEqual({ on: true, forced: true, policies: 1, indexes: 2, owner: 'nunchi_owner' })
  })

  it('waits out a reader of the default partition, and lets go in between', async () => {
    ahead += 1
    const reader = db.connect(db.url, { max: 1 })
    await reader.unsafe('begin; select * from nunchi.analytics_events_default')
    const made = db.owner.call('make_partitions', { months: ahead })
    setTimeout(() => reader.unsafe('commit').then(() => undefined), 2_500)
    expect(await made).toEqual({ created: [`nunchi.${partitionName(ahead)}`], moved: 0 })
  })

  it('is done once when called twice at once', async () => {
    ahead += 1
    const calls = await Promise.all(
      [1, 2, 3].map(() => db.app.call<{ created: string[] }>('make_partitions', { months: ahead })),
    )
    expect(calls.flatMap(({ created }) => created)).toContain(`nunchi.${partitionName(ahead)}`)
    expect((await partitions()).filter(({ name }) => name === partitionName(ahead))).toHaveLength(1)
  })
})
