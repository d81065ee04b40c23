/** The house stays small, and each limit catches who passes it. */
import { describe, expect, it } from 'vitest'
import { expectNone } from './expect-none.ts'
import { ciJobs, lightPackages, packageConfigs, publishedExports, rootScripts, tidyRoot } from './house.ts'
import { listFiles, packageFiles, readText, rootEntries } from './source.ts'

const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`)
const scripts = (list: string[], command = 'node x') =>
  JSON.stringify({ scripts: Object.fromEntries(list.map((name) => [name, command])) })

describe('the house', () => {
  it('has at most eight commands', () => {
    expectNone(rootScripts(readText('package.json')!))
    expect(rootScripts(scripts(names(9)))).toEqual([expect.stringContaining('9 scripts, more than 8. Make')])
    expect(rootScripts(scripts(['go'], 'x'.repeat(61)))).toEqual([
      expect.stringContaining('scripts/tasks/go.ts'),
    ])
    expect(rootScripts(scripts(names(8)))).toEqual([])
  })

  it('has at most eighteen things at its root', () => {
    expectNone(tidyRoot(rootEntries()))
    expect(tidyRoot(names(19))).toEqual([expect.stringContaining('19 entries, more than 18')])
  })

  it('has at most two config files a package', () => {
    expectNone(packageConfigs(listFiles()))
    const paths = ['tsup.config.ts', 'tsconfig.json', 'wrangler.jsonc', 'package.json', 'README.md']
    expect(packageConfigs(paths.map((name) => `edge/a/${name}`))).toEqual([
      expect.stringContaining(
        'edge/a has 3 config files, more than 2: tsup.config.ts tsconfig.json wrangler.jsonc',
      ),
    ])
  })

  it('security 73: gives its users few dependencies, and runs nothing when they install', () => {
    expectNone(lightPackages(packageFiles()))
    const text = JSON.stringify({
      name: 'nunchi',
      dependencies: { 'idb-keyval': '6', lodash: '4' },
      scripts: { postinstall: 'node x' },
    })
    expect(lightPackages([{ path: 'packages/nunchi/package.json', text }])).toEqual([
      expect.stringContaining('depends on lodash: nunchi may bring @nunchi/protocol'),
      expect.stringContaining('has the script postinstall'),
    ])
  })

  it('publishes what its tests import', () => {
    expectNone(publishedExports(packageFiles()))
    const text = JSON.stringify({
      exports: { '.': './src/index.ts', './new': './src/new.ts' },
      publishConfig: { exports: { '.': './dist/index.js', './old': './dist/old.js' } },
    })
    expect(publishedExports([{ path: 'packages/nunchi/package.json', text }])).toEqual([
      expect.stringContaining('has "./new" in exports only'),
      expect.stringContaining('has "./old" in publishConfig.exports only'),
    ])
  })

  it('tests each package in a job of its own', () => {
    expectNone(ciJobs(readText('.github/workflows/ci.yml')!, packageFiles()))
    const packages = ['packages/a', 'edge/b'].map((folder) => ({
      path: `${folder}/package.json`,
      text: '{}',
    }))
    expect(ciJobs("room: ['', packages/a, edge/c, scripts]", packages)).toEqual([
      expect.stringContaining('has no job for edge/b'),
      expect.stringContaining('has a job for edge/c'),
    ])
  })
})
