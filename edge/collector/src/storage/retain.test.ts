/** Retention: what is older than its project keeps goes, by whole months where nobody needs them, and nothing else does. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { eventOf, idAt, type PeopleProject, peopleProject } from '../../test/people.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'

const day = 86_400_000

interface Retained {
  dropped: string[]
  removed: { [table: string]: number }
  more: boolean
}

describePostgres('retain()', (server) => {
  let db: TestDatabase
  let project: PeopleProject
  const now = Date.now()

  // Partitions belong to all projects of a database, so each test has its own.
  beforeEach(async () => {
    await db?.drop()
    db = await createDatabase(server)
    project = await peopleProject(db)
  })
  afterAll(() => db?.drop())

  const keep = (days: number | null, { projectId } = project) =>
    db.owner.call('set_retention', { projectId, days })
  const step = (days: number, more: object = {}) =>
    db.owner.call<Retained>('retain', { now: now + days * day, ...more })
  /** Goes on while months are dropped, one a call. */
  const retain = async (days: number, more: object = {}): Promise<Retained> => {
    const dropped: string[] = []
    for (;;) {
      const done = await step(days, more)
      dropped.push(...done.dropped)
      if (done.dropped.length === 0) return { ...done, dropped }
      expect(done).toMatchObject({ dropped: [expect.any(String)], removed: {}, more: true })
    }
  }
  const months = async () =>
    (
      await db.sql`select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'nunchi.analytics_events'::regclass and c.relname ~ '[0-9]$' order by 1`
    ).map((row) => row['name'] as string)
  const count = async (table = 'analytics_events', of = project): Promise<number> =>
    Number(
      (await db.sql.unsafe(`select count(*) from nunchi.${table} where project_id = '${of.projectId}'`))[0]![
        'count'
      ],
    )
  const at = (ms: number, more: object = {}) => eventOf({ id: idAt(ms), ts: ms, userId: 'u', ...more })

  it('security 70: drops whole months once the clock has moved past them, with an audit row each', async () => {
    await keep(60)
    await project.ingest([at(now), at(now - 20 * day)])
    const before = await months()
    expect(await retain(30), 'all is young').toEqual({ dropped: [], removed: {}, more: false })
    const { dropped, removed } = await retain(200)
    expect(dropped.length).toBeGreaterThanOrEqual(3)
    expect(removed).toEqual({})
    expect(await months()).toEqual(before.filter((name) => !dropped.includes(name)))
    expect(await count()).toBe(0)
    const log =
      await db.sql`select actor, subject, before from nunchi.audit_log where action = 'retention.drop' order by id`
    expect(log.map(({ subject }) => subject)).toEqual(dropped)
    expect(log.reduce((sum, { before }) => sum + before.rows, 0)).toBe(2)
  })

  it('security 70: keeps a month that another project needs, and deletes only what is over', async () => {
    const other = await peopleProject(db)
    await keep(60)
    await other.ingest([at(now)])
    await project.ingest([at(now), at(now - day)])
    expect(await retain(200)).toMatchObject({ removed: { analytics_events: 2 } })
    expect([await count(), await count('analytics_events', other)]).toEqual([0, 1])
    await keep(500, other)
    expect((await retain(400)).dropped, 'still').toEqual([])
    expect(await count('analytics_events', other)).toBe(1)
    await keep(30, other)
    expect((await retain(400)).dropped.length).toBeGreaterThan(0)
    expect(await count('analytics_events', other)).toBe(0)
  })

  it('goes by when an event occurred, also where its id says otherwise', async () => {
    await keep(30)
    // Given a time by hand: the id is of now.
    await project.ingest([eventOf({ id: idAt(now), ts: now - 25 * day, userId: 'old' }), at(now)])
    expect(await retain(10)).toMatchObject({ removed: { analytics_events: 1 } })
    expect(await db.sql`select user_id from nunchi.analytics_events`).toMatchObject([{ user_id: 'u' }])
  })

  it('cleans the default partition by when its events came', async () => {
    await keep(30)
    await project.ingest([at(now + 4000 * day), at(0)])
    expect(await count('analytics_events_default')).toBe(2)
    expect(await retain(29)).toMatchObject({ removed: {} })
    expect((await retain(31)).removed).toEqual({ analytics_events_default: 2 })
  })

  it('works in steps, and says when there is more', async () => {
    await keep(1)
    await project.ingest(Array.from({ length: 25 }, () => at(now)))
    const steps = [
      await retain(3, { limit: 10 }),
      await retain(3, { limit: 10 }),
      await retain(3, { limit: 10 }),
    ]
    expect(steps.map(({ removed, more }) => [removed['analytics_events'], more])).toEqual([
      [10, true],
      [10, true],
      [5, false],
    ])
    const log =
      await db.sql`select actor, after from nunchi.audit_log where action = 'retention.remove' order by id`
    expect([...log]).toEqual(
      [10, 10, 5].map((rows) => ({ actor: 'job:retention', after: { rows, days: 1 } })),
    )
  })

  it('takes visits and visitors with the events; refusals after 90 days and reported drops after 400 in any case', async () => {
    const refused = { rejection: { index: 0, code: 'event_too_old', detail: 'x' }, event: '{}' }
    await project.ingest([at(now)], { rejects: [refused], dropped: { store_full: 2 } })
    await db.sql.unsafe(`insert into nunchi.sessions (project_id, session_id, environment, started_at, ended_at, first_event_id,
        last_event_id, events, pages, conversions)
      select id, 's', 'production', now(), now(), gen_random_uuid(), gen_random_uuid(), 1, 1, 0 from nunchi.projects;
      insert into nunchi.daily_visitors select id, 'production', current_date, 'a', '' from nunchi.projects;
      insert into nunchi.minute_visitors select id, 'production', now(), 'a', '' from nunchi.projects;
      insert into nunchi.experiment_assignments (project_id, environment, experiment, revision, unit, attribute, variant,
        config_version, assigned_at, event_id)
      select id, 'production', 'e', 1, 'a', 'anonymousId', 'b', 'v', now(), gen_random_uuid() from nunchi.projects;
      insert into nunchi.experiment_conversions (project_id, environment, event_id, metric, occurred_at)
      select id, 'production', gen_random_uuid(), 'order', now() from nunchi.projects`)
    expect((await retain(89)).removed).toEqual({})
    expect((await retain(91)).removed).toEqual({ event_rejects: 1 })
    expect((await retain(402)).removed).toEqual({ sdk_drops: 1 })
    expect(await count()).toBe(1)
    await keep(2000)
    expect((await retain(2003)).removed).toEqual({
      analytics_events: 1,
      sessions: 1,
      experiment_assignments: 1,
      experiment_conversions: 1,
      minute_visitors: 1,
      daily_visitors: 1,
    })
  })

  it('lets the collector run it, but not move its clock', async () => {
    await keep(1)
    await project.ingest([at(now)])
    await expect(db.app.call('retain', { now: now + 99 * day })).rejects.toThrow('Only the owner')
    expect(await db.app.call('retain', {})).toEqual({ dropped: [], removed: {}, more: false })
    expect(await count()).toBe(1)
  })

  it('refuses days that are none, and a project that is not there', async () => {
    for (const days of [0, -1, 40_000]) await expect(keep(days)).rejects.toThrow('days from 1')
    await expect(
      keep(1, { projectId: '00000000-0000-4000-8000-000000000000' } as PeopleProject),
    ).rejects.toThrow('projectId')
    expect(await keep(null)).toMatchObject({ days: null, before: null })
  })

  it('leaves a month for the next run while somebody reads it, and goes on with the rest', async () => {
    await keep(30)
    await project.ingest([at(now), at(now + 3000 * day)])
    const reader = await db.connect(db.url, { max: 1 }).reserve()
    await reader.unsafe('begin; select count(*) from nunchi.analytics_events')
    const before = await months()
    expect(await step(100)).toMatchObject({
      dropped: [],
      removed: { analytics_events: 1, analytics_events_default: 1 },
    })
    await reader.unsafe('rollback')
    reader.release()
    expect(await months()).toEqual(before)
    expect((await retain(100)).dropped.length).toBeGreaterThan(0)
  }, 40_000)
})
