/** A backup and a restore on real Postgres servers: nothing missing, nothing overwritten, and a lie refused. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCollector, everything } from '@nunchi/collector'
import { schemaText } from '@nunchi/collector/node'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import type { TestServer } from '../../../../scripts/lib/postgres.setup.ts'
import { postgresSession } from '../../../collector/src/storage/postgres.ts'
import { derive } from '../../../collector/test/people.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { someBatch, someEvent } from '../../../collector/test/rig.ts'
import { cli } from '../../test/in-process.ts'
import { readArchive } from '../backup/archive.ts'
import { type Counts, countTables, expectSameCounts } from '../backup/counts.ts'
import { listPrograms, nearest, pgRestoresFor } from '../backup/find-program.ts'
import { addKey } from '../keys.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-backup-'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const newFile = (): string => join(dir, `${randomBytes(4).toString('hex')}.nunchi`)

/** Runs the CLI with these addresses. */
async function on(urls: { serve: string; admin: string }, ...words: string[]) {
  vi.stubEnv('DATABASE_URL', urls.serve)
  vi.stubEnv('NUNCHI_MIGRATE_URL', urls.admin)
  const ran = await cli(...words)
  vi.unstubAllEnvs()
  return ran
}
const by = (database: TestDatabase) => ({ serve: database.appUrl, admin: database.url })

/** A login of an administrator's that row-level security holds for. */
async function plainAdmin(database: TestDatabase): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `admin_${randomBytes(4).toString('hex')}`
  const [row] = await database.sql`select quote_ident(current_database()) as name`
  await database.sql.unsafe(
    `create role ${name} login createrole password 'x'; grant nunchi_owner to ${name};
     grant nunchi_app to ${name} with admin option;
     alter database ${row!['name']} owner to ${name}`,
  )
  return {
    url: Object.assign(new URL(database.url), { username: name, password: 'x' }).href,
    drop: async () => {
      await database.sql.unsafe(
        `alter database ${row!['name']} owner to postgres; drop owned by ${name}; drop role ${name}`,
      )
    },
  }
}

const send = async (database: TestDatabase, key: string, event: object = {}): Promise<unknown> => {
  const collector = createCollector({ storage: database.app, use: everything(), groupCommitMs: 0 })
  const body = JSON.stringify(someBatch([someEvent({ name: 'a\nb\\.\t차', ...event })]))
  const request = new Request(`http://collector/v1/events?key=${key}`, { method: 'POST', body })
  const answer = await collector.fetch(request)
  await collector.close()
  return answer.json()
}

/** Events of several months and of the default partition, a refused one, keys, tombstones, and what is derived. */
async function fill(database: TestDatabase): Promise<string> {
  const { owner, sql } = database
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: '가게' })
  const { key } = await addKey(owner, { projectId, environment: 'production', kind: 'pub' })
  await addKey(owner, { projectId, environment: 'production', kind: 'srv' })
  expect(await send(database, key)).toMatchObject({ accepted: 1 })
  expect(await send(database, key, { name: '' })).toMatchObject({
    rejected: [{ code: 'event_name_invalid' }],
  })
  await sql.unsafe(`insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq,
      key_id, clock_suspect, internal, environment, type, name, tab, sdk)
    select '${projectId}', nunchi.uuid_floor(now() + n * interval '11 days'), now(), now(), now(), 0, n, 1, false, false,
      'staging', 'track', 'n', 't', 's' from generate_series(1, 40) n`)
  await derive(database, projectId, ['kim', 'phone', 'laptop', 'kim-old', 'lee'])
  await owner.call('set_retention', { projectId, days: 365 })
  await owner.call('erase_person', { projectId, id: 'erased' })
  const run = { projectId, environment: 'production', source: 'legacy', keyHash: 'c'.repeat(64) }
  await owner.call('import_start', run)
  return key
}

const countsOf = (database: TestDatabase): Promise<Counts> => countTables(postgresSession(database.sql))
const schemaOf = (database: TestDatabase): Promise<string> => schemaText(postgresSession(database.sql))
const eventsOf = async ({ sql }: TestDatabase) => [
  ...(await sql`select * from nunchi.analytics_events order by id`),
]
const majorOf = async ({ sql }: TestDatabase): Promise<number> =>
  Math.floor(Number((await sql`show server_version_num`)[0]!['server_version_num']) / 10_000)

const open: TestDatabase[] = []
async function another(server: TestServer, migrate = false): Promise<TestDatabase> {
  const database = await createDatabase(server, { migrate })
  open.push(database)
  return database
}
afterAll(async () => {
  for (const database of open) await database.drop()
})

/** A filled database, its key and its backup. */
interface Backed {
  source: TestDatabase
  key: string
  file: string
}
const backed = new Map<string, Promise<Backed | undefined>>()

async function backUp(server: TestServer): Promise<Backed | undefined> {
  const source = await another(server, true)
  if (nearest(listPrograms('pg_dump'), await majorOf(source)).length === 0) return undefined
  const key = await fill(source)
  const file = newFile()
  expect(await on(by(source), 'backup', file)).toMatchObject({ code: 0, err: '' })
  return { source, key, file }
}

/** A backup of this server, or of another one where no pg_dump here is new enough for this one. */
async function backupFor(server: TestServer): Promise<Backed | undefined> {
  for (const one of [server, ...inject('postgres').servers]) {
    if (!backed.has(one.url)) backed.set(one.url, backUp(one))
    const found = await backed.get(one.url)
    if (found) return found
  }
  return undefined
}
const nothing = 'No pg_dump here is as new as a server of the tests; install postgresql-client.'

describePostgres('backup', (server) => {
  let source: TestDatabase
  let tooOld: boolean
  beforeAll(async () => {
    source = await another(server, true)
    await fill(source)
    tooOld = nearest(listPrograms('pg_dump'), await majorOf(source)).length === 0
  })

  it('writes a file for this user alone, never over another; or asks for a newer pg_dump and leaves none', async () => {
    const file = newFile()
    const { code, out, err } = await on(by(source), 'backup', file)
    if (tooOld) {
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/pg_dump.*install the client programs of Postgres \d+/),
      ])
      expect(existsSync(file) || existsSync(`${file}.partial`)).toBe(false)
      return
    }
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/: \d+ rows in \d+ tables, 41 of them events\.\nEach table was counted/)
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    const twice = await on(by(source), 'backup', file)
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('is there already')])
  })

  it('refuses a login that may not read everything, and leaves no file', async () => {
    const file = newFile()
    const { code, err } = await on({ serve: source.appUrl, admin: source.appUrl }, 'backup', file)
    expect([code, err]).toEqual([1, expect.stringContaining('administrator in NUNCHI_MIGRATE_URL')])
    expect(existsSync(file)).toBe(false)
  })

  it('refuses where row-level security would hide rows from it, which pg_dump alone calls a success', async () => {
    const admin = await plainAdmin(source)
    const urls = { serve: source.appUrl, admin: admin.url }
    const [file, lie] = [newFile(), newFile()]
    const month = [...(await countsOf(source))].find(
      ([name, rows]) => /_\d{4}_\d\d$/.test(name) && rows > 0,
    )![0]
    await source.sql.unsafe(`drop policy owner on nunchi.${month}`)
    const { code, err } = await on(urls, 'backup', file)
    expect([code, err]).toEqual([1, expect.stringContaining(`would hide rows of ${month} from this backup`)])
    expect(existsSync(file)).toBe(false)

    if (!tooOld) {
      const [program] = nearest(listPrograms('pg_dump'), await majorOf(source))
      const how = ['--format=custom', '--schema=nunchi', '--role=nunchi_owner', '--enable-row-security']
      execFileSync(program!.path, [...how, `--file=${lie}`, admin.url])
      const truth = await countsOf(source)
      const { counts } = await readArchive(lie, pgRestoresFor(await majorOf(source)))
      expect(counts.get(month), 'the control: rows are missing, and nobody said so').toBe(0)
      expect(() => expectSameCounts(truth, counts, 'backup_failed', 'The dump')).toThrow(
        `The dump does not hold every row (${month} has 0 of ${truth.get(month)}).`,
      )
      // A login above row-level security needs no policy.
      expect(await on(by(source), 'backup', newFile())).toMatchObject({ code: 0 })
    }
    await source.sql.unsafe(
      `create policy owner on nunchi.${month} to nunchi_owner using (true) with check (true)`,
    )
    await admin.drop()
  }, 60_000)
})

describePostgres('restore', (server) => {
  let made: Backed | undefined
  beforeAll(async () => {
    made = await backupFor(server)
  }, 60_000)

  it('makes the same database in another place, by a login without superpowers, and events go on arriving', async (test) => {
    if (!made) return test.skip(nothing)
    const { source, key, file } = made
    const target = await another(server)
    const admin = await plainAdmin(target)
    const { code, out, err } = await on({ serve: target.appUrl, admin: admin.url }, 'restore', file)
    expect([code, err]).toEqual([0, ''])
    expect(out, 'nothing besides').toMatch(/41 of them events\.\n.*up to date\.\n$/)
    expect(await countsOf(target)).toEqual(await countsOf(source))
    expect(await schemaOf(target)).toBe(await schemaOf(source))
    expect(await eventsOf(target)).toEqual(await eventsOf(source))
    expect(await send(target, key), 'with the same key').toMatchObject({ accepted: 1 })
    expect((await on(by(target), 'doctor', '--no-production')).out).not.toMatch(/^✗/m)
    await admin.drop()
  }, 60_000)

  it('takes a database that was only migrated, and refuses one with rows, unless told to replace them', async (test) => {
    if (!made) return test.skip(nothing)
    const { source, key, file } = made
    const target = await another(server, true)
    expect(await on(by(target), 'restore', file)).toMatchObject({ code: 0, err: '' })
    await send(target, key)
    const before = await countsOf(target)
    const { code, err } = await on(by(target), 'restore', file)
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /holds \d+ rows of nunchi's \(1 projects\); restore into an empty one, or say --replace/,
      ),
    ])
    expect(await countsOf(target)).toEqual(before)
    expect(await on(by(target), 'restore', '--replace', file)).toMatchObject({ code: 0, err: '' })
    expect(await countsOf(target)).toEqual(await countsOf(source))
  }, 60_000)

  it('leaves the database as it was where the backup is torn, or of a newer nunchi', async (test) => {
    if (!made) return test.skip(nothing)
    const { source, file } = made
    const target = await another(server, true)
    await fill(target)
    const before = [await countsOf(target), await schemaOf(target)]
    const [torn, newer] = [newFile(), newFile()]
    writeFileSync(torn, readFileSync(file).subarray(0, -2_000))
    const half = await on(by(target), 'restore', '--replace', torn)
    expect([half.code, half.err]).toEqual([1, expect.stringContaining('cannot be read as a backup')])

    await source.sql`insert into nunchi.schema_migrations (version, name, checksum) values (9999, 'later', 'x')`
    await on(by(source), 'backup', newer)
    await source.sql`delete from nunchi.schema_migrations where version = 9999`
    const { code, err } = await on(by(target), 'restore', '--replace', newer)
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /migration 9999 \(later\), which this version.* The database is as it was before\./,
      ),
    ])
    expect([await countsOf(target), await schemaOf(target)]).toEqual(before)
    expect(await on(by(target), 'restore', join(dir, 'none'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be read (ENOENT)'),
    })
  }, 60_000)

  it('puts back what a killed restore left aside, and asks where only a person can choose', async (test) => {
    if (!made) return test.skip(nothing)
    const { file } = made
    const target = await another(server, true)
    await fill(target)
    const before = await countsOf(target)
    await target.sql.unsafe(
      'alter schema nunchi rename to nunchi_before_restore; create schema nunchi authorization nunchi_owner',
    )
    expect(await on(by(target), 'restore', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('say --replace'),
    })
    expect(await countsOf(target)).toEqual(before)
    await target.sql.unsafe('create schema nunchi_before_restore authorization nunchi_owner')
    const { code, err } = await on(by(target), 'restore', '--replace', file)
    expect([code, err]).toEqual([1, expect.stringContaining('cut off in its last step')])
    expect(await countsOf(target)).toEqual(before)
  }, 60_000)
})
