/** The documentation keeps up with the code: error codes, the paths it names, the sizes it quotes. */
import type { SourceFile } from './source.ts'
import { type Node, shipped, tree } from './syntax.ts'

/** Every member of the unions of error codes: exported type aliases whose name ends in `Code`. */
export function errorCodes(files: SourceFile[]): Map<string, string> {
  const codes = new Map<string, string>()
  for (const parsed of shipped(files)) {
    if (!/^(packages|edge)\//.test(parsed.file.path)) continue
    for (const statement of tree(parsed)['body'] as Node[]) {
      const alias = (statement['declaration'] ?? statement) as Node
      if (alias.type !== 'TSTypeAliasDeclaration' || !/Code$/.test((alias['id'] as { name: string }).name))
        continue
      const union = alias['typeAnnotation'] as Node
      for (const member of union.type === 'TSUnionType' ? (union['types'] as Node[]) : [union]) {
        const value =
          member.type === 'TSLiteralType' ? (member['literal'] as { value?: unknown }).value : undefined
        if (typeof value === 'string') codes.set(value, parsed.file.path)
      }
    }
  }
  return codes
}

/** Codes without an entry in the documentation, and entries without a code. */
export function errorDocs(codes: Map<string, string>, page: string, path: string): string[] {
  const headings = [...page.matchAll(/^## `?([\w-]+)`?$/gm)].map(([, code]) => code!)
  const twice = headings.filter((code, i) => headings.indexOf(code) !== i)
  return [
    ...[...codes]
      .filter(([code]) => !headings.includes(code))
      .map(
        ([code, file]) =>
          `${path} has no entry for ${code} of ${file}. Add "## ${code}" with what it means and the fix.`,
      ),
    ...headings
      .filter((code) => !codes.has(code))
      .map(
        (code) =>
          `${path} explains ${code}, which no type names. Remove the entry, or add the code to its union.`,
      ),
    ...twice.map((code) => `${path} explains ${code} twice. Keep one entry.`),
  ]
}

/** The paths that a page names in backticks and that lie in the rooms. */
export function pathsIn(page: string): string[] {
  const named = [...page.matchAll(/`([\w.@-]+(?:\/[\w.@*-]+)+\/?)`/g)].map(([, name]) => name!)
  const rooms = /^(packages|edge|examples|docs|scripts|\.ci|\.github)\//
  return [...new Set(named)].filter((name) => rooms.test(name) && !/\*|NNNN|000N/.test(name))
}

/** Paths in backticks that lead nowhere. (Links are held to the same by doc-links.) */
export function namedPaths(page: string, path: string, exists: (path: string) => boolean): string[] {
  return pathsIn(page)
    .filter((name) => !exists(name.replace(/\/$/, '')))
    .map(
      (name) => `${path} names ${name}, which is not there. Name the file it became, or write the page anew.`,
    )
}

/** Sizes quoted in a page, as `<!-- size:NAME -->3.9 kB<!-- /size -->`, that are not the measured ones. */
export function quotedSizes(page: string, path: string, measured: Map<string, string>): string[] {
  const quotes = [...page.matchAll(/<!-- size:([\w-]+) -->(.*?)<!-- \/size -->/gs)]
  return quotes.flatMap(([, name = '', quoted = '']) => {
    const actual = measured.get(name)
    if (actual === undefined)
      return [
        `${path} quotes the size of "${name}", which nobody measures. Use one of: ${[...measured.keys()].join(', ')}.`,
      ]
    return quoted === actual
      ? []
      : [`${path} says "${name}" is ${quoted}; it is ${actual}. Write ${actual} there.`]
  })
}
