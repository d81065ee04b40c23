/** `npm test`: types, style, unused code, the build, every test and its coverage; the last line counts them. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseCLI, startVitest } from 'vitest/node'
import { countLines, coverageGaps, type FileCoverage, packageCoverage } from '../lib/coverage.ts'
import { spawnedCoverage } from '../lib/spawned-coverage.ts'
import { runSteps, type Step } from '../lib/steps.ts'
import { type Tally, tally } from '../lib/tally.ts'

const root = join(import.meta.dirname, '../..')
const coverage = join(root, 'coverage')
const spawned = join(root, 'node_modules/.cache/nunchi/spawned-coverage')
const args = process.argv.slice(2)
const strict = process.env['CI'] === 'true'
const whole = args.length === 0

const checks: Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types without Node', command: ['tsc', '-p', 'scripts/tsconfig.anywhere.json'] },
  { name: 'style', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'unused', command: ['knip', '--no-config-hints'] },
  { name: 'build', command: ['node', 'scripts/tasks/build.ts'] },
]

/** Runs the tests; what is given behind `npm test --` goes to Vitest as it stands. */
async function runTests(): Promise<Tally> {
  const { reporter, counts } = tally(root)
  rmSync(spawned, { recursive: true, force: true })
  // vitest.config.ts hands it to the processes that tests start.
  if (whole) process.env['NUNCHI_SPAWNED_COVERAGE'] = spawned
  const { filter, options } = parseCLI(['vitest', 'run', ...args])
  const vitest = await startVitest('test', filter, {
    ...options,
    root,
    watch: false,
    reporters: ['default', reporter],
    coverage: { enabled: whole, reportsDirectory: coverage, reportOnFailure: true },
  })
  await vitest.close()
  // Vitest sets it for its own failures; the last line's count decides here.
  process.exitCode = 0
  // A mistyped filter must not pass for success.
  if (counts.passed + counts.failed + counts.skipped.length === 0) counts.failed = 1
  return counts
}

/** The line coverage by package, and the sentences of those below the floor. */
function checkCoverage(): string[] {
  const report = join(coverage, 'coverage-final.json')
  if (!existsSync(report)) return ['The tests left no coverage report; see above why they stopped.']
  const files = JSON.parse(readFileSync(report, 'utf8')) as { [path: string]: FileCoverage }
  const summary = countLines(files, spawnedCoverage(spawned))
  console.log('\n── line coverage')
  for (const [folder, percent] of packageCoverage(summary))
    console.log(`   ${percent.toFixed(1)} %  ${folder}`)
  return coverageGaps(summary)
}

const { passed, failed } = runSteps(whole ? checks : [])
const tests = await runTests().catch((error: unknown) => {
  console.error(error)
  return { passed: 0, failed: 1, skipped: [], shaky: [] }
})
const gaps = whole ? checkCoverage() : []
for (const sentence of gaps) console.error(`   ${sentence}`)

if (tests.skipped.length > 0) {
  console.log(`\n── skipped${strict ? '; in CI a skip is a failure' : ''}`)
  for (const { test, reason } of tests.skipped) console.log(`   ${test}\n     ${reason}`)
}
if (tests.shaky.length > 0) {
  console.log('\n── passed only when tried again; each of them is a fault to find')
  for (const { test, reason } of tests.shaky) console.log(`   ${test}\n     ${reason}`)
}
if (failed.length > 0) console.error(`\n── failed: ${failed.join(', ')}`)

const skipped = tests.skipped.length
const good = passed + tests.passed + (whole && gaps.length === 0 ? 1 : 0)
const bad = failed.length + tests.failed + gaps.length + (strict ? skipped : 0)
console.log(`\n${good} passed, ${bad} failed${skipped > 0 && !strict ? `, ${skipped} skipped` : ''}`)
process.exitCode = bad > 0 ? 1 : 0
