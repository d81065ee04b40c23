/** Tables of the reference name every member of the interface that they are about, with the defaults that it tells. */

/** A member of an interface, or a row of a table. */
export interface Told {
  name: string
  /** Without backticks; `undefined` where none is told. */
  fallback: string | undefined
}

/** The members of an exported interface, with the `@default` of their doc comments. */
export function membersOf(source: string, name: string): Told[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}$`, 'm').exec(source)?.[1]
  if (body === undefined) throw new Error(`There is no interface ${name}; name the one that it became.`)
  const member = /^ {2}(?:\/\*\*([\s\S]*?)\*\/\s+)?(?:readonly )?(\w+)\??[:(<]/gm
  return [...body.matchAll(member)].map(([, comment = '', key]) => ({
    name: key!,
    fallback: /@default (.+?)\s*(?:\*|$)/m.exec(comment)?.[1],
  }))
}

/** The rows of the first table below a heading; a row may name several things, separated by commas. */
export function rowsBelow(page: string, heading: string): Told[] {
  const lines = page.split('\n')
  const from = lines.indexOf(heading)
  if (from < 0) throw new Error(`There is no heading "${heading}".`)
  const start = lines.findIndex((line, i) => i > from && line.startsWith('|'))
  const rest = lines.slice(start)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  const rows = rest.slice(2, end < 0 ? undefined : end)
  return rows.flatMap((row) => {
    const [names = '', fallback = ''] = row
      .replaceAll('\\|', '¦')
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return [...names.matchAll(/`([\w-]+)[^`]*`/g)].map(([, name]) => ({
      name: name!,
      fallback: fallback.replaceAll('`', ''),
    }))
  })
}

/** Where a table and an interface differ, as sentences with their remedy. */
export function optionDocs(told: Told[], members: Told[], where: string): string[] {
  const has = (list: Told[], name: string) => list.some((one) => one.name === name)
  return [
    ...members
      .filter(({ name }) => !has(told, name))
      .map(({ name }) => `${where} lacks ${name}. Add its row.`),
    ...told
      .filter(({ name }) => !has(members, name))
      .map(({ name }) => `${where} tells of ${name}, which is not there. Take the row out.`),
    ...members.flatMap(({ name, fallback }) => {
      const row = told.find((one) => one.name === name)
      if (!row || fallback === undefined || fallback.startsWith(row.fallback ?? '')) return []
      return [`${where} says that ${name} is ${row.fallback} by default; the code says ${fallback}.`]
    }),
  ]
}
