/** What a started process ran is counted, branch by branch. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { spawnedCoverage } from './spawned-coverage.ts'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'nunchi-spawned-')))
  mkdirSync(join(folder, 'edge/a'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const program = `/** A program. */
interface Answer { text: string }
function never(): Answer {
  return { text: 'never' }
}
export function answer(loud: boolean): Answer {
  if (loud) {
    return { text: 'LOUD' }
  }
  return { text: 'quiet' }
}
answer(process.argv[2] === 'loud')
`

it('tells the lines that any of the processes ran from those that none did', () => {
  const path = join(folder, 'edge/a/program.ts')
  const reports = join(folder, 'reports')
  writeFileSync(path, program)
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [path, ...args], { env: { ...process.env, NODE_V8_COVERAGE: reports } })
  const lines = (numbers: number[]) => {
    const ran = spawnedCoverage(reports)
    return numbers.filter((line) => ran(path, line, 2))
  }
  expect(lines([4, 7, 8, 10])).toEqual([])
  start('quiet')
  expect(lines([4, 7, 8, 10])).toEqual([7, 10])
  start('loud')
  expect(lines([4, 7, 8, 10])).toEqual([7, 8, 10])
})

it('counts the report of a process that was killed while it wrote as if it were not there', () => {
  const path = join(folder, 'edge/a/program.ts')
  const reports = join(folder, 'reports')
  writeFileSync(path, program)
  spawnSync(process.execPath, [path, 'loud'], { env: { ...process.env, NODE_V8_COVERAGE: reports } })
  writeFileSync(join(reports, 'coverage-1-1-0.json'), '{"result":[{"url":"file')
  expect(spawnedCoverage(reports)(path, 8, 2)).toBe(true)
})
