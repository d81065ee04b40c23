/** Erasing, exporting and retention in a local database, which is one connection. */

import type { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { eventOf, type PeopleProject, peopleProject } from '../../test/people.ts'
import { pglite } from './pglite.ts'

let db: PGlite
let project: PeopleProject
let call: <Result>(fn: string, args: object) => Promise<Result>
beforeAll(async () => {
  db = await migratedPglite()
  const owner = pglite(db, { role: 'nunchi_owner' })
  call = (fn, args) => owner.call(fn, args)
  project = await peopleProject({ owner, app: pglite(db) })
}, 120_000)
afterAll(() => db?.close())

it('security 67, 68, 70: shows a person, erases them, refuses what comes late, and keeps others for so long', async () => {
  const { projectId } = project
  await project.ingest([
    eventOf({ anonymousId: 'phone' }),
    eventOf({ anonymousId: 'phone', userId: 'kim' }),
    eventOf({ userId: 'lee' }),
  ])
  const { ids } = await call<{ ids: string[] }>('export_person', { projectId, id: 'kim' })
  expect(ids).toEqual(['kim', 'phone'])
  const page = await call<{ rows: object[] }>('export_person', { projectId, ids, table: 'analytics_events' })
  expect(page.rows).toHaveLength(2)
  expect((await project.erase('phone')).removed['analytics_events']).toBe(2)
  expect((await project.ingest([eventOf({ userId: 'kim' })])).rejected).toMatchObject([
    { code: 'person_erased' },
  ])
  await call('set_retention', { projectId, days: 7 })
  expect(await call('retain', { now: Date.now() + 8 * 86_400_000 })).toMatchObject({
    removed: { analytics_events: 1 },
  })
  expect((await db.query('select 1 from nunchi.analytics_events')).rows).toEqual([])
})
