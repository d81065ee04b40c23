/** The whole of an operator's day on a real Postgres: two logins, one login, and what each may do. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'
import { endAll, freePorts, nunchi, type Running } from '../../test/running.ts'
import { transactionPooled } from '../database/pool-mode.ts'

async function startDev(env: Record<string, string>): Promise<{ url: string; key: string; dev: Running }> {
  const port = await freePorts()
  const dev = nunchi(['dev', '--port', String(port)], env)
  await dev.until(/Ctrl-C stops it/)
  return { url: `http://localhost:${port}`, key: /nk_pub_\w{36}/.exec(dev.text())![0], dev }
}

const countEvents = async ({ sql }: TestDatabase): Promise<number> =>
  Number((await sql`select count(*) as n from nunchi.analytics_events`)[0]!['n'])

describePostgres('two logins', (server) => {
  let database: TestDatabase
  let both: { DATABASE_URL: string; NUNCHI_MIGRATE_URL: string }
  beforeAll(async () => {
    database = await createDatabase(server, { migrate: false })
    both = { DATABASE_URL: database.appUrl, NUNCHI_MIGRATE_URL: database.url }
    for (const [name, url] of Object.entries(both)) vi.stubEnv(name, url)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await endAll()
    await database?.drop()
  })

  it('doctor asks for the schema, and migrate brings it and the password of the app', async () => {
    expect(await cli('doctor')).toMatchObject({
      code: 1,
      err: expect.stringContaining('run: nunchi migrate up'),
    })
    const verifier = async () =>
      (await database.sql`select rolpassword from pg_authid where rolname = 'nunchi_app'`)[0]!['rolpassword']
    const before = await verifier()
    const { code, out } = await cli('migrate', 'up')
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^applied {2}0001_[\s\S]*nunchi_app@[\s\S]*up to date/),
    ])
    expect(out, 'no password is shown').not.toMatch(/nunchi:|postgres:postgres/)
    expect(await verifier(), 'a new salt').not.toBe(before)
    expect(await verifier()).toMatch(/^SCRAM-SHA-256\$4096:/)
    const [me] = await database.connect(database.appUrl)`select current_user::text as name`
    expect(me).toEqual({ name: 'nunchi_app' })
  })

  it('doctor finds all in order, also when production keys are in force', async () => {
    await cli('keys', 'create', '--project', 'live')
    const { code, out } = await cli('doctor')
    expect(out).not.toMatch(/^[!✗]/m)
    expect([code, out]).toEqual([0, expect.stringContaining('judged as production')])
    expect(out).toMatch(/✓ login +the collector logs in as nunchi_app/)
    expect(out).toMatch(/✓ addresses +one address serves, another migrates/)
    expect(await transactionPooled(database.appUrl)).toBe(false)
  })

  it('verify sends one event, finds its one row, and leaves none', async () => {
    const { url, key, dev } = await startDev(both)
    const { code, out } = await cli('verify', url, '--key', key)
    expect(out.match(/^✓ [a-z ]+?(?= {2})/gm)).toEqual(
      ['live', 'ready', 'event', 'resent', 'row', 'cleaned up', 'config', 'stream', 'log'].map(
        (name) => `✓ ${name}`,
      ),
    )
    expect(code).toBe(0)
    expect(await countEvents(database)).toBe(0)
    expect(await database.sql`select 1 from nunchi.event_processing_queue`).toHaveLength(0)
    expect(await dev.end('SIGTERM')).toBe(0)
    expect(dev.text(), 'a healthy deployment logs no error').not.toMatch(/"level":"(error|warn)"/)
  })

  it('verify with the app alone finds the row, and says that it stays', async () => {
    const { url, key } = await startDev(both)
    vi.stubEnv('NUNCHI_MIGRATE_URL', '')
    const { code, out } = await cli('verify', url, '--key', key)
    const keys = await cli('keys', 'list')
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
    expect(out).toMatch(/✓ row +one row in[\s\S]*! cleaned up +the event .* stays[\s\S]*NUNCHI_MIGRATE_URL/)
    expect(code, 'a warning fails nothing').toBe(0)
    expect(await countEvents(database)).toBe(1)
    expect([keys.code, keys.err]).toEqual([1, expect.stringContaining('administrator in NUNCHI_MIGRATE_URL')])
  })

  it('verify fails where the database is another one', async () => {
    const { url, key } = await startDev(both)
    const other = await createDatabase(server)
    vi.stubEnv('NUNCHI_MIGRATE_URL', other.url)
    vi.stubEnv('DATABASE_URL', other.url)
    const { code, out, err } = await cli('verify', url, '--key', key)
    for (const [name, value] of Object.entries(both)) vi.stubEnv(name, value)
    await other.drop()
    expect(out).toMatch(/✗ row +0 rows in [\s\S]*Check that DATABASE_URL is the database of this collector/)
    expect([code, err]).toEqual([1, expect.stringContaining('checks failed (row)')])
  })

  it('doctor names what somebody has loosened since', async () => {
    await database.sql`alter table nunchi.api_keys no force row level security`
    await database.sql`grant select on nunchi.api_keys to nunchi_app`
    await database.sql`alter table nunchi.analytics_events_default disable row level security`
    const { code, out } = await cli('doctor')
    expect(code).toBe(1)
    expect(out).toMatch(/✗ row security +not forced for analytics_events_default, api_keys/)
    expect(out).toMatch(/✗ grants +nunchi_app may touch api_keys/)
  })
})

describePostgres('one login', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase(server, { migrate: false })
    vi.stubEnv('DATABASE_URL', database.url)
    vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await endAll()
    await database?.drop()
  })

  it('is enough for dev: it migrates, serves in the role of the app, and says so', async () => {
    const { url, key, dev } = await startDev({ DATABASE_URL: database.url })
    expect(dev.text()).toContain('One address for everything is fine here')
    expect((await cli('verify', url, '--key', key)).code).toBe(0)
    const second = await startDev({ DATABASE_URL: database.url })
    expect(second.key, 'the same key, from the database').toBe(key)
    expect(await second.dev.end('SIGINT')).toBe(0)
    expect((await cli('verify', url, '--key', key)).code, 'the first one goes on').toBe(0)
  })

  it('gets warnings from doctor, and a refusal once production keys are in force', async () => {
    const before = await cli('doctor')
    expect([before.code, before.out]).toEqual([0, expect.stringMatching(/! login[\s\S]*! addresses/)])
    await cli('keys', 'create', '--project', 'live', '--environment', 'production')
    const after = await cli('doctor')
    expect([after.code, after.out]).toEqual([1, expect.stringMatching(/✗ login +.* a superuser/)])
    expect((await cli('doctor', '--no-production')).code).toBe(0)
  })
})

describe('a database that refuses', () => {
  describePostgres('says why', (server) => {
    it('for a wrong password and a missing database', async () => {
      const wrong = Object.assign(new URL(server.url), { password: 'wrong' }).href
      const missing = Object.assign(new URL(server.url), { pathname: '/nunchi_none' }).href
      for (const [url, sentence] of [
        [wrong, 'Postgres refused the password; correct it in the URL'],
        [missing, 'The database named in the URL does not exist; create it'],
      ] as const) {
        vi.stubEnv('DATABASE_URL', url)
        const { code, err } = await cli('migrate', 'status')
        vi.unstubAllEnvs()
        expect([code, err]).toEqual([1, expect.stringContaining(sentence)])
      }
    })
  })
})
