/** Counts, in the script that pg_restore writes, the rows that a restore would load into each table. */
import type { Counts } from './counts.ts'

const newline = 10
/** Enough of a line to see whose rows begin here. */
const longestHead = 200

function tableOf(line: string): string | undefined {
  const name = /^COPY nunchi\.("(?:[^"]|"")+"|\S+) /.exec(line)?.[1]
  return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/**
 * Reads `COPY nunchi.t (…) FROM stdin;`, one line a row, `\.` at the end; a line end within a row is
 * escaped there, so that lines are rows.
 *
 * @returns `undefined` where the script ends within a table
 */
export async function countDumpRows(script: AsyncIterable<Uint8Array>): Promise<Counts | undefined> {
  const counts: Counts = new Map()
  let table: string | undefined
  let head = ''
  const line = (text: string): void => {
    if (table === undefined) {
      table = tableOf(text)
      if (table !== undefined) counts.set(table, counts.get(table) ?? 0)
    } else if (text === '\\.') table = undefined
    else counts.set(table, counts.get(table)! + 1)
  }
  for await (const chunk of script) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
      line(head + bytes.toString('latin1', from, Math.min(end, from + longestHead)))
      head = ''
      from = end + 1
    }
    head = (head + bytes.toString('latin1', from, Math.min(bytes.length, from + longestHead))).slice(
      0,
      longestHead,
    )
  }
  return table === undefined ? counts : undefined
}
