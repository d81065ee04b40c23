/** `npm test`: types, style, and every test; the last line counts them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSteps, type Step } from '../lib/steps.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nunchi-test-'))
const report = join(scratch, 'vitest.json')
const filters = process.argv.slice(2)

const steps: Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'style', command: ['biome', 'check', '--error-on-warnings', '.'] },
  {
    name: 'tests',
    command: [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...filters,
    ],
  },
]

const { passed, failed } = runSteps(filters.length > 0 ? steps.slice(-1) : steps)

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: { name: string; status: string; assertionResults: unknown[] }[]
}
const counts = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as VitestReport) : undefined
rmSync(scratch, { recursive: true, force: true })

const skipped = counts?.numPendingTests ?? 0
const strict = process.env['CI'] === 'true'
if (strict && skipped > 0) console.error(`\n${skipped} tests were skipped; in CI a skip is a failure.`)
const good = passed + (counts ? counts.numPassedTests - (failed.includes('tests') ? 0 : 1) : 0)
const bad =
  failed.length +
  Math.max(0, (counts?.numFailedTests ?? 0) - (failed.includes('tests') ? 1 : 0)) +
  (strict ? skipped : 0)
console.log(`\n${good} passed, ${bad} failed${skipped > 0 && !strict ? `, ${skipped} skipped` : ''}`)
process.exitCode = bad > 0 ? 1 : 0
