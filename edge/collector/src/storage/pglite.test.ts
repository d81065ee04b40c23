import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSql } from '../../deploy/node/sql.ts'
import { testStorage } from '../testing.ts'
import { migrateUp } from './migrate.ts'
import { pglite, pgliteSession } from './pglite.ts'

describe('pglite()', () => {
  let db: PGlite
  beforeAll(async () => {
    db = await PGlite.create()
    await migrateUp(pgliteSession(db), loadSql())
  })
  afterAll(() => db.close())

  testStorage({ it }, () => ({ app: pglite(db), owner: pglite(db, { role: 'nunchi_owner' }) }))

  it('leaves no role behind on the one connection', async () => {
    await pglite(db).call('health', {})
    await pglite(db).call('member_projects', {}, { claims: { sub: 'a' } })
    const { rows } = await db.query(
      `select current_user::text as name, current_setting('request.jwt.claims', true) as claims`,
    )
    expect(rows).toEqual([{ name: 'postgres', claims: '' }])
  })

  it('closes the instance', async () => {
    const own = await PGlite.create()
    await pglite(own).close()
    expect(own.closed).toBe(true)
  })
})
