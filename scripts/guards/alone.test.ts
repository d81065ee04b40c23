/** Every test that drives a browser runs alone, and one that would not is caught. */
import { expect, it } from 'vitest'
import { crowdedBrowsers } from './alone.ts'
import { expectNone } from './expect-none.ts'
import { readSources } from './source.ts'

const driver = "import { chromium } from 'playwright-core'"
const around = [
  { path: 'edge/a/test/visit.ts', text: driver },
  { path: 'edge/a/test/page.ts', text: "import { visit } from './visit.ts'\nimport './page.ts'" },
]
const check = (path: string, text: string) => crowdedBrowsers([...around, { path, text }])

it('drives a browser only where nothing runs beside it', () => {
  expectNone(crowdedBrowsers(readSources()))
})

it.each([
  ['edge/a/src/a.test.ts', driver],
  ['edge/a/src/a.test.ts', "import { open } from '../test/page.ts'"],
  ['examples/a/server/a.test.ts', driver],
])('catches %s: %s', (path, text) => {
  expect(check(path, text)).toEqual([
    `${path} drives a browser, and would run beside other tests. Name it a.e2e.test.ts, or move it into a folder e2e.`,
  ])
})

it.each([
  ['edge/a/src/a.e2e.test.ts', driver],
  ['packages/a/e2e/a.test.ts', driver],
  ['examples/a/a.test.ts', driver],
  ['scripts/a.test.ts', driver],
  ['edge/a/src/a.test.ts', "import type { Page } from 'playwright-core'"],
  ['edge/a/src/a.test.ts', "import { a } from './b.ts'"],
])('takes %s: %s', (path, text) => {
  expect(check(path, text)).toEqual([])
})
