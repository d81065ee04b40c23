/** Builds the packages: JavaScript by tsup, declarations by tsc, the script tag with its integrity. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'tsup'
import { scriptTag } from './build-config.ts'
import { fingerprint, stamp } from './fingerprint.ts'

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/nunchi')
const sources = ['{packages,edge}/*/{src,deploy,sql}/**', '{packages,edge}/*/{package.json,tsup.config.ts}']
const tools = [
  'scripts/lib/build*.ts',
  'scripts/tsconfig.declarations.json',
  'tsconfig.json',
  'pnpm-lock.yaml',
]
const tagSources = ['packages/{protocol,nunchi}/src/**', 'packages/nunchi/tsup.config.ts']

/** The script tag's file and what its users pin. */
export interface ScriptTag {
  /** The built file's path. */
  file: string
  /** Its Subresource Integrity value, `sha384-…`. */
  integrity: string
  /** Its size as sent, in bytes after brotli. */
  brotli: number
}

function run(program: string, args: string[], cwd: string): void {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' })
  if (done.status !== 0)
    throw new Error(
      `${program} ${args.join(' ')} failed in ${cwd.slice(root.length + 1) || 'the root'}:\n${done.error?.message ?? ''}${done.stdout}${done.stderr}`,
    )
}

/** The folders of the packages that are published: those with a tsup.config.ts. */
export function builtPackages(): string[] {
  return ['packages', 'edge'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'tsup.config.ts'))),
  )
}

/** The script tags, and what each is made of. */
const tags = {
  'nunchi.global': 'script.ts',
  'nunchi-experiments.global': 'script-experiments.ts',
  'nunchi-recommendations.global': 'script-recommendations.ts',
}

/** The name of a script tag's file. */
export type TagName = keyof typeof tags

const tagNames = Object.keys(tags) as TagName[]

/** The name and the version are in the address, so the file never changes: browsers may keep and check it. */
function describeTag(folder: string, name: TagName = 'nunchi.global'): ScriptTag {
  const file = join(root, folder, `dist/${name}.js`)
  const bytes = readFileSync(file)
  const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`
  return { file, integrity, brotli: brotliCompressSync(bytes).length }
}

function declarations(folders: string[]): void {
  const made = join(cache, 'declarations')
  rmSync(made, { recursive: true, force: true })
  run('tsc', ['-p', 'scripts/tsconfig.declarations.json'], root)
  for (const folder of folders) placeDeclarations(join(made, folder), join(root, folder, 'dist'))
}

/** Puts each declaration beside its JavaScript, in the dialects that the JavaScript has. */
function placeDeclarations(made: string, dist: string): void {
  for (const name of readdirSync(made, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue
    const text = readFileSync(join(made, name), 'utf8')
    // As in dist: what stands in src (alone) is built into dist itself.
    const base = name.slice(0, -'.d.ts'.length)
    const target = existsSync(join(dist, `${base}.js`)) ? base : base.replace(/^src[\\/]/, '')
    for (const [js, types] of [
      ['.js', '.d.ts'],
      ['.cjs', '.d.cts'],
    ] as const)
      if (existsSync(join(dist, target + js))) {
        mkdirSync(dirname(join(dist, target)), { recursive: true })
        writeFileSync(join(dist, target + types), rewriteSpecifiers(text, js))
      }
  }
}

/** `from './queue.ts'` becomes `from './queue.js'`, as the JavaScript beside it says. */
export function rewriteSpecifiers(declaration: string, extension: '.js' | '.cjs'): string {
  return declaration.replace(
    /((?:from|import)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+?)\.tsx?\2/g,
    (_, before, quote, path) => `${before}${quote}${path}${extension}${quote}`,
  )
}

const built = stamp(join(cache, 'built'))
const builtTag = stamp(join(cache, 'script-tag'))
const printAll = (): string => fingerprint(root, [...sources, ...tools])
const printTag = (): string => fingerprint(root, [...tagSources, ...tools])

function writeIntegrity(): ScriptTag {
  const tag = describeTag('packages/nunchi')
  const all = tagNames.map((name) => [`${name}.js`, describeTag('packages/nunchi', name).integrity])
  const text = JSON.stringify(Object.fromEntries(all), null, 2)
  writeFileSync(join(dirname(tag.file), 'integrity.json'), `${text}\n`)
  return tag
}

/** Builds every package into its `dist`. */
export function buildAll(): ScriptTag {
  const folders = builtPackages()
  // Before the work: what is changed meanwhile is built again next time.
  const prints = [printAll(), printTag()] as const
  for (const folder of folders) {
    rmSync(join(root, folder, 'dist'), { recursive: true, force: true })
    run('tsup', [], join(root, folder))
    // Code finds its SQL by the same relative path in src and in dist.
    const sql = join(root, folder, 'sql')
    if (existsSync(sql)) cpSync(sql, join(root, folder, 'dist/sql'), { recursive: true })
  }
  declarations(folders)
  const tag = writeIntegrity()
  built.write(prints[0])
  builtTag.write(prints[1])
  return tag
}

/** Builds every package, unless that is done already. */
export function ensureBuilt(): ScriptTag {
  const whole = builtPackages().every((folder) => existsSync(join(root, folder, 'dist')))
  return whole && built.read() === printAll() ? describeTag('packages/nunchi') : buildAll()
}

/** Builds the script tags alone, unless that is done already, and describes one: all that the demo needs. */
export async function ensureScriptTag(name?: TagName): Promise<ScriptTag> {
  const print = printTag()
  const dist = join(root, 'packages/nunchi/dist')
  if (builtTag.read() === print && tagNames.every((one) => existsSync(join(dist, `${one}.js`))))
    return describeTag('packages/nunchi', name)
  const scratch = join(cache, `script-tag-${process.pid}-${Math.random().toString(36).slice(2)}`)
  mkdirSync(dist, { recursive: true })
  for (const one of tagNames) {
    const entry = join(root, 'packages/nunchi/src', tags[one])
    await build({ ...scriptTag(entry, one), config: false, outDir: scratch })
    // In one step: a server that reads the file meanwhile never sees half of it.
    renameSync(join(scratch, `${one}.js`), join(dist, `${one}.js`))
  }
  rmSync(scratch, { recursive: true, force: true })
  builtTag.write(print)
  // The rest of dist may be older than the tag now.
  built.write('')
  writeIntegrity()
  return describeTag('packages/nunchi', name)
}
