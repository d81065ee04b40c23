/** Reads a file's syntax once: its imports, its exports, its tree. */
import { type Comment, type Program, parseSync } from 'oxc-parser'
import { isTest, type SourceFile } from './source.ts'

/** One import or re-export, or one `import()`. */
export interface Import {
  /** As written between the quotes. */
  specifier: string
  /** True where only types come over. */
  typeOnly: boolean
  /** `* as z` is `*`; `{ a, b }` is `a`, `b`. */
  names: string[]
  line: number
}

/** What a module gives out. */
export interface Export {
  name: string
  /** Where it comes from, for `export … from`. */
  from?: string
  /** Its name there. */
  imported?: string
  start: number
}

/** A parsed file. */
export interface Syntax {
  file: SourceFile
  program: Program
  comments: Comment[]
  imports: Import[]
  exports: Export[]
}

/** Any node of the tree, seen as plain data. */
export interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

const known = new WeakMap<SourceFile, Syntax>()

/** The line of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** Parses TypeScript or JavaScript. */
export function syntax(file: SourceFile): Syntax {
  const earlier = known.get(file)
  if (earlier) return earlier
  const { program, comments, module, errors } = parseSync(file.path, file.text)
  if (errors.length > 0) throw new Error(`${file.path} cannot be parsed: ${errors[0]!.message}`)
  const at = (offset: number) => lineOf(file.text, offset)
  const imports: Import[] = module.staticImports.map((one) => ({
    specifier: one.moduleRequest.value,
    typeOnly:
      (one.entries.length > 0 && one.entries.every((entry) => entry.isType)) ||
      /^import\s+type\b/.test(file.text.slice(one.start, one.end)),
    names: one.entries.map((entry) => entry.importName.name ?? '*'),
    line: at(one.start),
  }))
  const exports: Export[] = []
  for (const { entries } of module.staticExports)
    for (const entry of entries) {
      const from = entry.moduleRequest?.value
      const imported = entry.importName.name ?? (entry.importName.kind === 'None' ? undefined : '*')
      if (from)
        imports.push({
          specifier: from,
          typeOnly: entry.isType,
          names: [imported ?? '*'],
          line: at(entry.start),
        })
      exports.push({
        name: entry.exportName.kind === 'Default' ? 'default' : (entry.exportName.name ?? '*'),
        start: entry.start,
        ...(from ? { from } : {}),
        ...(imported ? { imported } : {}),
      })
    }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const literal = /^['"`](.*)['"`]$/.exec(file.text.slice(moduleRequest.start, moduleRequest.end))?.[1]
    if (literal) imports.push({ specifier: literal, typeOnly: false, names: ['*'], line: at(start) })
  }
  const parsed = { file, program, comments, imports, exports }
  known.set(file, parsed)
  return parsed
}

/** Parses the TypeScript of a list that ships, leaving out tests. */
export function shipped(files: SourceFile[]): Syntax[] {
  return files.filter(({ path }) => /\.tsx?$/.test(path) && !isTest(path)).map(syntax)
}

/** The nodes directly below one. */
export function children(node: Node): Node[] {
  return Object.entries(node)
    .filter(([key]) => key !== 'parent')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(
      (value): value is Node => typeof value === 'object' && value !== null && typeof value.type === 'string',
    )
}

/** Visits a node and all below; `enter` returns false to leave a branch out. */
export function walk(node: Node, enter: (node: Node) => boolean | undefined): void {
  if (enter(node) === false) return
  for (const child of children(node)) walk(child, enter)
}

/** A program's tree as plain nodes. */
export function tree(parsed: Syntax): Node {
  return parsed.program as unknown as Node
}
