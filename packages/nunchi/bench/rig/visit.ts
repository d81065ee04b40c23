/** One visit of a shop on a slow device: how late its interactions were painted, and how long the SDK's own work took. */
import type { Browser, Page } from 'playwright-core'
import { newVisitor } from './browser.ts'
import { startRecorder } from './recorder.ts'
import { startSite } from './site.ts'

/** What one visit felt like, in ms. */
export interface Feel {
  /** Interaction to Next Paint: the worst of the visit's interactions, as web-vitals has it. */
  inp: number
  /** The mean of all interactions. */
  mean: number
  /** The longest single piece of the SDK's own work in a frame longer than 50 ms; 0 where there is none. */
  own: number
  /** What called that piece, such as `Window.onclick`. */
  by: string
  /** Tasks longer than 50 ms, whoever made them. */
  long: number
}

/** A script's part of a long frame. */
interface Script {
  sourceURL: string
  duration: number
  invoker: string
}

/** What the page has collected. */
interface Found extends Omit<Feel, 'inp' | 'mean'> {
  /** The latest paint of each interaction, by its id. */
  interactions: Record<number, number>
}

/** Below this no event is told of: that is how Event Timing has it, in ms. */
const least = 16

/** Collects interactions, long tasks and long frames from the first moment on. */
function observe(): void {
  const found: Found = { interactions: {}, own: 0, by: '', long: 0 }
  Object.assign(window, { found })
  const watch = (type: string, take: (entry: PerformanceEntry) => void, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...options,
    } as PerformanceObserverInit)
  watch(
    'event',
    (entry) => {
      const { interactionId: id = 0, duration } = entry as PerformanceEntry & { interactionId?: number }
      if (id) found.interactions[id] = Math.max(found.interactions[id] ?? 0, duration)
    },
    { durationThreshold: 16 },
  )
  watch('longtask', () => {
    found.long++
  })
  watch('long-animation-frame', (entry) => {
    const { scripts } = entry as PerformanceEntry & { scripts: Script[] }
    for (const { sourceURL, duration, invoker } of scripts)
      if (/\/sdk\.js$/.test(sourceURL) && duration > found.own)
        Object.assign(found, { own: duration, by: invoker.replace(/^.*\//, '') })
  })
}

/** What a visitor does: looks, adds, scrolls, searches. @returns how many interactions that were */
async function behave(page: Page): Promise<number> {
  const pause = () => page.waitForTimeout(120)
  for (let i = 0; i < 8; i++) {
    await page.locator('.add').nth(i).click()
    await pause()
    if (i % 3 === 2) await page.mouse.wheel(0, 200)
  }
  await page.locator('article a').nth(9).click()
  await pause()
  await page.click('#search')
  for (const letter of 'Lamp 1') {
    await page.keyboard.press(letter)
    await pause()
  }
  await page.click('#open')
  await page.waitForTimeout(400)
  return 8 + 1 + 1 + 6 + 1
}

/**
 * Visits the shop once.
 *
 * @param script the SDK's; `''` for a shop without one
 * @param slowdown how many times slower the device is
 */
export async function visitShop(browser: Browser, script: string, slowdown: number): Promise<Feel> {
  const recorder = await startRecorder()
  const host = `http://127.0.0.1:${recorder.port}`
  const stub = 'window.sdk = { init() {}, track() {} }'
  const site = await startSite({ script: script || stub, host, key: recorder.key })
  const visitor = await newVisitor(browser)
  try {
    await visitor.addInitScript(observe)
    const page = await visitor.newPage()
    const devtools = await visitor.newCDPSession(page)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await page.goto(`${site.url}/shop`)
    await page.waitForTimeout(800)
    const made = await behave(page)
    const { interactions, ...tasks } = await page.evaluate(
      () => (window as unknown as { found: Found }).found,
    )
    // What was painted within the least is not told of, but it happened.
    const told = Object.values(interactions)
    const all = [...told, ...Array<number>(Math.max(0, made - told.length)).fill(least / 2)]
    const sum = all.reduce((total, one) => total + one, 0)
    return { inp: Math.max(...all), mean: sum / all.length, ...tasks }
  } finally {
    await visitor.close()
    await site.close()
    await recorder.close()
  }
}
