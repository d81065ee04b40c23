/** Importing the SDK runs nothing: no call, construction or assignment at module level. */
import type { SourceFile } from './source.ts'
import { children, lineOf, type Node, shipped, tree } from './syntax.ts'

/** The packages that promise `sideEffects: false` to a page. */
const pure = /^packages\/(protocol|nunchi|stats|recs)\/src\//

/** Files that are run rather than imported, or whose library works by calls at module level. */
const exempt = new Map([
  ['packages/nunchi/src/script.ts', 'the script tag is run, not imported'],
  ['packages/nunchi/src/script-experiments.ts', 'the script tag is run, not imported'],
  ['packages/nunchi/src/script-recommendations.ts', 'the script tag is run, not imported'],
  ['packages/protocol/src/schemas-config.ts', 'as schemas.ts, which it is a part of'],
  ['packages/protocol/src/schemas-json.ts', 'as schemas.ts, which it describes'],
  ['packages/protocol/src/schemas-proven.ts', 'as schemas.ts, which it is a part of'],
  ['packages/protocol/src/schemas.ts', 'zod builds schemas by calls; nobody imports it into a page'],
])

const effects: { [type: string]: string } = {
  CallExpression: 'calls a function',
  NewExpression: 'constructs an object',
  TaggedTemplateExpression: 'calls a template tag',
  ImportExpression: 'imports dynamically',
  AwaitExpression: 'awaits',
  AssignmentExpression: 'assigns',
  UpdateExpression: 'counts',
  ThrowStatement: 'throws',
}

/** What runs later, when someone calls it: not part of loading the module. */
const later = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

function firstEffects(node: Node): Node[] {
  if (later.has(node.type) || node.type.startsWith('TS')) return wrapped(node)
  if (node.type in effects) return [node]
  if (node.type === 'PropertyDefinition' && node['static'] !== true) return []
  return children(node).flatMap(firstEffects)
}

/** TypeScript's `as`, `satisfies` and `!` hold an expression that does run. */
function wrapped(node: Node): Node[] {
  const inside = /^TS(As|Satisfies|NonNull)/.test(node.type) ? node['expression'] : undefined
  return inside ? firstEffects(inside as Node) : []
}

/** Every module-level effect in the pure packages, as a sentence with its remedy. */
export function sideEffects(files: SourceFile[]): string[] {
  return shipped(files)
    .filter(({ file }) => pure.test(file.path) && !exempt.has(file.path))
    .flatMap((parsed) =>
      firstEffects(tree(parsed)).map(
        (node) =>
          `${parsed.file.path}:${lineOf(parsed.file.text, node.start)} ${effects[node.type]} at module level: bundlers then keep it although nobody uses it. Move it into the function that needs it.`,
      ),
    )
}
