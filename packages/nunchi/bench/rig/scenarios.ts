/** The scenarios: ways in which pages and servers really go away. */
import type { BrowserContext, Page } from 'playwright-core'
import { landing, type Site } from './site.ts'
import type { Way } from './way.ts'

/** What a scenario plays on. */
export interface Stage {
  visitor: BrowserContext
  site: Site
  way: Way
  /** Makes the marker of the next event that must arrive. */
  mark(): string
  /** An event that must arrive too, though the page marks it. */
  expect(marker: string): void
  /** What has arrived by now counts as delivered at once. */
  noteArrived(): Promise<void>
}

/** One scenario. */
export interface Scenario {
  name: string
  /** What happens, for the reader of the table. */
  says: string
  /** How many events must arrive. */
  events: number
  /** One way, in ms. */
  latency: number
  play(stage: Stage): Promise<void>
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const times = (count: number, mark: () => string): string[] => Array.from({ length: count }, mark)

/** So long an SDK has to start before anything happens, in ms. */
const warm = 1800
/** So long what a page left behind may take to arrive, in ms. */
const settle = 3000
/** So long a visitor who came back stays, in ms. */
const stay = 13_000

async function open({ visitor, site }: Stage): Promise<Page> {
  const page = await visitor.newPage()
  await page.goto(site.url)
  await sleep(warm)
  return page
}

/** Tracks all in one task; `leave` navigates away in the next one. */
function track(page: Page, markers: string[], { bytes = 0, leave = false } = {}): Promise<void> {
  return page.evaluate(
    ([markers, bytes, leave]) => {
      const text = 'x'.repeat(bytes)
      for (const marker of markers) window.sdk.track('Product Added', { marker, ...(bytes && { text }) })
      if (leave)
        setTimeout(() => {
          location.href = '/away'
        })
    },
    [markers, bytes, leave] as const,
  )
}

/** Comes back to a page with the SDK, tracks something new, and stays a while. */
async function comeBack(stage: Stage, tabs = 1): Promise<void> {
  const pages = await Promise.all(times(tabs, () => '').map(() => open(stage)))
  for (const page of pages) await track(page, ['~fresh~'])
  await sleep(stay)
}

/** Goes away after `count` events, and comes back. */
async function leaveAndReturn(stage: Stage, count: number, bytes = 0): Promise<void> {
  const page = await open(stage)
  await track(page, times(count, stage.mark), { bytes, leave: true })
  await page.waitForURL('**/away')
  await sleep(settle)
  await stage.noteArrived()
  await page.close()
  await comeBack(stage)
}

/** All of them, the control first. */
export const scenarios: Scenario[] = [
  {
    name: 'stay',
    says: 'control: 5 events on a page that stays 14 s',
    events: 5,
    latency: 0,
    async play(stage) {
      const page = await open(stage)
      await track(page, times(5, stage.mark))
      await sleep(14_000)
    },
  },
  {
    name: 'click',
    says: '5 events, then location.href in the next task; 150 ms latency',
    events: 5,
    latency: 150,
    play: (stage) => leaveAndReturn(stage, 5),
  },
  {
    name: 'bounce',
    says: '1 event at DOMContentLoaded, then location.href; 150 ms latency',
    events: 1,
    latency: 150,
    async play(stage) {
      const page = await stage.visitor.newPage()
      stage.expect(landing)
      await page.goto(`${stage.site.url}/bounce`)
      await page.waitForURL('**/away')
      await sleep(settle)
      await stage.noteArrived()
      await page.close()
      await comeBack(stage)
    },
  },
  {
    name: 'burst',
    says: '40 events of 4 kB, then location.href',
    events: 40,
    latency: 0,
    play: (stage) => leaveAndReturn(stage, 40, 4000),
  },
  {
    name: 'down',
    says: 'connections are reset, the tab is closed after 6.5 s; a new visit finds them well',
    events: 5,
    latency: 0,
    async play(stage) {
      stage.way.set('cut')
      const page = await open(stage)
      await track(page, times(5, stage.mark))
      await sleep(6500)
      await page.close()
      stage.way.set('open')
      await sleep(settle)
      await stage.noteArrived()
      await comeBack(stage)
    },
  },
  {
    name: '429',
    says: '429 with Retry-After: 1 for 6 s, then well; the same tab stays 14 s more',
    events: 5,
    latency: 0,
    async play(stage) {
      stage.way.set({ status: 429, headers: { 'retry-after': '1' } })
      const page = await open(stage)
      await track(page, times(5, stage.mark))
      await sleep(6000)
      await stage.noteArrived()
      stage.way.set('open')
      await sleep(14_000)
    },
  },
  {
    name: 'two-tabs',
    says: 'two tabs get 503 for 5 events each and are closed; two new tabs find all well',
    events: 10,
    latency: 0,
    async play(stage) {
      stage.way.set({ status: 503 })
      const pages = await Promise.all([open(stage), open(stage)])
      for (const page of pages) await track(page, times(5, stage.mark))
      await sleep(3000)
      for (const page of pages) await page.close()
      stage.way.set('open')
      await sleep(settle)
      await stage.noteArrived()
      await comeBack(stage, 2)
    },
  },
]
