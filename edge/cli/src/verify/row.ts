/** The database half of `verify`: the event has exactly one row, and then none. */
import type { Event } from '@nunchi/protocol'
import type { Check } from '../check.ts'
import { type Database, openDatabase } from '../database/open.ts'
import type { Urls } from '../database/urls.ts'
import { keyHash } from '../keys.ts'

const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail })
const administrator = 'Give the address of an administrator in NUNCHI_MIGRATE_URL to have it removed.'

/** Reads as the collector may: the rows of one visitor, by the key that wrote them. */
async function countRows({ app, label }: Database, event: Event, key: string): Promise<Check> {
  const { id, anonymousId } = event
  const rows = await app.call<{ id: string }[]>('recent_events', {
    keyHash: keyHash(key),
    anonymousId,
    limit: 10,
  })
  const found = rows.filter((row) => row.id === id).length
  return found === 1
    ? ok('row', `one row in ${label}`)
    : {
        name: 'row',
        status: 'fail',
        detail: `${found} rows in ${label}, not one`,
        fix: 'Check that DATABASE_URL is the database of this collector.',
      }
}

async function cleanUp({ owner }: Database, { id }: Event): Promise<Check> {
  const name = 'cleaned up'
  try {
    for (const { projectId } of await owner.call<{ projectId: string }[]>('find_event', { id }))
      await owner.call('remove_event', { id, projectId })
    return ok(name, 'the row is removed')
  } catch (error) {
    // The collector's own login may add events and never take one away.
    if ((error as { code?: unknown }).code !== '42501') throw error
    return {
      name,
      status: 'warn',
      detail: `the event ${id} stays: the login of DATABASE_URL may not remove it`,
      fix: administrator,
    }
  }
}

/**
 * Looks for the event's row and removes it; without addresses it says that it did neither.
 *
 * @param key the key that the event was sent with
 */
export async function* checkRow(event: Event, key: string, urls: Urls | undefined): AsyncGenerator<Check> {
  if (!urls) {
    yield {
      name: 'row',
      status: 'warn',
      detail: `not looked for; the event "${event.name}" ${event.id} stays`,
      fix: 'Set DATABASE_URL (or NUNCHI_MIGRATE_URL) to see its row in Postgres and have it removed.',
    }
    return
  }
  const database = await openDatabase({ data: '' })
  try {
    yield await countRows(database, event, key)
    yield await cleanUp(database, event)
  } finally {
    await database.close()
  }
}
