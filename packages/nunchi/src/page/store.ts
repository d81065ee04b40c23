/** The store on the device: IndexedDB, one record an event, under the event's id. */
import { createStore, promisifyRequest } from 'idb-keyval'
import type { Entry, Store } from '../store.ts'

/** An open that has not answered by then counts as failed; it may still succeed later. */
const patience = 5_000

/**
 * Opens the store of events in a database of its own.
 *
 * Every operation rejects where IndexedDB is missing, blocked, full or hangs; the next one opens it anew.
 */
export function indexedDbStore(database: string): Store {
  let open: ReturnType<typeof createStore> | undefined
  /** Cleared, and nothing added since: looking into it would bring an empty database back. */
  let gone = false
  const run = <Result>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Result | PromiseLike<Result>,
    none: Result,
  ) =>
    new Promise<Result>((resolve, reject) => {
      if (gone) return resolve(none)
      const timer = setTimeout(reject, patience)
      open ??= createStore(database, 'events')
      open(mode, (store) => {
        const { db } = store.transaction
        // Another tab deletes or upgrades the database: make way instead of blocking it.
        db.onversionchange = () => {
          db.close()
          open = undefined
        }
        return work(store)
      })
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    }).catch((error) => {
      open = undefined
      throw error
    })
  const write = (work: (store: IDBObjectStore) => void) =>
    run(
      'readwrite',
      (store) => {
        work(store)
        return promisifyRequest(store.transaction)
      },
      undefined,
    )

  return {
    add(entries) {
      gone = false
      return write((store) => {
        for (const { id, json, size, keep } of entries) store.put({ json, size, keep }, id)
      })
    },
    oldest: (count, after) =>
      run(
        'readonly',
        async (store) => {
          const range = after ? IDBKeyRange.lowerBound(after, true) : null
          const [ids, values] = await Promise.all([
            promisifyRequest(store.getAllKeys(range, count)),
            promisifyRequest(store.getAll(range, count)),
          ])
          return ids.map((id, i) => ({ ...values[i], id }) as Entry)
        },
        [],
      ),
    remove: (ids) =>
      write((store) => {
        for (const id of ids) store.delete(id)
      }),
    count: () => run('readonly', (store) => promisifyRequest(store.count()), 0),
    // The whole database: an empty one would still be a trace of the visit.
    async clear() {
      gone = true
      await promisifyRequest(indexedDB.deleteDatabase(database))
    },
  }
}
