/** A fingerprint changes with what a build reads, and with nothing else. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fingerprint, stamp, sweep } from './fingerprint.ts'

let folder = ''
const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const print = () => fingerprint(folder, ['packages/*/src/**', '*.json'])

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-fingerprint-'))
  write('packages/a/src/deep/x.ts', '1')
  write('tsconfig.json', '{}')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('changes with a text, a new file, a moved file, and a setting', () => {
  const seen = [print()]
  write('packages/a/src/deep/x.ts', '2')
  seen.push(print())
  write('packages/a/src/y.ts', '')
  seen.push(print())
  rmSync(join(folder, 'packages/a/src/y.ts'))
  write('packages/a/src/z.ts', '')
  seen.push(print())
  write('tsconfig.json', '{ }')
  seen.push(print())
  expect(new Set(seen).size).toBe(5)
})

it('does not change with tests, or with what was built', () => {
  const before = print()
  write('packages/a/src/x.test.ts', 'x')
  write('packages/a/src/node_modules/b/x.ts', 'x')
  write('packages/a/dist/x.js', 'x')
  expect(print()).toBe(before)
})

it('is remembered, and unknown where nothing was remembered', () => {
  const file = stamp(join(folder, 'a/b/stamp'))
  expect(file.read()).toBeUndefined()
  file.write('abc')
  expect(file.read()).toBe('abc')
})

it('is swept after an hour, not before: it may be in use', () => {
  write('made/old', '1')
  write('made/new', '2')
  const longAgo = new Date(Date.now() - 3_700_000)
  utimesSync(join(folder, 'made/old'), longAgo, longAgo)
  sweep(join(folder, 'made'))
  expect(readdirSync(join(folder, 'made'))).toEqual(['new'])
})
