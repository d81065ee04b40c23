/** A person's rights on the command line: shown, erased, refused, let back in; and how long events are kept. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { eventOf, idAt, type PeopleProject, peopleProject } from '../../../collector/test/people.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'

describePostgres('a person', (server) => {
  let database: TestDatabase
  let project: PeopleProject
  let name: string
  const dir = mkdtempSync(join(tmpdir(), 'nunchi-person-'))
  const ingest = async (...events: object[]): Promise<number> => (await project.ingest(events)).accepted

  beforeAll(async () => {
    database = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', database.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
    project = await peopleProject(database)
    name = String((await database.sql`select name from nunchi.projects`)[0]!['name'])
    await ingest(
      eventOf({ anonymousId: 'phone' }),
      eventOf({ anonymousId: 'phone', userId: 'kim', type: 'identify', properties: { mail: 'k@x.example' } }),
      eventOf({ anonymousId: 'other' }),
    )
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
    await database?.drop()
  })

  it('is exported as JSON that is whole, printed or into a file of one’s own', async () => {
    const { code, out } = await cli('export', 'person', 'phone')
    expect(code).toBe(0)
    const found = JSON.parse(out)
    expect(found).toMatchObject({ project: { name }, id: 'phone', ids: ['phone', 'kim'] })
    expect(found.tables.analytics_events.map((row: { user_id: string }) => row.user_id)).toEqual([
      null,
      'kim',
    ])
    expect(found.tables.sessions).toEqual([])
    const file = join(dir, 'kim.json')
    const ran = await cli('export', 'person', 'kim', '--out', file)
    expect(ran.out).toBe(`Wrote ${file}: 2 rows about 2 ids of one person.\n`)
    expect(JSON.parse(readFileSync(file, 'utf8')).tables).toEqual(found.tables)
    expect(statSync(file).mode & 0o077, 'nobody else may read it').toBe(0)
    const again = await cli('export', 'person', 'kim', '--out', file)
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('cannot be made (EEXIST)')])
  })

  it('is not left half in a file where the export breaks off', async () => {
    const file = join(dir, 'half.json')
    await database.sql`alter table nunchi.traits rename to traits_away`
    try {
      expect((await cli('export', 'person', 'kim', '--out', file)).code).toBe(1)
    } finally {
      await database.sql`alter table nunchi.traits_away rename to traits`
    }
    expect(existsSync(file)).toBe(false)
    expect((await cli('export', 'person', 'kim', '--out', file)).code).toBe(0)
  })

  it('is erased after a rehearsal, refused from then on, and an id may return', async () => {
    const rehearsal = await cli('erase', 'kim', '--dry-run')
    expect(rehearsal.out).toMatch(
      /^2 ids in \S+: kim, phone\n[\s\S]*analytics_events +2\n[\s\S]*Nothing was erased/,
    )
    const { code, out } = await cli('erase', 'kim')
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^Erased from \S+, by 2 ids:\n[\s\S]*analytics_events +2\n/),
    ])
    expect((await cli('erase', 'kim', '--dry-run')).out).toMatch(/analytics_events +0\n/)
    expect(await ingest(eventOf({ anonymousId: 'phone' }), eventOf({ anonymousId: 'new' }))).toBe(1)
    const lifted = await cli('erase', 'phone', '--lift')
    expect([lifted.code, lifted.out]).toEqual([0, expect.stringContaining('"phone" may return to')])
    expect(await ingest(eventOf({ anonymousId: 'phone' }))).toBe(1)
    const twice = await cli('erase', 'phone', '--lift')
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('is not among the erased ids of')])
    const log = await database.sql`select distinct actor from nunchi.audit_log where action like 'person.%'`
    expect([...log]).toEqual([{ actor: expect.stringMatching(/^cli/) }])
  })

  it('is kept for so many days: set, shown, run, switched off', async () => {
    expect((await cli('retention', 'show')).out).toBe(`${name} keeps its events.\n`)
    const old = Date.now() - 9 * 86_400_000
    await ingest(eventOf({ userId: 'u', ts: old, id: idAt(old) }))
    expect((await cli('retention', 'set', '7')).out).toContain(`${name} keeps its events for 7 days`)
    expect((await cli('retention', 'show', '--project', name)).out).toContain('for 7 days')
    expect((await cli('retention', 'run')).out).toBe('Removed 1 rows.\n')
    expect((await cli('retention', 'run')).out).toBe('Removed 0 rows.\n')
    expect((await cli('retention', 'set', 'off')).out).toBe(`${name} keeps its events.\n`)
    for (const days of ['0', 'week', '1.5']) {
      const { code, err } = await cli('retention', 'set', days)
      expect([code, err]).toEqual([2, expect.stringContaining('is no number of days')])
    }
  })

  it('is looked for in the project that was named, where there are several', async () => {
    await database.owner.call('create_project', { name: 'blog' })
    const { code, err } = await cli('erase', 'kim')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/Say which project with --project NAME; there are .*blog/),
    ])
    expect((await cli('erase', 'kim', '--project', 'none')).err).toContain('There is no project "none"')
  })
})
