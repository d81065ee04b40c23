import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const index = join(import.meta.dirname, 'index.ts')

/** A project of its own: what it adds to `Flags` must not reach the rest of this one. */
const project = `
import { createNunchi, experiments } from '${index}'
declare module '${index}' {
  interface Flags {
    'new-checkout': boolean
    theme: 'light' | 'dark'
  }
  interface Experiments {
    cards: 'control' | 'grid'
  }
}
const client = createNunchi({ key: '', host: '', use: [experiments()] })
export const theme: 'light' | 'dark' = client.flag('theme', 'light')
export const on: boolean = client.experiments.flag('new-checkout', false)
export const variant: 'control' | 'grid' | '' = client.experiment('cards', 'control').variant
// @ts-expect-error There is no flag of this name.
client.flag('new-chekout', false)
// @ts-expect-error A boolean flag has no text.
client.flag('new-checkout', 'no')
// @ts-expect-error There is no variant of this name.
client.experiment('cards', 'list')
// @ts-expect-error There is no experiment of this name.
client.experiment('card')
`

/** A project without types of its own: any name, and the type of the fallback. */
const plain = `
import { createNunchi, experiments } from '${index}'
const client = createNunchi({ key: '', host: '', use: [experiments()] })
export const on: boolean = client.flag('anything', false)
export const many: number = client.flag('many', 3)
export const columns: number = client.flag('layout', { columns: 3 }).columns
export const variant: string = client.experiment('any').variant
// @ts-expect-error The fallback is a boolean.
export const text: string = client.flag('anything', false)
// @ts-expect-error Without the plugin there are no flags.
createNunchi({ key: '', host: '' }).flag('anything', false)
`

it.each([
  ['with types of its own', project],
  ['without', plain],
])('the compiler knows the flags and experiments of a project %s', (_, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-types-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'main.ts'), code)
  const options =
    '--ignoreConfig --noEmit --strict --target esnext --module nodenext --lib esnext,dom,dom.iterable'
  const more = '--allowImportingTsExtensions --skipLibCheck --moduleDetection force'
  const { stdout } = spawnSync(process.execPath, [tsc, ...`${options} ${more}`.split(' '), 'main.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
})
