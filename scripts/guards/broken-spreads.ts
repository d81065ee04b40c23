/** Finds the one optional call that Chrome 80 to 90 get wrong: with a spread argument before another. */
import type { SourceFile } from './source.ts'
import { lineOf, type Node, syntax, tree, walk } from './syntax.ts'

function isBroken(node: Node): boolean {
  const values = node.type === 'CallExpression' ? (node['arguments'] as Node[]) : []
  return values.slice(0, -1).some(({ type }) => type === 'SpreadElement')
}

/** Every such call in files that a page runs, as a sentence with its remedy. */
export function brokenSpreads(files: SourceFile[]): string[] {
  return files.map(syntax).flatMap((parsed) => {
    const faults = new Set<number>()
    walk(tree(parsed), (chain) => {
      if (chain.type === 'ChainExpression')
        walk(chain, (node) => {
          if (isBroken(node)) faults.add(lineOf(parsed.file.text, node.start))
          return true
        })
      return true
    })
    return [...faults].map(
      (line) =>
        `${parsed.file.path}:${line} spreads an argument before another in an optional call, which Chrome 80 to 90 get wrong. Put the spread last, or test for the function before the call.`,
    )
  })
}
