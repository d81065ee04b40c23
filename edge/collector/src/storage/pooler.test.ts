import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPgbouncer, type Pooler, startPgbouncer } from '../../test/pgbouncer.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { testStorage } from '../testing.ts'
import { postgres } from './postgres.ts'

const binary = findPgbouncer()

if (!binary)
  describe('postgres() through a transaction-mode pooler', () => {
    it('needs pgbouncer', (test) =>
      test.skip('pgbouncer is not installed (Debian: apt-get install pgbouncer).'))
  })
else
  describePostgres('postgres() through pgbouncer in transaction mode', (server) => {
    let db: TestDatabase
    let pooler: Pooler
    beforeAll(async () => {
      db = await createDatabase(server)
      pooler = await startPgbouncer(binary, new URL(db.url))
    })
    afterAll(async () => {
      await pooler?.stop()
      await db?.drop()
    })
    const open = (url: string) => db.connect(pooler.through(url), { prepare: false, max: 20 })

    describe('logged in as nunchi_app', () => {
      testStorage({ it }, () => ({ app: postgres(open(db.appUrl)), owner: db.owner }))
    })

    describe('with one address for everything', () => {
      testStorage({ it }, () => ({ app: postgres(open(db.url)), owner: db.owner }))
    })

    it('leaves no role, claims or limits on the shared connections', async () => {
      const storage = postgres(open(db.url))
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          storage.call('member_projects', {}, { claims: { sub: `s${i}` } }),
        ),
      )
      const sql = open(db.url)
      const seen = await Promise.all(
        Array.from({ length: 20 }, () =>
          sql.unsafe(
            `select current_user::text as name, current_setting('request.jwt.claims', true) as claims, current_setting('lock_timeout') as wait`,
          ),
        ),
      )
      for (const [row] of seen)
        expect([row?.['name'], row?.['claims'] || '', row?.['wait']]).toEqual(['postgres', '', '0'])
    })
  })
