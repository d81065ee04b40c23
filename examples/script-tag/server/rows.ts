/** What the panel asks of Postgres: a visitor's newest rows, and how many there are. */
import type { Database } from '@nunchi/cli'
import type { Row } from './app.ts'

const newest = 100

/** Counts in SQL, as the owner: any site may ask its own data whatever it likes. */
async function count({ session }: Database, projectId: string, anonymousId: string): Promise<number> {
  const rows = await session.transaction(async (inner) => {
    await inner.exec('set local role nunchi_owner')
    return inner.query(
      'select count(*)::text as total from nunchi.analytics_events where project_id = $1::uuid and anonymous_id = $2',
      [projectId, anonymousId],
    )
  })
  return Number(rows[0]?.['total'])
}

/** Makes the look-up for one project, found by its key's hash. */
export function visitorRows(database: Database, projectId: string, keyHash: string) {
  return async (anonymousId: string): Promise<{ rows: Row[]; total: number }> => {
    const args = { keyHash, anonymousId, limit: newest }
    const rows = await database.app.call<Row[]>('recent_events', args)
    return { rows, total: await count(database, projectId, anonymousId) }
  }
}
