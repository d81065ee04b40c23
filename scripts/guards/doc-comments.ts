/** Everything a package gives out is documented where the editor shows it. */
import { posix } from 'node:path'
import type { SourceFile } from './source.ts'
import { type Export, lineOf, type Syntax, syntax } from './syntax.ts'

/** The files behind `exports` and `bin` of the packages, by their paths. */
export function entryPoints(files: SourceFile[]): string[] {
  return files
    .filter(({ path }) => /^(packages|edge)\/[^/]+\/package\.json$/.test(path))
    .flatMap(({ path, text }) => {
      const { exports = {} } = JSON.parse(text) as { exports?: { [key: string]: unknown } }
      return Object.values(exports)
        .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target as object)))
        .filter((target): target is string => typeof target === 'string' && /\.tsx?$/.test(target))
        .map((target) => posix.join(posix.dirname(path), target))
    })
}

function documented({ file, comments }: Syntax, start: number): boolean {
  // What is said to the linter stands between.
  const before = comments.filter(({ end, value }) => end <= start && !/^\s*biome-ignore/.test(value)).at(-1)
  return (
    before?.type === 'Block' &&
    before.value.startsWith('*') &&
    // The file's own first sentence does not describe its first export, unless a second comment is missing between.
    (before.start > 0 || !file.text.slice(before.end, start).includes('\n\n')) &&
    /^(\s|\/\/ biome-ignore.*)*$/.test(file.text.slice(before.end, start))
  )
}

/** The position of the statement or specifier that an export stands in. */
function declarationStart({ program }: Syntax, { start, name }: Export): number {
  for (const node of program.body) {
    if (
      node.type === 'ExportNamedDeclaration' &&
      node.declaration &&
      node.start <= start &&
      start <= node.end
    )
      return node.start
    // `const a = …; export { a }`
    const declared =
      node.type.endsWith('Declaration') && 'id' in node ? (node.id as { name?: string } | null) : null
    if (declared?.name === name) return node.start
  }
  return start
}

/** Every public name without a doc comment, as a sentence with its remedy. */
export function docComments(files: SourceFile[]): string[] {
  const modules = new Map(files.filter(({ path }) => /\.tsx?$/.test(path)).map((file) => [file.path, file]))
  const seen = new Set<string>()
  const check = (path: string, only?: string): string[] => {
    const file = modules.get(path)
    if (!file || seen.has(`${path} ${only}`)) return []
    seen.add(`${path} ${only}`)
    const parsed = syntax(file)
    return parsed.exports
      .filter(({ name }) => only === undefined || name === only)
      .flatMap((one) => {
        if (one.from?.startsWith('.')) {
          const target = posix.join(posix.dirname(path), one.from)
          return check(target, one.imported === '*' ? undefined : one.imported)
        }
        const start = declarationStart(parsed, one)
        if (one.from || documented(parsed, start)) return []
        return [
          `${path}:${lineOf(file.text, start)} gives out ${one.name} without a doc comment. Say above it what it is for, with shapes, units and errors.`,
        ]
      })
  }
  return [...new Set(entryPoints(files).flatMap((path) => check(path)))]
}
