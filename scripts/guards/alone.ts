/** What drives a browser has the machine to itself: a test file that does has a name or a place that says so. */
import { matchesGlob, posix } from 'node:path'
import { alone } from '../lib/alone.ts'
import type { SourceFile } from './source.ts'
import { syntax } from './syntax.ts'

/** Packages that start a browser. */
const drivers = /^playwright(-core)?$/

/** Test files that start a browser, themselves or by what they import, and would run beside others. */
export function crowdedBrowsers(files: SourceFile[]): string[] {
  const modules = new Map(
    files.filter(({ path }) => /\.tsx?$/.test(path)).map((file) => [file.path, syntax(file)]),
  )
  const drives = (path: string, seen: Set<string>): boolean => {
    if (seen.has(path)) return false
    seen.add(path)
    return (modules.get(path)?.imports ?? []).some(
      ({ specifier, typeOnly }) =>
        !typeOnly &&
        (drivers.test(specifier) ||
          (specifier.startsWith('.') && drives(posix.join(posix.dirname(path), specifier), seen))),
    )
  }
  return [...modules.keys()]
    .filter((path) => /\.test\.tsx?$/.test(path) && !alone.some((glob) => matchesGlob(path, glob)))
    .filter((path) => drives(path, new Set()))
    .map(
      (path) =>
        `${path} drives a browser, and would run beside other tests. Name it ${posix.basename(path).replace(/\.test\.tsx?$/, '.e2e$&')}, or move it into a folder e2e.`,
    )
}
