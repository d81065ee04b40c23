/** The house stays small: few scripts, few things at the root, few configs a package, few dependencies. */
import { posix } from 'node:path'
import type { SourceFile } from './source.ts'

const most = { scripts: 8, entries: 18, configs: 2 }

/** More commands at the root than a person remembers. */
export function rootScripts(packageJson: string): string[] {
  const { scripts = {} } = JSON.parse(packageJson) as { scripts?: { [name: string]: string } }
  const names = Object.keys(scripts)
  const long = Object.entries(scripts).filter(([, command]) => command.length > 60)
  return [
    ...(names.length > most.scripts
      ? [
          `package.json has ${names.length} scripts, more than ${most.scripts}. Make the newest an argument of an older one, or a task in scripts/tasks without a script.`,
        ]
      : []),
    ...long.map(
      ([name]) => `package.json: the script ${name} is a program. Move it into scripts/tasks/${name}.ts.`,
    ),
  ]
}

/** More files and folders at the root than a page shows. */
export function tidyRoot(entries: string[]): string[] {
  return entries.length > most.entries
    ? [
        `The root holds ${entries.length} entries, more than ${most.entries}: ${entries.join(' ')}. Move the newest into a folder that exists, or its settings into package.json.`,
      ]
    : []
}

/** Packages that need more configuration than code. */
export function packageConfigs(paths: string[]): string[] {
  const config = /(^tsconfig.*\.json|\.config\.\w+|\.jsonc|\.toml|^\..*rc(\.\w+)?|^\w+\.json)$/
  const rooms = Map.groupBy(
    paths.filter((path) => /^(packages|edge)\/[^/]+\/[^/]+$/.test(path)),
    (path) => posix.dirname(path),
  )
  return [...rooms].flatMap(([room, files]) => {
    const found = files
      .map((path) => posix.basename(path))
      .filter((name) => config.test(name) && name !== 'package.json')
    return found.length > most.configs
      ? [
          `${room} has ${found.length} config files, more than ${most.configs}: ${found.join(' ')}. Share one through scripts/lib, or use package.json.`,
        ]
      : []
  })
}

/** What may be installed along with each package that a page imports. */
const dependencies: { [name: string]: string[] } = {
  '@nunchi/protocol': [],
  '@nunchi/stats': [],
  '@nunchi/recs': [],
  nunchi: ['@nunchi/protocol', 'idb-keyval', 'web-vitals'],
}

/** Dependencies and install scripts that users of a package would get with it. */
export function lightPackages(packages: SourceFile[]): string[] {
  return packages.flatMap(({ path, text }) => {
    const json = JSON.parse(text) as {
      name: string
      private?: boolean
      dependencies?: { [name: string]: string }
      scripts?: { [name: string]: string }
    }
    const may = dependencies[json.name]
    const more = may ? Object.keys(json.dependencies ?? {}).filter((name) => !may.includes(name)) : []
    const hooks = Object.keys(json.scripts ?? {}).filter((name) =>
      /^(pre|post)?install$|^prepare$/.test(name),
    )
    return [
      ...more.map(
        (name) =>
          `${path} depends on ${name}: ${json.name} may bring ${may!.join(', ') || 'nothing'}. Write the few lines yourself, or make it a devDependency.`,
      ),
      ...hooks.map(
        (name) => `${path} has the script ${name}, which runs on every user's machine. Remove it.`,
      ),
    ]
  })
}

/** What others import must be what is published: `publishConfig.exports` names the same subpaths as `exports`. */
export function publishedExports(packages: SourceFile[]): string[] {
  return packages.flatMap(({ path, text }) => {
    const json = JSON.parse(text) as {
      private?: boolean
      exports?: { [subpath: string]: unknown }
      publishConfig?: { exports?: { [subpath: string]: unknown } }
    }
    if (json.private || !/^(packages|edge)\//.test(path)) return []
    const here = Object.keys(json.exports ?? {})
    const there = Object.keys(json.publishConfig?.exports ?? {})
    return [
      ...here
        .filter((key) => !there.includes(key))
        .map(
          (key) =>
            `${path} has "${key}" in exports only: nobody outside could import it. Add it to publishConfig.exports.`,
        ),
      ...there
        .filter((key) => !here.includes(key))
        .map(
          (key) =>
            `${path} has "${key}" in publishConfig.exports only: no test imports it. Add it to exports, or remove it.`,
        ),
    ]
  })
}

/** Packages that CI has no job for, and jobs without a package. */
export function ciJobs(workflow: string, packages: SourceFile[]): string[] {
  const rooms = (/room: \[([^\]]*)\]/.exec(workflow)?.[1] ?? '').split(',').map((room) => room.trim())
  const folders = packages.map(({ path }) => posix.dirname(path))
  return [
    ...folders
      .filter((folder) => !rooms.includes(folder))
      .map((folder) => `.github/workflows/ci.yml has no job for ${folder}. Add it to the matrix.`),
    ...rooms
      .filter((room) => room.includes('/') && !folders.includes(room))
      .map(
        (room) =>
          `.github/workflows/ci.yml has a job for ${room}, which is no package. Remove it from the matrix.`,
      ),
  ]
}
