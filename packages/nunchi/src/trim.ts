/** Keeps the store within its limits by giving up the oldest events, those that say who somebody is last. */
import { maxEventBytes, maxStoreBytes, maxStoreEvents } from '@nunchi/protocol'
import type { Entry, Store } from './store.ts'

/**
 * Recounts the store and removes what is too much.
 *
 * @param room bytes to make free besides, after the browser's own quota was hit
 * @returns the ids given up
 */
export async function trim(store: Store, room: number): Promise<string[]> {
  // So few cannot be too much, whatever their size.
  if (!room && (await store.count()) <= maxStoreBytes / maxEventBytes) return []
  const all: Entry[] = []
  for (let after: string | undefined; ; ) {
    const chunk = await store.oldest(500, after)
    if (!chunk.length) break
    after = chunk[chunk.length - 1]!.id
    // Without their text: the whole store at once would be too much memory. Records of a format that we do not know
    // stay for the version that wrote them.
    for (const { id, json, size, keep } of chunk) if (json) all.push({ id, size, keep: !!keep })
  }
  let bytes = room || all.reduce((sum, { size }) => sum + size, -maxStoreBytes)
  let count = all.length - maxStoreEvents
  const victims: string[] = []
  for (const { id, size } of all.sort((a, b) => +a.keep! - +b.keep!))
    if (bytes > 0 || count > 0) {
      victims.push(id)
      bytes -= size
      count--
    }
  if (victims.length) await store.remove(victims)
  return victims
}
