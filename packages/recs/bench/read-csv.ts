/** Reads CSV files as they come: with or without a header, quoted or not, with more columns and empty lines. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The cells of one line; quotes are taken off, doubled ones stand for one. */
function cells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim())
  const found: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!
    if (letter === '"' && quoted && line[i + 1] === '"') cell += line[i++]
    else if (letter === '"') quoted = !quoted
    else if (letter === separator && !quoted) {
      found.push(cell.trim())
      cell = ''
    } else cell += letter
  }
  return [...found, cell.trim()]
}

/** Every line that holds something, as cells. */
export async function* readRows(path: string): AsyncGenerator<string[]> {
  let separator: string | undefined
  for await (const raw of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const line = raw.replace(/^\uFEFF/, '')
    if (line.trim() === '') continue
    separator ??= [',', '\t', ';'].find((one) => line.includes(one)) ?? ','
    yield cells(line, separator)
  }
}

/** Rows of a file with a header, by column name. */
export async function readTable(path: string): Promise<{ [column: string]: string }[]> {
  const rows: { [column: string]: string }[] = []
  let header: string[] | undefined
  for await (const row of readRows(path)) {
    if (header) rows.push(Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])))
    else header = row
  }
  return rows
}

/** Who had to do with what, and how many lines did not say. */
export interface Pairs {
  pairs: [user: string, item: string][]
  skipped: number
}

const userName = /^(user|visitor|actor|customer|person|member|session|uid)s?([ _-]?(id|iid))?$/i
const itemName = /^(item|product|movie|article|track|book|page|area|iid|sku)s?([ _-]?id)?$/i
const numeric = /^-?\d+(\.\d+)?$/

/**
 * Where user and item stand: by their names in a header, else first and second. A first line without a known name is a
 * header where it has words above numbers.
 */
function layout(first: string[], second: string[]): { user: number; item: number; header: boolean } {
  const [user, item] = [
    first.findIndex((cell) => userName.test(cell)),
    first.findIndex((cell) => itemName.test(cell)),
  ]
  if (user >= 0 && item >= 0) return { user, item, header: true }
  const words = [0, 1].every((i) => !numeric.test(first[i] ?? ''))
  const below = [0, 1].every((i) => numeric.test(second[i] ?? ''))
  return { user: 0, item: 1, header: words && below }
}

/** Reads `user,item` pairs. Ratings, times and other columns are not looked at. */
export async function readPairs(path: string): Promise<Pairs> {
  const found: Pairs = { pairs: [], skipped: 0 }
  // Each id once, and by itself: a part of a line keeps the whole line in memory.
  const ids = new Map<string, string>()
  const once = (id: string): string => {
    const known = ids.get(id)
    if (known !== undefined) return known
    const own = Buffer.from(id).toString()
    ids.set(own, own)
    return own
  }
  let where: ReturnType<typeof layout> | undefined
  let first: string[] | undefined
  const take = (row: string[]): void => {
    const [user, item] = [row[where!.user], row[where!.item]]
    if (user && item) found.pairs.push([once(user), once(item)])
    else found.skipped++
  }
  for await (const row of readRows(path)) {
    if (!first) first = row
    else if (!where) {
      where = layout(first, row)
      if (!where.header) take(first)
      take(row)
    } else take(row)
  }
  if (first && !where) {
    where = layout(first, [])
    if (!where.header) take(first)
  }
  return found
}
