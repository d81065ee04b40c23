/** The shape of a file: says what it is, stays short, gives out names, hides nothing behind `any`. */
import { posix } from 'node:path'
import { isTest, type SourceFile } from './source.ts'
import { children, lineOf, type Node, type Syntax, shipped, tree, walk } from './syntax.ts'

const longest = { source: 250, test: 400, function: 60, face: 25 }

/** Made by a program, or a list of cases: read by nobody from top to bottom. */
const generated = /schema\.sql$|\.generated\.|(^|\/)(vectors|supabase\/migrations)\//

/** Where a tool asks for a default export. */
const wantsDefault = /(\.config\.ts|\/deploy\/[^/]+\/[^/]+\.tsx?|^examples\/next\/app\/(page|layout)\.tsx)$/

/** Files without a first-line comment that says what they are. */
export function firstLines(files: SourceFile[]): string[] {
  return files
    .filter(({ path }) => !isTest(path) && !generated.test(path))
    .filter(({ text }) => {
      const first = text.replace(/^#!.*\n/, '').replace(/^['"]use client['"];?\n/, '')
      return !/^(\/\*\*?|\/\/|--)\s*(\*\s*)?\S+(\s+\S+){2,}/.test(first)
    })
    .map(
      ({ path }) =>
        `${path} does not say what it is. Begin it with one sentence in a comment: /** What it is. */ (SQL: -- What it is.)`,
    )
}

/** Files and functions that grew too long, and faces that became lists. */
export function lengths(files: SourceFile[]): string[] {
  const tooLong = files
    .filter(({ path }) => !generated.test(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ path, lines }) => lines > (isTest(path) ? longest.test : longest.source))
    .map(
      ({ path, lines }) =>
        `${path} has ${lines} lines, more than ${isTest(path) ? longest.test : longest.source}. Split it where it has a second reason to exist.`,
    )
  const faces = files
    .filter(
      ({ path, text }) =>
        /^(packages|edge)\/[^/]+\/src\/index\.ts$/.test(path) && lineCount(text) > longest.face,
    )
    .map(
      ({ path, text }) =>
        `${path} has ${lineCount(text)} lines; a package's face has at most ${longest.face}. Export fewer names, or move some to a subpath.`,
    )
  return [...tooLong, ...faces, ...shipped(files).flatMap(longFunctions)]
}

const lineCount = (text: string): number => text.trimEnd().split('\n').length

function longFunctions(parsed: Syntax): string[] {
  const { path, text } = parsed.file
  const found: string[] = []
  walk(tree(parsed), (node) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return
    const lines = text.slice(node.start, node.end).split('\n').length
    // A closure's own body counts without the functions that it holds: they are counted by themselves.
    const inner = innerFunctions(node).reduce(
      (sum, one) => sum + text.slice(one.start, one.end).split('\n').length - 1,
      0,
    )
    if (lines - inner > longest.function)
      found.push(
        `${path}:${lineOf(text, node.start)} is a function of ${lines - inner} lines of its own, more than ${longest.function}. Name a part of it and move it out.`,
      )
    return
  })
  return found
}

function innerFunctions(node: Node): Node[] {
  return children(node).flatMap((child) =>
    /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(child.type)
      ? [child]
      : innerFunctions(child),
  )
}

/** `any`, default exports and `export *` in what ships. */
export function looseTyping(files: SourceFile[]): string[] {
  return shipped(files).flatMap((parsed) => {
    const { path, text } = parsed.file
    const found: string[] = []
    const say = (offset: number, sentence: string) =>
      found.push(`${path}:${lineOf(text, offset)} ${sentence}`)
    walk(tree(parsed), (node) => {
      if (node.type === 'TSAnyKeyword')
        say(node.start, "says 'any': nothing behind it is checked. Write the type, or 'unknown' and look.")
      if (node.type === 'ExportDefaultDeclaration' && !wantsDefault.test(path))
        say(
          node.start,
          'has a default export. Export it by its name, so that it is called the same everywhere.',
        )
      if (node.type === 'ExportAllDeclaration' && !node['exported'])
        say(node.start, "says 'export *': nobody sees what it gives out. Name each export.")
      return undefined
    })
    return found
  })
}

/** Drawers for everything, and names that are not kebab-case. */
export function fileNames(files: SourceFile[]): string[] {
  return files.flatMap(({ path }) => {
    const name = posix.basename(path)
    if (/^(utils?|types|helpers?|common|misc|shared)\.tsx?$/.test(name))
      return `${path} is a drawer for everything. Name it after the one thing it holds, or move each part to its user.`
    if (/\.(ts|tsx|mjs)$/.test(name) && !/^[a-z\d]+(-[a-z\d]+)*(\.e2e)?(\.[a-z]+)+$/.test(name))
      return `${path} is not in kebab-case. Name it after its main export, such as page-views.ts for pageViews.`
    return []
  })
}
