/** The law of imports: who may import whom, and the sentence for whoever does otherwise. */
import { posix } from 'node:path'
import { isTest, room, type SourceFile } from './source.ts'
import { type Import, type Syntax, syntax } from './syntax.ts'

/** What each room may import of ours. `collector (types)` stands for type imports only. */
const allowed: { [room: string]: string[] } = {
  'packages/protocol': [],
  'packages/stats': [],
  'packages/recs': [],
  'packages/nunchi': ['@nunchi/protocol'],
  'edge/collector': ['@nunchi/protocol', '@nunchi/stats', '@nunchi/recs'],
  'edge/cli': ['@nunchi/collector', '@nunchi/protocol', '@nunchi/stats'],
  'edge/dashboard': ['@nunchi/collector (types)', '@nunchi/stats', '@nunchi/protocol'],
}

/** Folders of siblings: each file leans on the family's seam, none on another. */
const families: { [folder: string]: string[] } = {
  plugins: [],
  methods: [],
  transport: ['transport'],
  storage: ['storage', 'migration'],
  sink: ['sink'],
  routes: [],
  middleware: [],
  cache: ['cache'],
  auth: ['verifier'],
  realtime: [],
  jobs: [],
}

/** What a framework bundles, written as its users write it. */
const bundled = /^examples\/next\/app\//

const zodHome = 'packages/protocol/src/schemas.ts'
/** It and the files that it is made of. */
const zodFiles = /^packages\/protocol\/src\/schemas(-[a-z]+)?\.ts$/
const ours = /^(nunchi|@nunchi\/[a-z-]+)(\/.*)?$/

/** Code that must run anywhere: in a page, at any edge. */
const anywhere = (path: string): boolean => /^(packages\/[^/]+|edge\/collector)\/src\//.test(path)

function checkWorkspace(path: string, { specifier, typeOnly }: Import): string | undefined {
  const name = ours.exec(specifier)?.[1]
  const from = room(path)
  if (!name || !(from in allowed) || isTest(path)) return
  const list = allowed[from]!
  if (from === 'packages/nunchi' && specifier.startsWith('@nunchi/protocol/'))
    return `imports ${specifier}: the SDK takes '@nunchi/protocol' only, so that no schema reaches a page. Import from '@nunchi/protocol'.`
  if (list.includes(name) || (typeOnly && list.includes(`${name} (types)`))) return
  if (list.includes(`${name} (types)`))
    return `imports values of ${name}: ${from} may take its types only. Write 'import type'.`
  const may = list.length > 0 ? list.join(', ') : 'nothing of ours'
  return `imports ${specifier}: ${from} may import ${may}. Move what is needed down into a package it may import, or pass it in as an argument.`
}

function checkRelative(path: string, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return
  const target = posix.join(posix.dirname(path), specifier)
  const from = room(path)
  const config = /(^|\/)(tsup|vitest)\.config\.ts$/.test(path)
  if (room(target) !== from && !(from.startsWith('scripts') || config || isTest(path)))
    return `reaches into ${room(target)} by '${specifier}'. Import the package by its name, as anyone else would.`
  if (!/\.(ts|tsx|mjs|json|sql|css)$/.test(specifier) && !bundled.test(path))
    return `imports '${specifier}' without its extension. Node runs the source as it stands: write './name.ts'.`
  const folder = posix.dirname(path)
  const family = families[posix.basename(folder)]
  const sibling = posix.basename(target).replace(/\.tsx?$/, '')
  if (family && !isTest(path) && posix.dirname(target) === folder && !family.includes(sibling))
    return `imports its sibling '${specifier}': files of ${posix.basename(folder)}/ do not know each other. Take it as an argument, or move what both need into the family's seam or above the folder.`
}

function checkForeign(path: string, { specifier, names, typeOnly }: Import): string | undefined {
  if (/^zod($|\/)/.test(specifier) && !zodFiles.test(path) && !isTest(path))
    return `imports ${specifier}: only ${zodHome} does. Use its schemas, or check by hand.`
  if (specifier === 'zod' && zodFiles.test(path) && !names.every((name) => name === '*'))
    return `imports names from zod: that keeps all of it (93 kB, not 28). Write "import * as z from 'zod'".`
  if (specifier.startsWith('node:') && anywhere(path) && !typeOnly && !isTest(path))
    return `imports ${specifier}: this code also runs in pages and Workers. Take what is needed as an argument, or move it to deploy/node.`
}

/** Every import that breaks the law, as a sentence with its remedy. */
export function importLaw(files: SourceFile[]): string[] {
  return files
    .filter(({ path }) => /\.tsx?$/.test(path))
    .map(syntax)
    .flatMap(({ file, imports }) =>
      imports.flatMap((one) =>
        [checkWorkspace, checkRelative, checkForeign]
          .map((check) => check(file.path, one))
          .filter((sentence) => sentence !== undefined)
          .map((sentence) => `${file.path}:${one.line} ${sentence}`),
      ),
    )
}

/** The entry files of our packages, by what others write to import them. */
function entries(files: SourceFile[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { path, text } of files) {
    if (!path.endsWith('/package.json')) continue
    const { name, exports = {} } = JSON.parse(text) as { name: string; exports?: { [key: string]: unknown } }
    for (const [key, target] of Object.entries(exports)) {
      const file = typeof target === 'string' ? target : (target as { default?: string }).default
      if (file) found.set(posix.join(name, key), posix.join(posix.dirname(path), file))
    }
  }
  return found
}

/** Every import cycle, by value or by type, over the files given (package.json files name the packages). */
export function importCycles(files: SourceFile[]): string[] {
  const byName = entries(files)
  const modules = new Map(
    files.filter(({ path }) => /\.tsx?$/.test(path)).map((file) => [file.path, syntax(file)]),
  )
  const targets = ({ file, imports }: Syntax) =>
    imports
      .map(({ specifier }) =>
        specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : byName.get(specifier),
      )
      .filter((target): target is string => target !== undefined && modules.has(target))
  const done = new Set<string>()
  const trail: string[] = []
  const found = new Set<string>()
  const visit = (path: string): void => {
    const start = trail.indexOf(path)
    if (start >= 0)
      found.add(
        `${[...trail.slice(start), path].join(' → ')} is a cycle. Move what both need into a file that imports neither.`,
      )
    if (start >= 0 || done.has(path)) return
    trail.push(path)
    for (const target of targets(modules.get(path)!)) visit(target)
    trail.pop()
    done.add(path)
  }
  for (const path of modules.keys()) visit(path)
  return [...found]
}
