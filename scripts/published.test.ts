/** What is published is packed, checked, installed in an empty project, compiled, and run. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNone } from './guards/expect-none.ts'
import { listFiles, root } from './guards/source.ts'
import { ensureBuilt, type ScriptTag } from './lib/build.ts'
import { chromiumArgs, chromiumHint, findChromium } from './lib/chromium.ts'
import { packOurs, packTheirs, run, tarballFiles, unpack } from './lib/pack.ts'

const packages = [
  { folder: 'packages/protocol', profile: 'node16', formats: ['.js', '.cjs'], keeps: 'src/' },
  { folder: 'packages/nunchi', profile: 'node16', formats: ['.js', '.cjs'], keeps: 'src/' },
  { folder: 'packages/stats', profile: 'node16', formats: ['.js', '.cjs'], keeps: 'src/' },
  { folder: 'packages/recs', profile: 'node16', formats: ['.js', '.cjs'], keeps: 'src/' },
  { folder: 'edge/collector', profile: 'esm-only', formats: ['.js'], keeps: '' },
  { folder: 'edge/cli', profile: 'esm-only', formats: ['.js'], keeps: 'src/' },
] as const

const scratch = mkdtempSync(join(tmpdir(), 'nunchi-published-'))
const project = join(scratch, 'project')
const tarballs = new Map<string, string>()
let tag: ScriptTag

/** Where a package is that only types need. */
const typesOf = (name: string): string => {
  const react = realpathSync(join(root, 'packages/nunchi/node_modules/@types/react'))
  return name === '@types/react' ? react : realpathSync(join(react, '../..', name))
}

const write = (name: string, text: string) => writeFileSync(join(project, name), text)
const node = (...args: string[]) => run(process.execPath, args, project)

beforeAll(() => {
  tag = ensureBuilt()
  for (const { folder } of packages) tarballs.set(folder, packOurs(folder, scratch))
  mkdirSync(project)
}, 120_000)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** The files that a package publishes: what its sources become, and nothing else. */
function expectedFiles(folder: string, formats: readonly string[], keeps: string): string[] {
  const sources = listFiles(folder)
    .map((path) => path.slice(folder.length + 1))
    .filter((path) => /^(src|deploy)\/.*\.tsx?$/.test(path))
    .filter(
      (path) =>
        !/\.(test|setup)\.tsx?$|\/(bench|test|fixtures)\/|^src\/script(-(?:experiments|recommendations))?\.ts$/.test(
          path,
        ),
    )
  const built = sources.flatMap((path) => {
    const base = `dist/${path.replace(/\.tsx?$/, '').slice(path.startsWith(keeps) ? keeps.length : 0)}`
    return formats.flatMap((js) => [base + js, base + (js === '.cjs' ? '.d.cts' : '.d.ts')])
  })
  const sql = listFiles(folder).filter((path) => path.startsWith(`${folder}/sql/`))
  return [
    ...built,
    ...sql.map((path) => path.replace(`${folder}/sql/`, 'dist/sql/')),
    ...(folder === 'packages/nunchi'
      ? [
          'dist/nunchi.global.js',
          'dist/nunchi-experiments.global.js',
          'dist/nunchi-recommendations.global.js',
          'dist/integrity.json',
        ]
      : []),
    ...listFiles(folder)
      .filter((path) => path === `${folder}/README.md`)
      .map(() => 'README.md'),
    'LICENSE',
    'package.json',
  ].sort()
}

describe.each(packages)('the tarball of $folder', ({ folder, profile, formats, keeps }) => {
  it('security 74: holds what its sources became, and nothing else', () => {
    expect(tarballFiles(tarballs.get(folder)!)).toEqual(expectedFiles(folder, formats, keeps))
  })

  it('security 74: tells nothing about the machine that built it', () => {
    const folderOut = join(scratch, 'look', folder)
    unpack(tarballs.get(folder)!, folderOut)
    const faults = tarballFiles(tarballs.get(folder)!)
      .map((path) => ({ path, text: readFileSync(join(folderOut, path), 'utf8') }))
      .filter(({ text }) => text.includes(root) || /sourceMappingURL|workspace:/.test(text))
    expectNone(
      faults.map(({ path }) => `${folder}: ${path} names a local path, a source map or the workspace.`),
    )
  })

  it('is packed as publint and attw would have it, without a warning', () => {
    run('publint', ['run', tarballs.get(folder)!, '--strict'], root)
    run('attw', [tarballs.get(folder)!, '--profile', profile, '--no-emoji', '--no-color'], root)
  }, 60_000)
})

describe('nunchi/react', () => {
  it.each(['index', 'index.development', 'testing'])(
    'is client code by its first statement, in both formats: %s',
    (name) => {
      const dist = join(scratch, 'look/packages/nunchi/dist/react')
      expect(readFileSync(join(dist, `${name}.js`), 'utf8')).toMatch(/^["']use client["'];/)
      // What only says that it is strict may stand before.
      expect(readFileSync(join(dist, `${name}.cjs`), 'utf8')).toMatch(
        /^("use strict";\n)?["']use client["'];/,
      )
    },
  )
})

const typed = `
import { createNunchi, experiments } from 'nunchi'
import { keepVisitor } from 'nunchi/next'
import { Experiment, useExperiment, useFlag, useTrack } from 'nunchi/react'
import { createFixedClient } from 'nunchi/react/testing'

export const client = createNunchi({ key: 'k', host: 'h', use: [experiments()] })

declare module 'nunchi' {
  interface Flags { columns: number }
  interface Experiments { hero: 'calm' | 'bold' }
}
declare module 'nunchi/react' {
  interface Register { client: typeof client }
}

export function Page() {
  const columns: number = useFlag('columns', 3)
  const { variant, loading } = useExperiment('hero')
  const known: 'calm' | 'bold' | '' = variant
  useTrack()('Product Added', { columns, known, loading })
  // @ts-expect-error There is no such flag.
  useFlag('colums', 3)
  // @ts-expect-error Its fallback is a number.
  useFlag('columns', 'three')
  // @ts-expect-error There is no such experiment.
  useExperiment('heros')
  // @ts-expect-error There is no such variant.
  Experiment({ name: 'hero', variants: { loud: null } })
  return Experiment({ name: 'hero', variants: { calm: 'Tea', bold: 'TEA' } })
}
export const visitor = keepVisitor
export const fixed = createFixedClient({ flags: { columns: 3 } })
`

const program = `
import { uuidv7, isEventId } from '@nunchi/protocol'
import { createNunchi, pageViews, type Client } from 'nunchi'
import { createTestClient } from 'nunchi/testing'

const make: () => Client = () => createNunchi({ key: 'nk_pub_x', host: 'https://e.example', use: [pageViews()] })
const nunchi = createTestClient()
void nunchi.track('Product Added', { sku: 'lamp' })
const [event] = nunchi.events
if (!isEventId(uuidv7()()) || event?.name !== 'Product Added') throw new Error('no event')
console.log(typeof make, event.type)
`

/** What the subpaths stand on that are not for everybody; whoever wants one installs its peer. */
const withOpenFeature = `
import { OpenFeature } from '@openfeature/web-sdk'
import { OpenFeature as Server } from '@openfeature/server-sdk'
import { experiments } from 'nunchi'
import { nunchiProvider } from 'nunchi/openfeature'
import { nunchiServerProvider } from 'nunchi/openfeature-server'
import { createTestClient } from 'nunchi/testing'

const config = { version: 'v1', flags: { dark: { type: 'boolean' as const, value: true, revision: 1 } }, experiments: {} }
const fetch = async () => new Response(JSON.stringify(config))
const main = async () => {
  const client = createTestClient({ use: [experiments({ bootstrap: config })] })
  await OpenFeature.setProviderAndWait(nunchiProvider(client))
  await Server.setProviderAndWait(nunchiServerProvider({ key: 'nk_pub_x', host: 'https://e.example', fetch }))
  console.log(OpenFeature.getClient().getBooleanValue('dark', false), await Server.getClient().getBooleanValue('dark', false))
}
void main()
`

describe('an empty project', () => {
  beforeAll(() => {
    const theirs = ['idb-keyval', 'web-vitals'].map((name) =>
      packTheirs(join(root, 'packages/nunchi/node_modules', name), scratch),
    )
    write('package.json', '{ "name": "empty", "private": true }')
    const files = [tarballs.get('packages/protocol')!, tarballs.get('packages/nunchi')!, ...theirs]
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', ...files], project)
    write('main.mts', program)
    write('main.cts', program)
    // Types alone: React itself stays out, as for those who have no need of it.
    for (const name of ['@types/react', 'csstype'])
      cpSync(typesOf(name), join(project, 'node_modules', name), { recursive: true })
    write('typed.mts', typed)
    write('typed.cts', typed)
  }, 120_000)

  it('security 73: gets the runtime dependencies that the design names, and no other', () => {
    const { packages: installed } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'))
    expect(Object.keys(installed).filter(Boolean).sort()).toEqual([
      'node_modules/@nunchi/protocol',
      'node_modules/idb-keyval',
      'node_modules/nunchi',
      'node_modules/web-vitals',
    ])
  })

  it.each(['nodenext', 'bundler'])(
    'compiles under %s resolution, with every declaration checked',
    (resolution) => {
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
      const files = ['main.mts', 'typed.mts', ...(resolution === 'bundler' ? [] : ['main.cts', 'typed.cts'])]
      write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            strict: true,
            target: 'es2022',
            lib: ['es2022', 'dom', 'dom.iterable'],
            types: [],
            module,
            moduleResolution: resolution,
            outDir: resolution,
          },
          files,
        }),
      )
      run('tsc', ['-p', '.'], project)
    },
  )

  it.each(['main.mjs', 'main.cjs'])('runs %s', (file) => {
    expect(node(join('nodenext', file))).toBe('function track\n')
  })

  it('uses the OpenFeature providers with their SDKs beside them, in both formats', () => {
    mkdirSync(join(project, 'node_modules/@openfeature'))
    const ours = join(root, 'packages/nunchi/node_modules/@openfeature')
    // The core is no dependency of ours, but stands beside what needs it.
    const core = join(realpathSync(join(ours, 'web-sdk')), '../core')
    for (const folder of [core, join(ours, 'web-sdk'), join(ours, 'server-sdk')])
      symlinkSync(folder, join(project, 'node_modules/@openfeature', basename(folder)), 'junction')
    write('openfeature.mts', withOpenFeature)
    write('openfeature.cts', withOpenFeature)
    const compilerOptions = {
      strict: true,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      // The server SDK's own declarations are written for Node.
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      module: 'nodenext',
      outDir: 'openfeature',
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['openfeature.mts', 'openfeature.cts'] }))
    run('tsc', ['-p', '.'], project)
    for (const file of ['openfeature.mjs', 'openfeature.cjs'])
      expect(node(join('openfeature', file))).toBe('true true\n')
  })

  it('gets sentences for its errors under the development condition only', () => {
    write('where.mjs', "console.log(import.meta.resolve('nunchi').split('/').at(-1))")
    expect(node('where.mjs')).toBe('index.js\n')
    expect(node('--conditions=development', 'where.mjs')).toBe('index.development.js\n')
  })
})

describe('the script tag', () => {
  it('loads under its integrity and a strict policy, plays what the stub recorded, and sends it', async (test) => {
    const executablePath = findChromium()
    if (!executablePath) return test.skip(`the script tag was not run in a page: ${chromiumHint}`)
    const served = join(scratch, 'look/packages/nunchi/dist')
    const integrity = JSON.parse(readFileSync(join(served, 'integrity.json'), 'utf8'))['nunchi.global.js']
    expect(integrity).toBe(tag.integrity)
    const names: string[] = []
    const server = createServer(async (request, response) => {
      if (request.url === '/nunchi.js') {
        response.setHeader('content-type', 'text/javascript')
        return response.end(readFileSync(join(served, 'nunchi.global.js')))
      }
      if (request.url?.startsWith('/v1/events')) {
        const body = await new Response(request as never).arrayBuffer()
        const gzip = new Uint8Array(body)[0] === 0x1f
        const stream = new Blob([body]).stream()
        const text = await new Response(
          gzip ? stream.pipeThrough(new DecompressionStream('gzip')) : stream,
        ).text()
        const batch = JSON.parse(text) as { id: string; events: { name: string }[] }
        names.push(...batch.events.map(({ name }) => name))
        response.statusCode = 202
        return response.end(
          JSON.stringify({ batch: batch.id, accepted: 1, duplicates: 0, rejected: [], now: Date.now() }),
        )
      }
      response.setHeader('content-type', 'text/html')
      response.setHeader(
        'content-security-policy',
        "default-src 'none'; connect-src 'self'; script-src 'self' 'nonce-n'; require-trusted-types-for 'script'",
      )
      response.end(`<!doctype html><title>x</title>
<script nonce="n">nunchi = { q: [], track: (...a) => nunchi.q.push(['track', Date.now(), ...a]) }; nunchi.track('Early')</script>
<script async src="/nunchi.js" integrity="${integrity}" data-key="nk_pub_x" data-page-views="off"></script>`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (line) => complaints.push(line.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(`${address}/`)
      await expect.poll(() => names, { timeout: 30_000 }).toContain('Early')
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      server.close()
    }
  })
})

describe('the command', () => {
  it('runs as installed from its tarballs', () => {
    const modules = join(scratch, 'cli/node_modules')
    for (const [folder, name] of [
      ['packages/protocol', '@nunchi/protocol'],
      ['packages/stats', '@nunchi/stats'],
      ['packages/recs', '@nunchi/recs'],
      ['edge/collector', '@nunchi/collector'],
      ['edge/cli', '@nunchi/cli'],
    ] as const) {
      unpack(tarballs.get(folder)!, join(modules, name))
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      for (const needed of Object.keys(dependencies).filter((one) => !one.startsWith('@nunchi/'))) {
        const link = join(modules, name, 'node_modules', needed)
        mkdirSync(join(link, '..'), { recursive: true })
        symlinkSync(join(root, folder, 'node_modules', needed), link, 'junction')
      }
    }
    const bin = join(modules, '@nunchi/cli/dist/bin.js')
    expect(readFileSync(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(run(process.execPath, [bin, '--help'], scratch)).toContain('migrate')
  })
})
