/** The database half of `verify`: the event has exactly one row, and then none. */
import type { Event } from '@nunchi/protocol'
import type { Check } from '../check.ts'
import { openDatabase } from '../database/open.ts'
import type { Urls } from '../database/urls.ts'

/** Looks for the event's row and removes it; without addresses it says that it did neither. */
export async function* checkRow(event: Event, urls: Urls | undefined): AsyncGenerator<Check> {
  if (!urls) {
    yield {
      name: 'row',
      status: 'warn',
      detail: `not looked for; the event "${event.name}" ${event.id} stays`,
      fix: 'Set DATABASE_URL (or NUNCHI_MIGRATE_URL) to see its row in Postgres and have it removed.',
    }
    return
  }
  const { owner, label, close } = await openDatabase({ data: '' })
  try {
    const rows = await owner.call<{ projectId: string }[]>('find_event', { id: event.id })
    yield rows.length === 1
      ? { name: 'row', status: 'ok', detail: `one row in ${label}` }
      : {
          name: 'row',
          status: 'fail',
          detail: `${rows.length} rows in ${label}, not one`,
          fix: 'Check that DATABASE_URL is the database of this collector.',
        }
    let removed = 0
    for (const { projectId } of rows)
      removed += (await owner.call<{ removed: number }>('remove_event', { id: event.id, projectId })).removed
    if (rows.length > 0)
      yield removed === rows.length
        ? { name: 'cleaned up', status: 'ok', detail: 'the row is removed' }
        : {
            name: 'cleaned up',
            status: 'fail',
            detail: `the event ${event.id} could not be removed`,
            fix: 'Give the URL of an administrator in NUNCHI_MIGRATE_URL.',
          }
  } finally {
    await close()
  }
}
