/** The tail: what the store had not committed when the page left, in one localStorage key of this tab. */
import type { Local } from './page/local.ts'
import type { Entry, Store } from './store.ts'

/** A synchronous write that a page can afford on its way out, in bytes of JSON. */
const tailBytes = 262_144

/** This tab's tail, and those that other tabs left behind. */
export interface Tail {
  write(entries: Entry[]): void
  clear(): void
  /**
   * Moves every tail into the store; ids make it safe to do twice.
   *
   * @param keep takes what the store refuses
   */
  adopt(store: Store, keep: (entries: Entry[]) => void): Promise<void>
}

/** Opens the tail of `tab`. One key for all tabs would let the last writer win. */
export function openTail(local: Local, tab: string): Tail {
  const own = `tail.${tab}`
  let written = false
  return {
    write(entries) {
      let room = tailBytes
      const fits = entries.filter(({ size }) => {
        room -= size
        return room >= 0
      })
      if (!fits.length) return
      written = true
      local.set(own, fits)
    },
    clear() {
      if (written) local.set(own)
      written = false
    },
    async adopt(store, keep) {
      for (const name of local.names('tail.')) {
        const entries = local.get<Entry[]>(name)
        // Another version has written it in a way that we do not know: it stays for that one.
        if (entries && !(Array.isArray(entries) && entries.every((entry) => entry?.id && entry.json)))
          continue
        if (entries?.length) await store.add(entries).catch(() => keep(entries))
        // A tab that is still alive may have written more meanwhile: that is for the next round.
        if (JSON.stringify(local.get(name)) === JSON.stringify(entries)) local.set(name)
      }
    },
  }
}
