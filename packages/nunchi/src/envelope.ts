/** Writes a batch around events that are JSON already. */
import type { Batch } from '@nunchi/protocol'
import type { Entry } from './store.ts'

/** The batch's JSON; events are copied as they are, not parsed again. */
export function envelope(
  batch: Omit<Batch, 'events' | 'dropped'> & { dropped?: object | undefined },
  entries: Entry[],
): string {
  return `${JSON.stringify(batch).slice(0, -1)},"events":[${entries.map(({ json }) => json)}]}`
}
