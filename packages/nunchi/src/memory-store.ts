/** A store in memory: for servers that keep no disk, and for tests. */
import type { Entry, Store } from './store.ts'

/** Keeps entries as long as the process lives, in the order of their ids. */
export function memoryStore(): Store {
  const entries = new Map<string, Entry>()
  const sorted = () => [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    async add(added) {
      for (const entry of added) entries.set(entry.id, entry)
    },
    async oldest(count, after = '') {
      return sorted()
        .filter(({ id }) => id > after)
        .slice(0, count)
    },
    async remove(ids) {
      for (const id of ids) entries.delete(id)
    },
    count: async () => entries.size,
    clear: async () => entries.clear(),
  }
}
