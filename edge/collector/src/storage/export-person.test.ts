/** Exporting a person: everything that is stored of them, and nothing of others, in pages; held to the catalog. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNone } from '../../../../scripts/guards/expect-none.ts'
import { derive, eventOf, type PeopleProject, peopleProject } from '../../test/people.ts'
import { type PersonTable, type TextColumn, uncovered } from '../../test/person-coverage.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { newId } from '../../test/rig.ts'

interface Page {
  ids: string[]
  tables: string[]
  rows: { [column: string]: unknown }[]
  next: string | null
}

const textColumns = `
  select c.relname::text as table, a.attname::text as column from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped
    and format_type(a.atttypid, null) in ('text', 'name', 'jsonb', 'json', 'text[]', 'character varying', 'bytea', 'uuid[]')`

describePostgres('export_person()', (server) => {
  let db: TestDatabase
  let project: PeopleProject
  const person = ['kim', 'phone', 'laptop', 'kim-old', 'lee'] as const
  const call = (args: object) =>
    db.owner.call<Page>('export_person', { projectId: project.projectId, ...args })

  beforeAll(async () => {
    db = await createDatabase(server)
    project = await peopleProject(db)
    await project.ingest(
      [
        ...Array.from({ length: 5 }, (_, i) => eventOf({ anonymousId: 'phone', seq: i })),
        eventOf({ anonymousId: 'phone', userId: 'lee' }),
        eventOf({ anonymousId: 'a9' }),
        eventOf({ userId: 'kim-old', properties: { price: 1 } }),
      ],
      {
        rejects: [
          {
            rejection: { index: 9, code: 'event_too_old', detail: 'x', id: newId() },
            event: '{"userId":"kim"}',
          },
        ],
      },
    )
    await derive(db, project.projectId, [...person])
  })
  afterAll(() => db?.drop())

  async function all(id: string, limit: number): Promise<{ [table: string]: Page['rows'] }> {
    const { ids, tables } = await call({ id, actor: 'cli:test' })
    const found: { [table: string]: Page['rows'] } = {}
    for (const table of tables) {
      found[table] = []
      for (let after: string | null = null; ; ) {
        const page: Page = await call({ ids, table, after, limit })
        found[table].push(...page.rows)
        after = page.next
        if (after === null) break
      }
    }
    return found
  }

  it('security 68: shows every row of the person in every table, whichever of their ids is asked for', async () => {
    const whole = await all('kim', 5000)
    const counts = Object.entries(whole).map(([table, rows]) => [table, rows.length] as const)
    expect(Object.fromEntries(counts.filter(([, count]) => count > 0))).toEqual({
      analytics_events: 6,
      event_rejects: 1,
      sessions: 2,
      minute_visitors: 1,
      daily_visitors: 2,
      traits: 1,
      aliases: 1,
      identities: 2,
    })
    expect(whole['analytics_events']!.at(-1)).toMatchObject({ user_id: 'kim-old', properties: { price: 1 } })
    expect(await all('laptop', 2), 'in small pages').toEqual(whole)
    expect(JSON.stringify(whole)).not.toMatch(/"(lee|a9)"/)
  })

  it('security 68: is counted without being read, and leaves an audit row only where it was read', async () => {
    const log = async () =>
      (
        await db.sql`select 1 from nunchi.audit_log where action = 'person.export' and project_id = ${project.projectId}`
      ).length
    const before = await log()
    const { ids } = await call({ id: 'kim', count: true })
    expect(ids[0], 'the id that was asked for first').toBe('kim')
    expect(ids.toSorted()).toEqual(['kim', 'kim-old', 'laptop', 'phone'])
    expect(await call({ ids, table: 'analytics_events', count: true })).toEqual({ rows: 6, next: null })
    expect(await log()).toBe(before)
    await call({ id: 'kim' })
    expect(await log()).toBe(before + 1)
  })

  it('security 67, 68: knows every column of the catalog that can hold a person’s id', async () => {
    const columns = await db.sql.unsafe<TextColumn[]>(textColumns)
    const tables = await db.sql.unsafe<PersonTable[]>('select * from nunchi.person_tables()')
    expectNone(uncovered([...columns], [...tables]))
  })
})

describe('the coverage of erase and export', () => {
  it('catches a new table, a new id, and a table that went', () => {
    const told = uncovered(
      [
        { table: 'notes', column: 'author' },
        { table: 'sessions', column: 'previous_id' },
      ],
      [
        { name: 'sessions', own: 't.user_id = any ($2)', shared: null },
        { name: 'lost', own: '', shared: null },
      ],
    )
    expect(told).toContainEqual(
      expect.stringMatching(/^nunchi.notes.author can hold a person's id.*Give the table a row/),
    )
    expect(told).toContainEqual(expect.stringMatching(/^nunchi.sessions.previous_id holds.*does not read it/))
    expect(told).toContainEqual(expect.stringMatching(/^nunchi.lost is not there any more/))
  })
})
