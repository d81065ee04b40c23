/** The last line of `npm test` counts everything that went wrong, also what went wrong outside of a test. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Tally } from './tally.ts'

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/nunchi')
let folder = ''

beforeEach(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'tally-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs Vitest in a process of its own on these files, and gives what was counted. */
function count(files: { [name: string]: string }): Tally {
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), `import { beforeAll, describe, expect, it } from 'vitest'\n${text}`)
  const program = `
    import { startVitest } from 'vitest/node'
    import { tally } from ${JSON.stringify(join(import.meta.dirname, 'tally.ts'))}
    const root = ${JSON.stringify(folder)}
    const { reporter, counts } = tally(root)
    const exclude = ['nothing']
    const vitest = await startVitest('test', [], { root, config: false, watch: false, exclude, reporters: [reporter] })
    await vitest.close()
    console.log('counted ' + JSON.stringify(counts))
    process.exit()
  `
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: '' },
  })
  const line = /^counted (.*)$/m.exec(done.stdout)?.[1]
  if (!line) throw new Error(`${done.stdout}${done.stderr}`)
  return JSON.parse(line)
}

it('counts what passed, what failed, and each skip with its reason', () => {
  const tests = `
    it('passes', () => {})
    it('fails', () => expect(1).toBe(2))
    it('is left out', (test) => test.skip('there is no Postgres'))
    it.todo('is not written')
  `
  expect(count({ 'a.test.ts': tests })).toEqual({
    passed: 1,
    failed: 1,
    skipped: [
      { test: 'a.test.ts › is left out', reason: 'there is no Postgres' },
      { test: 'a.test.ts › is not written', reason: 'no reason given' },
    ],
    shaky: [],
  })
})

it('names what passed only when it was tried again, with what it said the first time', () => {
  const tests = `
    let times = 0
    it('is shaky', { retry: 1 }, () => expect(++times).toBe(2))
    it('is firm', { retry: 1 }, () => {})
    it('is broken', { retry: 1 }, () => expect(1).toBe(2))
  `
  const { passed, failed, shaky } = count({ 'a.test.ts': tests })
  expect({ passed, failed }).toEqual({ passed: 2, failed: 1 })
  expect(shaky).toEqual([
    { test: 'a.test.ts › is shaky', reason: expect.stringContaining('expected 1 to be 2') },
  ])
})

it('counts a file that cannot be loaded, a set-up that throws, and an error that nobody caught', () => {
  expect(count({ 'a.test.ts': "import './gone.ts'" })).toMatchObject({ failed: 1 })
  expect(
    count({
      'a.test.ts': "describe('a', () => { beforeAll(() => { throw new Error('x') }); it('b', () => {}) })",
    }).failed,
  ).toBeGreaterThan(0)
  expect(
    count({
      'a.test.ts':
        "it('b', () => { setTimeout(() => { throw new Error('later') }); return new Promise((r) => setTimeout(r, 50)) })",
    }).failed,
  ).toBeGreaterThan(0)
})
