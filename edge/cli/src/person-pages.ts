/** Reads what is stored of a person, table by table and page by page. */
import type { Storage } from '@nunchi/collector'

/** Whom to read, and how. */
export interface PersonQuery {
  projectId: string
  id: string
  /** Only counts rows; then no audit row is written. */
  count?: boolean
  actor?: string
}

/** A person, and the way to the rows about them. */
export interface PersonPages {
  /** All ids of the person, the one that was asked for first. */
  ids: string[]
  /** The tables that tell of people. */
  tables: string[]
  /** A table's pages: rows, or with `count` their number. */
  pages<Page>(table: string): AsyncIterable<Page>
}

/** Begins to read. */
export async function personPages(owner: Storage, query: PersonQuery): Promise<PersonPages> {
  const { projectId, count = false } = query
  const { ids, tables } = await owner.call<{ ids: string[]; tables: string[] }>('export_person', query)
  return {
    ids,
    tables,
    async *pages<Page>(table: string) {
      let after: string | null = null
      do {
        const page: { rows: Page; next: string | null } = await owner.call('export_person', {
          projectId,
          ids,
          table,
          after,
          count,
        })
        yield page.rows
        after = page.next
      } while (after !== null)
    },
  }
}
