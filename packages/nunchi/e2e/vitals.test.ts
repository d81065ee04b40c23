import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { openStored, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld } from './fixtures/world.ts'

type Project = Awaited<ReturnType<Stored['project']>>

let stored: Stored | undefined
let project: Project

beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())
beforeEach(async ({ skip }) => {
  if (!stored) return skip(inject('postgres').missing.join(' '))
  project = await stored.project()
})

const every = ['CLS', 'FCP', 'INP', 'LCP', 'TTFB']
/** The measures that are stored, by how the page was reached. */
async function measures(type?: string): Promise<string[]> {
  const rows = await project.rows("name = 'Web Vital'")
  return rows
    .filter(({ properties }) => !type || properties.navigationType === type)
    .map(({ properties }) => properties.metric)
    .toSorted()
}

/** A page that a visitor can click on; its answer takes a while. */
function vitalsPage(options = '', after = ''): string {
  const busy = `document.body.insertAdjacentHTML('beforeend', '<button>Buy</button>')
document.querySelector('button').onclick = () => { const end = performance.now() + 60; while (performance.now() < end); document.querySelector('h1').textContent = 'Bought' }`
  return modulePage(stored!.url, `key: '${project.key}', use: [vitals(${options})]`, `${busy}\n${after}`)
}

/** Waits until the page has measured its first paint and the watching has begun. */
async function settle(page: Page): Promise<void> {
  await eventually(() => measures()).toContain('FCP')
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
}

describe('web vitals', () => {
  const world = openWorld({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })

  it('arrive once each, with the beacon of the page that leaves', async () => {
    const { site } = world
    site.put('/', vitalsPage())
    const page = await world.visit()
    await settle(page)
    await page.click('button')
    await page.waitForTimeout(300)
    // The next page is without the SDK: what arrives was handed over by the one that left.
    await page.goto(`${site.url}/elsewhere`)
    await eventually(() => measures()).toEqual(every)
    for (const { properties, page_url } of await project.rows("name = 'Web Vital'")) {
      expect(properties).toEqual({
        metric: expect.any(String),
        value: expect.any(Number),
        delta: properties.value,
        rating: expect.stringMatching(/^(good|needs-improvement|poor)$/),
        id: expect.stringMatching(/^v/),
        navigationType: 'navigate',
      })
      expect(page_url).toBe(`${site.url}/`)
    }
    const [inp] = await project.rows("properties ->> 'metric' = 'INP'")
    expect(inp!.properties.value).toBeGreaterThanOrEqual(48)
  })

  it('arrive when the tab is closed', async () => {
    const { site } = world
    site.put('/', vitalsPage())
    const page = await world.visit()
    await settle(page)
    await page.close({ runBeforeUnload: true })
    await eventually(() => measures()).toEqual(every.filter((metric) => metric !== 'INP'))
  })

  it('arrive again after a return from the back/forward cache, which they do not prevent', async () => {
    const { site } = world
    site.put('/', vitalsPage())
    const page = await world.visit()
    await settle(page)
    await page.click('button')
    await page.waitForTimeout(300)
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }), { once: true })
    })
    await page.goto(`${site.url}/elsewhere`)
    await eventually(() => measures()).toEqual(every)
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => 'persisted' in window && window.persisted)
    await eventually(() => measures('back-forward-cache')).toEqual(['FCP', 'LCP', 'TTFB'])
    await page.goto(`${site.url}/elsewhere`)
    await eventually(() => measures('back-forward-cache')).toEqual(['CLS', 'FCP', 'LCP', 'TTFB'])
    expect(await measures('navigate')).toEqual(every)
  })

  it('are said once, however often the page is hidden and seen again', async () => {
    const { site } = world
    site.put('/', vitalsPage())
    const page = await world.visit()
    await settle(page)
    for (const state of ['hidden', 'visible', 'hidden', 'visible', 'hidden'])
      await page.evaluate((state) => {
        // Something moves in between, so that there would be more to say.
        document.querySelector('h1')!.insertAdjacentHTML('beforebegin', '<p style="height:200px">Sale</p>')
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
      }, state)
    await page.goto(`${site.url}/elsewhere`)
    await eventually(() => measures()).toContain('CLS')
    expect(await measures()).toEqual([...new Set(await measures())])
  })

  it('belong to the page that was loaded, whatever a router shows when they are known', async () => {
    const { site } = world
    site.put('/', vitalsPage('', "setTimeout(() => history.pushState(null, '', '/cart'), 50)"))
    const page = await world.visit()
    await settle(page)
    await page.waitForURL('**/cart')
    await page.goto(`${site.url}/elsewhere`)
    await eventually(() => measures()).toContain('CLS')
    const urls = (await project.rows("name = 'Web Vital'")).map(({ page_url }) => page_url)
    expect(new Set(urls)).toEqual(new Set([`${site.url}/`]))
  })

  it('are not measured on pages outside the sample; a bad sample is said and measures all', async () => {
    const { site } = world
    const warnings: string[] = []
    world.visitor.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text())
    })
    site.put('/', vitalsPage('{ sample: 0 }'))
    const page = await world.visit()
    await page.evaluate(() => window.nunchi.track('seen'))
    await page.waitForTimeout(1500)
    site.put('/bad', vitalsPage("{ sample: 'half' }"))
    await page.goto(`${site.url}/bad`)
    await eventually(() => measures()).toContain('FCP')
    expect(await measures()).toEqual([...new Set(await measures())])
    expect((await project.rows("name = 'seen'")).length).toBe(1)
    expect(warnings).toEqual([expect.stringContaining('option_invalid vitals.sample')])
  })
})
