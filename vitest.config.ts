/** Where each test runs: Node, a simulated page (happy-dom), or a real Chromium. */
import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectConfiguration, type ViteUserConfig } from 'vitest/config'
import { chromiumArgs, findChromium } from './scripts/lib/chromium.ts'

const rooms = '{packages,edge,examples,scripts}/**'
const never = ['**/node_modules/**', '**/dist/**']
const executablePath = findChromium()
// Set by npm test: what a test starts as a process of its own counts as run, too.
const spawned = process.env['NUNCHI_SPAWNED_COVERAGE']

// Most tests wait for a browser, a server or a clock: a worker less than there are cores would waste half of two.
// What decides whether a change lands has each of them alone: no browser of another slows its clock.
const maxWorkers = process.env['CI'] === 'true' ? 1 : Math.max(2, availableParallelism())
// How long a test waits for what must come says nothing of the product: a slow machine fails none.
const patient = { poll: { timeout: 20_000 } }
// In CI a test that fails is tried once more, and named in the summary: one race in a run must not hide the rest of it.
const retry = process.env['CI'] === 'true' ? 1 : 0

const node: TestProjectConfiguration = {
  test: {
    name: 'node',
    include: [`${rooms}/*.test.{ts,tsx}`],
    exclude: [...never, '**/*.{dom,browser}.test.{ts,tsx}'],
    globalSetup: ['./scripts/lib/postgres.setup.ts'],
    maxWorkers,
    expect: patient,
    retry,
    env: spawned ? { NODE_V8_COVERAGE: spawned } : {},
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
}

const dom: TestProjectConfiguration = {
  test: {
    name: 'dom',
    environment: 'happy-dom',
    include: [`${rooms}/*.dom.test.{ts,tsx}`],
    exclude: never,
    maxWorkers,
    expect: patient,
    retry,
    testTimeout: 30_000,
  },
}

const browser: TestProjectConfiguration = {
  test: {
    name: 'browser',
    include: [`${rooms}/*.browser.test.{ts,tsx}`],
    // One origin has one sender: two files at once would wait for each other's lock.
    fileParallelism: false,
    sequence: { groupOrder: 1 },
    expect: patient,
    retry,
    exclude: never,
    testTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath: executablePath ?? '', args: [...chromiumArgs] },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
}

const config: ViteUserConfig = defineConfig({
  test: {
    // Without a Chromium, scripts/lib/chromium.test.ts is the skipped test that says so.
    projects: executablePath ? [node, dom, browser] : [node, dom],
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.{ts,tsx}', 'edge/*/{src,deploy}/**/*.{ts,tsx}'],
      exclude: ['**/*.test.{ts,tsx}', '**/{testing,contract}.ts'],
      reporter: ['json'],
      reportsDirectory: 'coverage',
    },
  },
})

export default config
