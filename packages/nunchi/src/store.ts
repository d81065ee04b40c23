/** The seam of durability: where events wait until the collector has them. */

/** One event that waits. */
export interface Entry {
  /** The event's id; ids ascend with time. */
  id: string
  /** The event as it goes on the wire. Absent in records of a format that this version does not know. */
  json?: string
  /** Bytes of `json`, at most three times its length. */
  size: number
  /** Trimmed last when the store is full: who somebody is, and which variant they saw. */
  keep?: boolean
}

/** Keeps entries beyond the life of the page or process. Every method may reject; none may throw. */
export interface Store {
  /** Resolves once all of them are durable; the same id again replaces itself. */
  add(entries: Entry[]): Promise<void>
  /** The oldest entries by id, at most `count`, those after `after` only. */
  oldest(count: number, after?: string): Promise<Entry[]>
  remove(ids: string[]): Promise<void>
  count(): Promise<number>
  clear(): Promise<void>
}
