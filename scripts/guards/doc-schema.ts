/** The SQL reference says what the schema is: every table with its columns, every function with who may execute it. */

/** A table's columns with their types, and a function's executors, as a page or a database has them. */
export interface Described {
  tables: Map<string, string[]>
  functions: Map<string, string>
}

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`|`$/g, ''))

/** Reads a page: `### nunchi.table` above a table of columns, and tables of functions whose last column is `who`. */
export function describedIn(page: string): Described {
  const tables = new Map<string, string[]>()
  const functions = new Map<string, string>()
  let table: string | undefined
  let inFunctions = false
  for (const line of page.split('\n')) {
    if (line.startsWith('#')) {
      table = /^### nunchi\.(\w+)$/.exec(line)?.[1]
      inFunctions = false
      if (table) tables.set(table, [])
    }
    if (line.startsWith('| function |')) inFunctions = true
    if (!/^\| `/.test(line)) continue
    const [name = '', type = ''] = cells(line)
    if (inFunctions) functions.set(name, cells(line).at(-1)!)
    else if (table) tables.get(table)!.push(`${name} ${type}`)
  }
  return { tables, functions }
}

/** Where a page and the schema differ, as sentences with their remedy. */
export function schemaDocs(page: Described, schema: Described, path: string): string[] {
  const sentences: string[] = []
  const compare = (kind: string, there: string[], told: string[]) => {
    for (const name of there)
      if (!told.includes(name)) sentences.push(`${path} lacks the ${kind} ${name}. Describe it.`)
    for (const name of told)
      if (!there.includes(name))
        sentences.push(`${path} describes the ${kind} ${name}, which the schema has not. Mend the page.`)
  }
  compare('table', [...schema.tables.keys()], [...page.tables.keys()])
  for (const [name, columns] of schema.tables)
    compare(`column of ${name}`, columns, page.tables.get(name) ?? columns)
  const named = ({ functions }: Described) => [...functions].map(([name, who]) => `${name} (for ${who})`)
  compare('function', named(schema), named(page))
  return sentences
}
