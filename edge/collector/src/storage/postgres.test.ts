import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { testStorage } from '../testing.ts'
import { postgres } from './postgres.ts'
import { sqlState } from './storage.ts'

describePostgres('postgres()', (server) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createDatabase(server)
  })
  afterAll(() => db?.drop())

  describe('logged in as nunchi_app', () => {
    testStorage({ it }, () => ({ app: db.app, owner: db.owner }))
  })

  describe('with one address for everything', () => {
    testStorage({ it }, () => ({ app: postgres(db.sql), owner: db.owner }))
  })

  describe('with one address, where backslashes in strings escape', () => {
    const options = { connection: { standard_conforming_strings: false } }
    testStorage({ it }, () => ({ app: postgres(db.connect(db.url, options)), owner: db.owner }))
  })

  describe('without prepared statements, and with a transformation of names', () => {
    const options = {
      prepare: false,
      transform: { column: { from: (name: string) => name.toUpperCase().toLowerCase() } },
    }
    testStorage({ it }, () => ({ app: postgres(db.connect(db.appUrl, options)), owner: db.owner }))
  })

  it('bounds how long a call takes and waits, where the login is not the role', async () => {
    const impatient = postgres(db.sql, { lockTimeoutMs: 50 })
    await db.sql.begin(async (blocker) => {
      await blocker.unsafe('lock table nunchi.api_keys in access exclusive mode')
      const error = await impatient.call('find_key', { hash: 'x' }).catch((reason: unknown) => reason)
      expect(sqlState(error)).toBe('55P03')
    })
  })

  it('leaves those bounds to the role itself, where it logs in', async () => {
    const [row] = await db
      .connect(db.appUrl)
      .unsafe(`select current_setting('statement_timeout') s, current_setting('lock_timeout') l`)
    expect(row).toEqual({ s: '15s', l: '5s' })
  })

  it('finishes running calls when it closes, and takes no more', async () => {
    const storage = postgres(db.connect(db.appUrl))
    const running = storage.call<{ ok: boolean }>('health', {})
    const closing = storage.close()
    expect((await running).ok).toBe(true)
    await closing
    await expect(storage.call('health', {})).rejects.toThrow(
      'health was called after the storage was closed.',
    )
  })

  it('cuts a call off that does not end in time', async () => {
    const storage = postgres(db.connect(db.url), { closeTimeout: 0.1, lockTimeoutMs: 500 })
    await db.sql.begin(async (blocker) => {
      await blocker.unsafe('lock table nunchi.api_keys in access exclusive mode')
      const outcome = storage.call('find_key', { hash: 'x' }).catch((reason: unknown) => String(reason))
      await storage.close()
      expect(await outcome).toMatch(/CONNECTION_(CLOSED|DESTROYED)/)
    })
  })

  it.each(['nunchi_app', 'nunchi_owner'] as const)(
    'works on after its backends were killed, as %s',
    async (role) => {
      const url = new URL(role === 'nunchi_app' ? db.appUrl : db.url)
      const client = db.connect(url.href, {
        fetch_types: false,
        connection: { application_name: `victim_${role}` },
      })
      const storage = postgres(client, { role, callTimeoutMs: 2_000 })
      for (let round = 0; round < 5; round++) {
        const calls = Array.from({ length: 20 }, () => storage.call('health', {}).catch(() => undefined))
        await db.sql.unsafe(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim_${role}'`,
        )
        await Promise.all(calls)
      }
      const again = async () =>
        (await storage.call<{ ok: boolean }>('health', {}).catch(() => ({ ok: false }))).ok
      await expect.poll(again, { timeout: 15_000 }).toBe(true)
    },
  )

  it('tells a database that is away from one that refuses, and asks again later', async () => {
    const away = new URL(db.appUrl)
    away.port = '1'
    const storage = postgres(db.connect(away.href, { max: 1 }))
    const error = await storage.call('health', {}).catch((reason: unknown) => reason)
    expect(sqlState(error)).toBeUndefined()
    expect(String(error)).toContain('ECONNREFUSED')
  })
})
