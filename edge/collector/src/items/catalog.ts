/** A catalog of items behind its SQL functions: by a server's key, or as the owner beside the database. */
import type { Item, ItemProblemCode } from '@nunchi/protocol'
import { failureOf, unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'
import { readItem } from './read-item.ts'

/** An item that was not taken. */
export interface ItemRejection {
  /** Its position among those that were sent. */
  index: number
  /** Its id, where it has one. */
  id?: string
  code: ItemProblemCode
  detail: string
  fix: string
}

/** What became of items that were put. */
export interface PutItems {
  /** How many are as they were sent now. */
  accepted: number
  /** How many of them were so before. */
  unchanged: number
  rejected: ItemRejection[]
}

/** Some items, by id. */
export interface ItemsPage {
  items: Item[]
  /** Where the next page begins: its `after`; `null` on the last. */
  next: string | null
}

/** One catalog: that of a project's environment. */
export interface Catalog {
  /** Puts at most 1,000, whatever each of them is. Items beside a bad one are kept. Doing it twice does nothing. */
  put(items: readonly unknown[]): Promise<PutItems>
  /** Takes items out. @returns how many were there */
  remove(ids: readonly string[]): Promise<{ deleted: number }>
  list(asked: { type?: string; after?: string; limit?: number }): Promise<ItemsPage>
}

/** Runs one of the catalog's functions: `set_items`, `delete_items` or `list_items`. */
type Run = <Result>(fn: string, args: object) => Promise<Result>

function readAll(items: readonly unknown[]): {
  good: { index: number; item: Item }[]
  rejected: ItemRejection[]
} {
  const good: { index: number; item: Item }[] = []
  const rejected: ItemRejection[] = []
  items.forEach((given, index) => {
    const read = readItem(given)
    if ('item' in read) good.push({ index, item: read.item })
    else {
      const { id } = (given ?? {}) as { id?: unknown }
      rejected.push({
        index,
        ...(typeof id === 'string' && { id: id.slice(0, 200).toWellFormed() }),
        ...read.fault,
      })
    }
  })
  return { good, rejected }
}

function catalogOf(run: Run): Catalog {
  return {
    async put(items) {
      const { good, rejected } = readAll(items)
      if (good.length === 0) return { accepted: 0, unchanged: 0, rejected }
      const answer = await run<PutItems>('set_items', { items: good.map(({ item }) => item) })
      const refused = answer.rejected.map((one) => ({ ...one, index: good[one.index]?.index ?? one.index }))
      return { ...answer, rejected: [...rejected, ...refused].sort((a, b) => a.index - b.index) }
    },
    remove: (ids) => run('delete_items', { ids }),
    list: (asked) => run('list_items', asked),
  }
}

/**
 * The catalog of a server key's environment.
 *
 * Its methods throw a `Problem`: `key_unknown`, `key_not_allowed`, `storage_unavailable`.
 */
export function keyCatalog(storage: Storage, keyHash: string, timeoutMs: number): Catalog {
  return catalogOf(async <Result>(fn: string, args: object) => {
    const call = () =>
      storage.call<Result & { error?: 'key_unknown' | 'key_not_allowed' }>(fn, { keyHash, ...args })
    const answer = await retry(call, { timeoutMs, attempts: 2 }).catch((cause: unknown) => {
      // Checked before it came here, so this is a fault of the check; still no reason to send it again and again.
      if (failureOf(cause) === 'poison') throw new Problem('items_malformed', { cause })
      throw unavailable(cause)
    })
    if (answer.error) throw new Problem(answer.error)
    return answer
  })
}

/** The catalog of an environment, for tools that stand beside the database. */
export function ownerCatalog(owner: Storage, whose: { projectId: string; environment: string }): Catalog {
  return catalogOf((fn, args) => owner.call(`${fn}_of`, { ...whose, ...args }))
}
