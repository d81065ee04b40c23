/** Tells whether what was made from some files is still what they would make. */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const left = new Set(['node_modules', 'dist', 'coverage'])

/** SHA-256 over the names and contents of the files that the globs (from `root`) match, tests left out. */
export function fingerprint(root: string, globs: string[]): string {
  const hash = createHash('sha256')
  const files = globSync(globs, { cwd: root, withFileTypes: true, exclude: (entry) => left.has(entry.name) })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort())
    hash
      .update(relative(root, file).replaceAll('\\', '/'))
      .update('\0')
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

/** Remembers a fingerprint in a file, so that the next run can leave the work out. */
export function stamp(file: string): { read(): string | undefined; write(print: string): void } {
  return {
    read() {
      try {
        return readFileSync(file, 'utf8')
      } catch {
        return undefined
      }
    },
    write(print) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, print)
    },
  }
}

const hour = 3_600_000

/** Removes from a folder of things made by their fingerprint what nobody has made for an hour: it may be in use that long. */
export function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const made = statSync(path, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > hour) rmSync(path, { force: true })
  }
}
