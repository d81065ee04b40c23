/** Counts what a test run did, with the reason of every skip; a reporter for Vitest. */
import { relative } from 'node:path'
import type { Reporter, TestModule, TestSuite } from 'vitest/node'

/** What a run came to. */
export interface Tally {
  passed: number
  failed: number
  skipped: { test: string; reason: string }[]
  /** What passed only when it was tried again, each with what it said the first time. */
  shaky: { test: string; reason: string }[]
}

/** Suites and files that failed outside of any test: a broken import, a `beforeAll`. */
function failedOutside(module: TestModule): number {
  const suites = (parent: TestModule | TestSuite): number =>
    [...parent.children.suites()].reduce((sum, suite) => sum + suites(suite), 0) +
    (parent.errors().length > 0 ? 1 : 0)
  return suites(module)
}

/** Makes a reporter and the tally that it fills when the run ends. */
export function tally(root: string): { reporter: Reporter; counts: Tally } {
  const counts: Tally = { passed: 0, failed: 0, skipped: [], shaky: [] }
  const reporter: Reporter = {
    onTestRunEnd(modules, unhandled) {
      counts.failed += unhandled.length
      for (const module of modules) {
        counts.failed += failedOutside(module)
        for (const test of module.children.allTests()) {
          const result = test.result()
          const name = `${relative(root, module.moduleId)} › ${test.fullName}`
          if (test.diagnostic()?.flaky)
            counts.shaky.push({ test: name, reason: result.errors?.[0]?.message ?? 'no reason given' })
          if (result.state === 'passed') counts.passed++
          else if (result.state === 'failed') counts.failed++
          else
            counts.skipped.push({
              test: name,
              reason: (result.state === 'skipped' && result.note) || 'no reason given',
            })
        }
      }
    },
  }
  return { reporter, counts }
}
