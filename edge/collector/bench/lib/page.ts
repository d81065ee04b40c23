/** A page in a real Chromium that tracks all the time with the SDK, and how much memory it keeps. */
import type { Page } from 'playwright-core'
import { launch } from '../../../../packages/nunchi/bench/rig/browser.ts'
import { bundleSdk } from '../../../../packages/nunchi/bench/rig/sdks.ts'
import { startSite } from '../../../../packages/nunchi/bench/rig/site.ts'
import type { Target } from './load.ts'

/** A page that tracks. */
export interface TrackingPage {
  label: string
  /** Bytes of JavaScript objects that are in use after a collection. */
  heap(): Promise<number>
  /** Stops tracking, waits until everything is delivered, and answers how many events it tracked. */
  finish(): Promise<number>
  close(): Promise<void>
}

declare global {
  interface Window {
    tracked: number
    timer: ReturnType<typeof setInterval>
  }
}

function beginTracking(page: Page, everyMs: number): Promise<void> {
  return page.evaluate((ms) => {
    window.tracked = 0
    window.timer = setInterval(() => {
      window.sdk.track('Soak Tick', { n: window.tracked++, sku: 'lamp', price: 39 })
    }, ms)
  }, everyMs)
}

/**
 * Opens it, tracking an event every `everyMs`.
 *
 * @param stored how many of the page's events are in the table by now
 */
export async function openPage(
  { url, key }: Target,
  everyMs: number,
  stored: () => Promise<number>,
): Promise<TrackingPage> {
  const { script, label } = await bundleSdk('nunchi')
  const site = await startSite({ script, host: url, key })
  const browser = await launch()
  const page = await browser.newPage()
  await page.goto(site.url)
  const devtools = await page.context().newCDPSession(page)
  await beginTracking(page, everyMs)
  return {
    label: `${label} in Chromium ${browser.version()}`,
    async heap() {
      await devtools.send('HeapProfiler.collectGarbage')
      return (await devtools.send('Runtime.getHeapUsage')).usedSize
    },
    async finish() {
      const tracked = await page.evaluate(() => {
        clearInterval(window.timer)
        return window.tracked
      })
      const end = Date.now() + 30_000
      while ((await stored()) < tracked && Date.now() < end) await new Promise((go) => setTimeout(go, 200))
      return tracked
    },
    async close() {
      await browser.close()
      await site.close()
    },
  }
}
