/** The TypeScript of the documentation compiles: each block as a module of its own, against the packages as they are. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './source.ts'

/** One block of code in a page. */
export interface Example {
  /** The page, from the root. */
  path: string
  /** The line of the page that the block's first line stands on. */
  line: number
  code: string
  /** Such as `tsx`. @default 'ts' */
  language?: string
}

/**
 * The blocks of a language, which stands alone behind the three backticks; `ts nocheck` marks what is not meant
 * to compile by itself.
 */
export function examplesOf(page: string, path: string, language: string = 'ts'): Example[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))
  return [...blocks].map(({ index, 1: code = '' }) => ({
    path,
    line: page.slice(0, index).split('\n').length + 1,
    code,
    language,
  }))
}

/** A folder in which imports resolve as in a project that has installed our packages and all they stand on. */
function project(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const link = (name: string, target: string) => {
    const at = join(folder, 'node_modules', name)
    mkdirSync(dirname(at), { recursive: true })
    // The first that has it will do: all rooms pin the same versions.
    rmSync(at, { force: true })
    symlinkSync(target, at, 'junction')
  }
  for (const room of ['packages', 'edge'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name)),
  )) {
    const {
      name,
      dependencies = {},
      devDependencies = {},
    } = JSON.parse(readFileSync(join(room, 'package.json'), 'utf8')) as {
      name: string
      dependencies?: object
      devDependencies?: object
    }
    link(name, room)
    for (const needed of Object.keys({ ...dependencies, ...devDependencies }))
      if (!/^@?nunchi/.test(needed)) link(needed, join(room, 'node_modules', needed))
  }
}

const settings = {
  extends: '../../../../tsconfig.json',
  compilerOptions: {
    // An example shows names that it does not use, and gives nothing out.
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    declaration: false,
  },
  include: ['*.ts', '*.tsx'],
  exclude: [],
}

/**
 * Compiles examples, in a folder that is theirs.
 *
 * @returns what the compiler says, by page and line
 */
export function compileExamples(examples: Example[], name: string): string[] {
  const folder = join(root, 'node_modules/.cache/nunchi', name)
  project(folder)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  // A block without imports is a module too, so that two blocks may use one name.
  for (const [i, { code, language = 'ts' }] of examples.entries())
    writeFileSync(join(folder, `example-${i}.${language}`), `${code}\nexport {}\n`)
  const done = spawnSync('tsc', ['-p', folder], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const lines = `${done.error?.message ?? ''}${done.stdout}${done.stderr}`.split('\n').filter(Boolean)
  return done.status === 0 ? [] : lines.map((line) => inPage(line, examples))
}

/** A compiler's line, with the place in the page instead of the place in the folder. */
function inPage(line: string, examples: Example[]): string {
  const [, number, row, message] = /^.*?example-(\d+)\.tsx?\((\d+),\d+\): error (.*)$/.exec(line) ?? []
  const example = examples[Number(number)]
  return example ? `${example.path}:${example.line + Number(row) - 1} does not compile: ${message}` : line
}
