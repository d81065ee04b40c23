/** The files that the guards read: everything that a person wrote, by its path from the root. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** One file. Guards are functions over lists of these, so that a test can hand them a deliberate violation. */
export interface SourceFile {
  /** From the root, with `/` on every platform. */
  path: string
  text: string
}

const written = /\.(ts|tsx|mjs|sql)$/
const folders = new Set(['packages', 'edge', 'examples', 'scripts'])
const notOurs = new Set(['node_modules', 'dist', 'coverage', '.nunchi', '.wrangler'])

/** The repository's root. */
export const root: string = join(import.meta.dirname, '../..')

/** Names directly under the root that git would keep. */
export function rootEntries(): string[] {
  const local = new Set([...notOurs, '.git', '.DS_Store', '.env'])
  return readdirSync(root).filter((name) => !local.has(name) && !/\.(log|tgz)$|^\.env\./.test(name))
}

/** Every path under the root that git would keep, but for dot folders. */
export function listFiles(folder = ''): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => !notOurs.has(name) && !name.startsWith('.'))
    .flatMap((name) => {
      const path = folder ? `${folder}/${name}` : name
      return statSync(join(root, path)).isDirectory() ? listFiles(path) : [path]
    })
}

/** Reads a file by its path from the root; `undefined` where there is none. */
export function readText(path: string): string | undefined {
  return statSync(join(root, path), { throwIfNoEntry: false })?.isFile()
    ? readFileSync(join(root, path), 'utf8')
    : undefined
}

let read: SourceFile[] | undefined

/** All TypeScript, plain JavaScript and SQL of the rooms and scripts, and the root's own config. */
export function readSources(): SourceFile[] {
  read ??= listFiles()
    .filter((path) => written.test(path) && (folders.has(path.split('/')[0]!) || !path.includes('/')))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  return read
}

/** Every package.json of the rooms; a bench's own list of peers makes no package. */
export function packageFiles(): SourceFile[] {
  return listFiles()
    .filter((path) => path.endsWith('/package.json') && !isTest(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The nearest folder that holds a package, such as `packages/nunchi`; `scripts` for the scripts. */
export function room(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'scripts' || !path.includes('/') ? first : `${first}/${second}`
}

/** Tests, benches and what only they use: exempt from laws about what ships. */
export function isTest(path: string): boolean {
  return /(\.test\.tsx?$|\.setup\.ts$|(^|\/)(bench|e2e|test|fixtures)\/)/.test(path)
}
