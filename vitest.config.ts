/** Where each test runs: Node, a simulated page (happy-dom), a real Chromium; or alone, with all that it starts. */
import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectConfiguration, type ViteUserConfig } from 'vitest/config'
import { alone } from './scripts/lib/alone.ts'
import { chromiumArgs, findChromium } from './scripts/lib/chromium.ts'

const rooms = '{packages,edge,examples,scripts}/**'
const never = ['**/node_modules/**', '**/dist/**']
const executablePath = findChromium()
// Set by npm test: what a test starts as a process of its own counts as run, too.
const spawned = process.env['NUNCHI_SPAWNED_COVERAGE']

// A worker for each core, and two where there is one: many a test waits for a server or a disk.
const maxWorkers = Math.max(2, availableParallelism())
// How long a test waits for what must come says nothing of the product: a slow machine fails none.
const patient = { poll: { timeout: 20_000 } }
const testTimeout = 60_000
const hookTimeout = 120_000
// In CI a test that fails is tried once more, and named in the summary: one race in a run must not hide the rest of it.
const retry = process.env['CI'] === 'true' ? 1 : 0

const elsewhere = ['**/*.{dom,browser}.test.{ts,tsx}']
const env = spawned ? { NODE_V8_COVERAGE: spawned } : {}

const node: TestProjectConfiguration = {
  test: {
    name: 'node',
    include: [`${rooms}/*.test.{ts,tsx}`],
    exclude: [...never, ...elsewhere, ...alone],
    maxWorkers,
    expect: patient,
    retry,
    env,
    testTimeout,
    hookTimeout,
  },
}

const e2e: TestProjectConfiguration = {
  test: {
    name: 'e2e',
    include: [...alone],
    exclude: [...never, ...elsewhere],
    // Each has the machine to itself: no browser of another slows its clock.
    fileParallelism: false,
    // Projects of one group run beside each other, so each of these has a group.
    sequence: { groupOrder: 2 },
    expect: patient,
    retry,
    env,
    testTimeout,
    hookTimeout,
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
    testTimeout,
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
    testTimeout,
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
    // Without a Chromium, scripts/lib/chromium.e2e.test.ts is the skipped test that says so.
    projects: executablePath ? [node, dom, browser, e2e] : [node, dom, e2e],
    passWithNoTests: false,
    // Once for all projects.
    globalSetup: ['./scripts/lib/postgres.setup.ts'],
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
