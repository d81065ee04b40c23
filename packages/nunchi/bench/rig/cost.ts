/** What an SDK costs the main thread: its CPU time as Chromium counts it, above that of a page without one. */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { newVisitor } from './browser.ts'
import { startRecorder } from './recorder.ts'
import { type Site, startSite } from './site.ts'

/** A script to measure: `''` for none. */
export interface Subject {
  name: string
  script: string
}

/** Load, init and the first event, in ms of the main thread. */
export interface BootCost {
  /** In JavaScript. */
  script: number
  /** In all tasks: parsing, layout and the browser's own work too. */
  task: number
}

/** `track()`, in µs of the main thread a call. */
export interface TrackCost {
  /** Until the calls return, of many in one task. */
  sync: number
  /** Until the page is idle again, delivery included, of many in one task. */
  burst: number
  /** Until the page is idle again, of calls that have a task each. */
  single: number
}

/** Calls in one task, and calls that have one each. */
const calls = { burst: 200, single: 50 }
/** Between single calls, in ms. */
const apart = 40
/** Within this every SDK here has sent what it has, in ms. */
const untilIdle = 5600

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Main-thread CPU so far, in ms. */
async function used(devtools: CDPSession): Promise<BootCost> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  const of = (name: string) => 1000 * (metrics.find((metric) => metric.name === name)?.value ?? 0)
  return { script: of('ScriptDuration'), task: of('TaskDuration') }
}

/** Gives a new visitor's page of a site that carries the subject, with a counter of its main thread. */
async function withPage<Result>(
  browser: Browser,
  { script }: Subject,
  work: (page: Page, devtools: CDPSession, site: Site) => Promise<Result>,
): Promise<Result> {
  const recorder = await startRecorder()
  const stub = 'window.sdk = { init() {}, track() {} }'
  const site = await startSite({
    script: script || stub,
    host: `http://127.0.0.1:${recorder.port}`,
    key: recorder.key,
  })
  const visitor = await newVisitor(browser)
  try {
    const page = await visitor.newPage()
    const devtools = await visitor.newCDPSession(page)
    // Thread ticks count this thread's own CPU time, whatever else the machine does.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
    return await work(page, devtools, site)
  } finally {
    await visitor.close()
    await site.close()
    await recorder.close()
  }
}

/** Measures load, init and the first event once. */
export function bootCost(browser: Browser, subject: Subject): Promise<BootCost> {
  return withPage(browser, subject, async (page, devtools, site) => {
    await page.goto(`${site.url}/first`)
    await sleep(1500)
    return used(devtools)
  })
}

/** Opens a page on which the subject is warm and idle. */
async function warmUp(page: Page, site: Site): Promise<void> {
  await page.goto(site.url)
  await sleep(1500)
  await trackMany(page, 30)
  await sleep(untilIdle)
}

/** Tracks many in one task. @returns how long the calls took, in ms */
function trackMany(page: Page, count: number): Promise<number> {
  return page.evaluate(
    (count) =>
      new Promise<number>((resolve) => {
        setTimeout(() => {
          const from = performance.now()
          for (let i = 0; i < count; i++)
            window.sdk.track('Product Added', { product: 'lamp', price: 12.5, quantity: i, currency: 'KRW' })
          resolve(performance.now() - from)
        })
      }),
    count,
  )
}

function trackSingly(page: Page): Promise<void> {
  return page.evaluate(
    async ([count, apart]) => {
      for (let i = 0; i < count; i++) {
        window.sdk.track('Product Added', { product: 'lamp', price: 12.5, quantity: i, currency: 'KRW' })
        await new Promise((resolve) => setTimeout(resolve, apart))
      }
    },
    [calls.single, apart] as const,
  )
}

/** Measures `track()` once. */
export function trackCost(browser: Browser, subject: Subject): Promise<TrackCost> {
  return withPage(browser, subject, async (page, devtools, site) => {
    await warmUp(page, site)
    const before = await used(devtools)
    const sync = await trackMany(page, calls.burst)
    await sleep(untilIdle)
    const between = await used(devtools)
    await trackSingly(page)
    await sleep(untilIdle)
    const after = await used(devtools)
    return {
      sync: (1000 * sync) / calls.burst,
      burst: (1000 * (between.task - before.task)) / calls.burst,
      single: (1000 * (after.task - between.task)) / calls.single,
    }
  })
}

/** Names the source file of a line of an unminified bundle, by the comment that esbuild puts before each. */
function fileNames(script: string): (line: number) => string {
  let file = ''
  const files = script.split('\n').map((line) => {
    file = /^\s*\/\/ (\S+\.[cm]?[jt]sx?)$/.exec(line)?.[1] ?? file
    return file.replace(/^.*\/(?=src\/|node_modules\/)/, '')
  })
  return (line) => ` ${files[line] ?? ''}`
}

/** What a profile is of: load to first event, many calls in a task, or calls with a task each. */
export const profiled = ['boot', 'burst', 'single'] as const

/** Where the time went, until the page was idle: own time by function and file, in µs (a call). */
export function profileOf(
  browser: Browser,
  subject: Subject,
  what: (typeof profiled)[number],
): Promise<Map<string, number>> {
  return withPage(browser, subject, async (page, devtools, site) => {
    if (what !== 'boot') await warmUp(page, site)
    await devtools.send('Profiler.enable')
    await devtools.send('Profiler.setSamplingInterval', { interval: 50 })
    await devtools.send('Profiler.start')
    if (what === 'boot') await page.goto(`${site.url}/first`)
    else if (what === 'burst') await trackMany(page, calls.burst)
    else await trackSingly(page)
    await sleep(untilIdle)
    const { profile } = await devtools.send('Profiler.stop')
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
    const own = new Map<string, number>()
    const fileAt = fileNames(subject.script)
    const divisor = what === 'boot' ? 1 : calls[what]
    for (const [i, id] of (profile.samples ?? []).entries()) {
      const { functionName, lineNumber } = nodes.get(id)!.callFrame
      if (/^\((idle|root)\)$/.test(functionName)) continue
      const name = `${functionName || '(anonymous)'}${lineNumber < 0 ? '' : fileAt(lineNumber)}`
      own.set(name, (own.get(name) ?? 0) + (profile.timeDeltas?.[i + 1] ?? 0) / divisor)
    }
    return new Map([...own].sort(([, a], [, b]) => b - a))
  })
}
