/** Erasing a person: nothing is left in any table, nothing comes back, and nobody else loses anything. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { derive, eventOf, type PeopleProject, peopleProject } from '../../test/people.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { newId } from '../../test/rig.ts'

describePostgres('erase_person()', (server) => {
  let db: TestDatabase
  let project: PeopleProject
  // Unlike any other text, so that a search of whole rows for them is exact.
  const ids = () => ['user', 'phone', 'laptop', 'old', 'stranger'].map((name) => `${name}-${newId()}`)
  let person: string[]

  beforeAll(async () => {
    db = await createDatabase(server)
  })
  beforeEach(async () => {
    project = await peopleProject(db)
    person = ids()
  })
  afterAll(() => db?.drop())

  const rows = (query: string) => db.sql.unsafe(query.replaceAll('$p', `'${project.projectId}'`))
  /** Every table in which a row of any project holds one of these texts anywhere. */
  const traces = async (texts: string[]): Promise<string[]> => {
    const tables = await db.sql`select c.relname::text as name from pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`
    const found: string[] = []
    for (const { name } of tables)
      for (const text of texts) {
        const [row] = await db.sql.unsafe(
          `select count(*)::int as n from nunchi.${name} t where strpos(to_jsonb(t)::text, $1) > 0`,
          [text],
        )
        if (row!['n'] > 0) found.push(`${name}: ${row!['n']} × ${text.split('-')[0]}`)
      }
    return found.toSorted()
  }
  const settle = async () => {
    const [user, phone, laptop, old, stranger] = person as [string, string, string, string, string]
    await project.ingest(
      [
        eventOf({ anonymousId: phone }),
        eventOf({
          anonymousId: laptop,
          userId: user,
          type: 'identify',
          properties: { email: 'x@y.example' },
        }),
        eventOf({ userId: old }),
        eventOf({ userId: user, previousId: old, type: 'alias' }),
        eventOf({ anonymousId: phone, userId: stranger, properties: { keep: true } }),
        eventOf({ anonymousId: 'a9' }),
      ],
      {
        rejects: [
          [
            { index: 7, code: 'event_too_old', detail: 'x', id: newId() },
            `{"anonymousId":"${phone}","ts":1}`,
          ],
          [{ index: 8, code: 'event_too_old', detail: 'x', id: newId() }, `{"userId" : "${user}", "ts": 1`],
          [{ index: 9, code: 'event_too_old', detail: 'x', id: newId() }, '{"anonymousId":"a9","ts":1}'],
        ].map(([rejection, event]) => ({ rejection, event })),
      },
    )
    await derive(db, project.projectId, person)
  }

  it('security 67: leaves no trace of any of the person’s ids in any table, and takes nothing of others', async () => {
    await settle()
    const [user, phone, laptop, old, stranger] = person as [string, string, string, string, string]
    const mine = [user, phone, laptop, old]
    expect((await traces(mine)).length, 'the search finds what is there').toBeGreaterThan(10)
    const { removed, ids: count } = await project.erase(laptop)
    // The group of the same name is no person.
    expect(await traces(mine)).toEqual(['traits: 1 × user'])
    expect(count).toBe(4)
    expect(removed).toMatchObject({
      analytics_events: 4,
      event_rejects: 2,
      sessions: 2,
      minute_visitors: 1,
      daily_visitors: 2,
      experiment_assignments: 0,
      experiment_conversions: 0,
      traits: 1,
      aliases: 1,
      identities: 2,
    })
    expect(
      await rows(
        'select anonymous_id, user_id, properties from nunchi.analytics_events where project_id = $p order by 1',
      ),
    ).toMatchObject([
      { anonymous_id: 'a9', user_id: null },
      { anonymous_id: null, user_id: stranger, properties: { keep: true } },
    ])
    expect(
      await rows('select session_id, anonymous_id from nunchi.sessions where project_id = $p order by 1'),
    ).toMatchObject([
      { session_id: 's3', anonymous_id: null },
      { session_id: 's4', anonymous_id: 'a9' },
    ])
    expect(
      await rows('select anonymous_id, user_id from nunchi.daily_visitors where project_id = $p'),
    ).toMatchObject([{ anonymous_id: '', user_id: stranger }])
    const [queued] = await rows(
      `select event_ids from nunchi.event_processing_queue where $p = any (project_ids)`,
    )
    expect(queued!['event_ids'], 'what waits to be processed').toHaveLength(2)
    expect(await rows('select 1 from nunchi.erasure_runs')).toHaveLength(0)
  })

  it('security 67: keeps in the audit log one row with a hash, and no id', async () => {
    await settle()
    await project.erase(person[0]!)
    const audit = await rows(
      `select actor, subject, before, after from nunchi.audit_log where project_id = $p and action = 'person.erase'`,
    )
    const hash = createHash('sha256').update(`${project.projectId}:${person[0]}`).digest('hex')
    expect([...audit]).toEqual([
      {
        actor: 'cli:test',
        subject: hash,
        before: expect.objectContaining({ analytics_events: 4 }),
        after: { tombstones: 4 },
      },
    ])
  })

  it('security 67: refuses what comes late, each id alone, and keeps neither event nor id of it', async () => {
    await settle()
    const [user, phone, , old] = person as [string, string, string, string]
    const again = eventOf({ anonymousId: phone })
    await project.ingest([again])
    await project.erase(user)
    const answer = await project.ingest(
      [
        eventOf({ anonymousId: 'fresh' }),
        again,
        eventOf({ anonymousId: 'fresh', userId: user }),
        eventOf({ userId: 'new', previousId: old, type: 'alias' }),
        eventOf({ anonymousId: 'a9', properties: { secret: 1 } }),
      ],
      {
        rejects: [
          {
            rejection: { index: 9, id: newId(), code: 'event_too_old', detail: `says ${phone}` },
            event: `{"anonymousId":"${phone}"}`,
          },
        ],
      },
    )
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual(
      [1, 2, 3].map((i) => [i, 'person_erased']),
    )
    expect(answer.rejected[0]).toMatchObject({
      detail: expect.stringMatching(/^events\[1\] /),
      fix: expect.stringContaining('reset()'),
    })
    expect(await traces(person.slice(0, 4))).toEqual(['traits: 1 × user'])
    const noted = await rows(`select index, code, event, event_id from nunchi.event_rejects
      where project_id = $p and (code = 'person_erased' or event = '') order by 1`)
    expect([...noted]).toEqual([
      ...[1, 2, 3].map((index) => ({ index, code: 'person_erased', event: '', event_id: null })),
      { index: 9, code: 'event_too_old', event: '', event_id: null },
    ])
    const other = await peopleProject(db)
    expect(await other.ingest([eventOf({ userId: user })]), 'another project').toMatchObject({ accepted: 1 })
  })

  it('reads who is who from what waits to be processed too', async () => {
    const [user, phone, , old] = person as [string, string, string, string]
    await project.ingest([
      eventOf({ anonymousId: phone }),
      eventOf({ anonymousId: phone, userId: user, type: 'identify' }),
      eventOf({ anonymousId: phone, userId: 'second', ts: Date.now() + 60_000 }),
      eventOf({ userId: user, previousId: old, type: 'alias' }),
    ])
    expect((await project.erase(old)).removed['analytics_events']).toBe(3)
    expect(await traces([user, phone, old])).toEqual([])
    expect(await rows('select user_id from nunchi.analytics_events where project_id = $p')).toMatchObject([
      { user_id: 'second' },
    ])
  })

  it('goes on where it was cut off, in small steps, whichever of the ids is named', async () => {
    const [user, phone] = person as [string, string]
    await settle()
    await project.ingest(Array.from({ length: 40 }, () => eventOf({ anonymousId: phone })))
    const step = (id: string) =>
      db.owner.call<{ phase: string }>('erase_person', { projectId: project.projectId, id, limit: 7 })
    const phases = [await step(user), await step(user), await step(user), await step(user)].map(
      ({ phase }) => phase,
    )
    expect(phases).toEqual(['marked', 'events', 'events', 'events'])
    expect((await project.erase(phone, { limit: 7 })).calls).toBe(6)
    expect(await traces(person.slice(0, 4))).toEqual(['traits: 1 × user'])
  })

  it('waits for who was writing when the tombstones were made: nothing slips in between', async () => {
    const [user] = person as [string]
    const tablet = `tablet-${newId()}`
    await project.ingest([eventOf({ anonymousId: tablet })])
    const writer = await db.connect(db.url, { max: 1 }).reserve()
    await writer.unsafe('begin')
    await writer.unsafe(`select nunchi.ingest($1::text::jsonb)`, [
      JSON.stringify({ batches: [project.batch([eventOf({ userId: user, anonymousId: tablet })])] }),
    ])
    let done = false
    const erasing = project.erase(user).then((result) => {
      done = true
      return result
    })
    await expect
      .poll(() => rows(`select phase from nunchi.erasure_runs where project_id = $p`))
      .toMatchObject([{ phase: 'marked' }])
    expect(await project.ingest([eventOf({ userId: 'other' })]), 'others go on').toMatchObject({
      accepted: 1,
    })
    expect(done).toBe(false)
    await writer.unsafe('commit')
    writer.release()
    const { removed, ids: count } = await erasing
    expect([removed['analytics_events'], count], 'the device that came to light meanwhile too').toEqual([
      2, 2,
    ])
    expect(await traces([user, tablet])).toEqual([])
    expect(await project.ingest([eventOf({ anonymousId: tablet })])).toMatchObject({ accepted: 0 })
  })

  it('waits for who was processing the person’s events: what they derive goes too', async () => {
    const [user, phone] = person as [string, string]
    const visit = {
      anonymousId: phone,
      userId: user,
      sessionId: newId(),
      type: 'identify',
      properties: { plan: 'pro' },
    }
    await project.ingest([eventOf(visit)])
    const worker = await db.connect(db.url, { max: 1 }).reserve()
    await worker.unsafe('begin')
    await worker.unsafe(`select nunchi.process('{}')`)
    const erasing = project.erase(user)
    await expect
      .poll(() => rows(`select 1 from nunchi.erasure_runs where project_id = $p and phase = 'events'`))
      .toHaveLength(1)
    await worker.unsafe('commit')
    worker.release()
    expect((await erasing).removed).toMatchObject({
      analytics_events: 1,
      sessions: 1,
      identities: 1,
      traits: 1,
    })
    expect(await traces([user, phone])).toEqual([])
  })

  it('refuses an id of whom nothing is stored, and lets it return when it is lifted', async () => {
    const [user] = person as [string]
    expect((await project.erase(user)).removed['analytics_events']).toBe(0)
    expect(await project.ingest([eventOf({ userId: user })])).toMatchObject({ accepted: 0 })
    const lift = () =>
      db.owner.call('lift_erasure', { projectId: project.projectId, id: user, actor: 'cli:test' })
    expect([await lift(), await lift()]).toEqual([{ lifted: true }, { lifted: false }])
    expect(await project.ingest([eventOf({ userId: user })])).toMatchObject({ accepted: 1 })
    expect(
      await rows(`select 1 from nunchi.audit_log where project_id = $p and action = 'person.lift'`),
    ).toHaveLength(1)
  })

  it('does not lift while it erases, and needs a project and an id', async () => {
    const args = { projectId: project.projectId, id: person[0] }
    await db.owner.call('erase_person', args)
    await expect(db.owner.call('lift_erasure', args)).rejects.toThrow('being erased')
    await expect(db.owner.call('erase_person', { ...args, id: '' })).rejects.toThrow('an id')
    await expect(db.owner.call('erase_person', { id: 'x', projectId: newId() })).rejects.toThrow('projectId')
    await expect(db.app.call('erase_person', args), 'the collector').rejects.toThrow('permission denied')
  })

  describe('the audit log', () => {
    it('cannot be changed, only added to, for the owner and for a superuser too', async () => {
      for (const role of ['nunchi_owner', 'none', 'nunchi_app', 'nunchi_member'])
        for (const deed of [
          'update nunchi.audit_log set actor = null',
          'delete from nunchi.audit_log',
          'truncate nunchi.audit_log',
        ])
          await expect(
            db.sql.unsafe(`set local role ${role}; ${deed}`),
            `${role}: ${deed}`,
          ).rejects.toMatchObject({ code: '42501' })
    })

    it('has a row with before and after for each deed of administration', async () => {
      const { projectId } = project
      const key = {
        projectId,
        environment: 'staging',
        kind: 'srv',
        hash: 'ab'.repeat(32),
        hint: 'hinted',
        actor: 'cli:kim',
      }
      const { keyId } = await db.owner.call<{ keyId: string }>('create_key', key)
      await db.owner.call('revoke_key', { keyId, actor: 'cli:kim' })
      await db.owner.call('revoke_key', { keyId })
      await db.owner.call('set_member', { projectId, userId: 'kim', role: 'viewer' })
      await db.owner.call('set_retention', { projectId, days: 30 })
      const log = await rows(
        'select actor, action, subject, before, after from nunchi.audit_log where project_id = $p order by id',
      )
      expect(log.slice(2)).toMatchObject([
        {
          actor: 'cli:kim',
          action: 'key.create',
          subject: keyId,
          before: null,
          after: { environment: 'staging', hint: 'hinted' },
        },
        {
          actor: 'cli:kim',
          action: 'key.revoke',
          subject: keyId,
          before: { revoked_at: null },
          after: { revoked_at: expect.any(String) },
        },
        { actor: 'sql:postgres', action: 'member.set', before: { role: null }, after: { role: 'viewer' } },
        { action: 'retention.set', before: { days: null }, after: { days: 30 } },
      ])
      expect(log.map(({ action }) => action).slice(0, 2)).toEqual(['project.create', 'key.create'])
      expect(JSON.stringify(log)).not.toContain('abab')
    })
  })
})
