/** Puts the records of a file into a catalog, a thousand at a time. Again from the start does no harm. */
import type { Catalog } from '@nunchi/collector/items'
import type { Read } from '../import/read-records.ts'
import type { BadRow } from '../import/run-import.ts'
import type { ToItem } from './to-item.ts'

/** What an import came to. */
export interface ImportedItems {
  rows: number
  accepted: number
  unchanged: number
  bad: number
}

/** What to import, and who hears of it. */
export interface ItemImport {
  records: AsyncIterable<Read>
  make: ToItem
  onBad(row: BadRow): void
  onPart(rows: number): void
  /** Items a part. @default 1_000 */
  partSize?: number
}

/**
 * Imports items.
 *
 * @throws what the catalog throws; what was put before stays, and the same import again completes it
 */
export async function importItems(catalog: Catalog, options: ItemImport): Promise<ImportedItems> {
  const { records, make, onBad, onPart, partSize = 1_000 } = options
  const sum = { rows: 0, accepted: 0, unchanged: 0, bad: 0 }
  let part: { line: number; item: unknown }[] = []

  const leaveOut = (line: number, reason: string) => {
    sum.bad++
    onBad({ place: `line ${line}`, reason })
  }
  async function put(): Promise<void> {
    const sent = part
    part = []
    const { accepted, unchanged, rejected } = await catalog.put(sent.map(({ item }) => item))
    sum.accepted += accepted
    sum.unchanged += unchanged
    for (const { index, id, detail, fix } of rejected)
      leaveOut(sent[index]?.line ?? 0, `${id === undefined ? '' : `${id}: `}${detail} ${fix}`)
    onPart(sum.rows)
  }

  for await (const { line, record, fault } of records) {
    sum.rows++
    if (!record) leaveOut(line, fault ?? 'it cannot be read')
    else part.push({ line, item: make(record) })
    if (part.length >= partSize) await put()
  }
  if (part.length > 0) await put()
  return sum
}
