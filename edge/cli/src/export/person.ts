/** Writes all that is stored of one person as JSON, a page at a time. */
import type { Storage } from '@nunchi/collector'
import { personPages } from '../person-pages.ts'
import type { Project } from '../project-named.ts'

/** What was written. */
export interface PersonExport {
  ids: string[]
  rows: number
}

/**
 * Writes `{ project, id, exportedAt, ids, tables: { table: [row, …] } }`, one row a line.
 *
 * @param write takes the next piece of text; awaited, so that a slow reader keeps memory flat
 */
export async function writePerson(
  owner: Storage,
  { projectId, name }: Project,
  { id, actor }: { id: string; actor: string },
  write: (text: string) => Promise<void> | void,
): Promise<PersonExport> {
  const { ids, tables, pages } = await personPages(owner, { projectId, id, actor })
  const head = { project: { projectId, name }, id, exportedAt: new Date().toISOString(), ids }
  await write(`${JSON.stringify(head, null, 2).slice(0, -2)},\n  "tables": {`)
  let rows = 0
  for (const [i, table] of tables.entries()) {
    await write(`${i > 0 ? ',' : ''}\n    ${JSON.stringify(table)}: [`)
    let first = true
    for await (const page of pages<object[]>(table)) {
      rows += page.length
      const lines = page.map((row) => `\n      ${JSON.stringify(row)}`).join(',')
      if (lines !== '') await write(`${first ? '' : ','}${lines}`)
      if (lines !== '') first = false
    }
    await write(first ? ']' : '\n    ]')
  }
  await write('\n  }\n}\n')
  return { ids, rows }
}
