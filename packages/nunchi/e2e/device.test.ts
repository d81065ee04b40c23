import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../../scripts/lib/chromium.ts'
import { type BareBrowser, bareBrowser, type Tab } from './fixtures/bare-browser.ts'
import { modulePage } from './fixtures/site.ts'
import { crash, eventually, expectStored, named, openWorld, ready, track } from './fixtures/world.ts'

describe('a device that fails', () => {
  const world = openWorld()

  it('crashes the page right after track() resolved: the next visit delivers', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 60000'))
    // What a page finds in the store when it opens goes out within a second: not from the page that crashes.
    collector.fate = () => ({ status: 503 })
    const page = await world.visit()
    expect(await track(page, 'crash', 5)).toEqual(named('crash', 5).map(() => ({ durable: true })))
    await crash(page)
    expect(collector.names()).toEqual([])
    collector.fate = () => undefined
    await world.visit()
    await expectStored(collector, named('crash', 5))
  })

  it('crashes between the commit and the ack: the same ids come again', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) => (before ? undefined : { delay: 2000 })
    const page = await world.visit()
    await track(page, 'between', 3)
    await eventually(() => collector.ids().length).toBe(3)
    await crash(page)
    await world.visit()
    await eventually(() => collector.duplicates()).toBe(3)
    expect(collector.names()).toEqual(named('between', 3))
  })

  it('reliability 5: is full: the oldest are given up, exposures and who somebody is last, all counted', async () => {
    const { collector, site, visitor } = world
    const exposing = `{ name: 'exposing', setup: ({ record }) => () =>
      record('track', 'Experiment Viewed', () => ({}), { keep: true }) }`
    site.put('/', modulePage(collector.url, `use: [${exposing}]`))
    collector.fate = () => ({ status: 503 })
    const page = await world.visit()
    const devtools = await visitor.newCDPSession(page)
    const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin: site.url })
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: usage + 400_000 })
    await page.evaluate(async () => {
      // Text that the database cannot compress away.
      const noise = () =>
        Array.from(crypto.getRandomValues(new Uint32Array(2500)), (word) => word.toString(36)).join('')
      await window.nunchi.identify('somebody')
      await window.nunchi.exposing()
      for (let i = 0; i < 60; i++) await window.nunchi.track(`full-${i}`, { text: noise() })
    })
    // Only the page that comes reports what was lost: a report whose answer is lost is made again.
    await page.reload()
    await ready(page)
    collector.fate = () => undefined
    await page.evaluate(() => localStorage.removeItem('nunchi.next'))
    await page.evaluate(() => window.nunchi.flush())
    await eventually(() => collector.names()).toContain('full-59')
    await track(page, 'after', 1)
    await eventually(() => collector.names()).toContain('after-0')
    expect(collector.names()).toEqual(expect.arrayContaining(['identify', 'Experiment Viewed']))
    expect(collector.names()).not.toContain('full-0')
    const reported = collector.attempts
      .filter(({ recorded }) => recorded)
      .reduce((sum, { batch }) => sum + (batch.dropped?.store_full ?? 0), 0)
    expect(collector.ids().length + reported).toBe(63)
  })

  /** What Safari does to a site unvisited for a week, or a visitor who clears the site's data. */
  const forget = async (page: Page, storageTypes: string) => {
    const devtools = await world.visitor.newCDPSession(page)
    await devtools.send('Storage.clearDataForOrigin', { origin: world.site.url, storageTypes })
    await devtools.detach()
  }
  /** Who sent what: the visitors in the order of their first event, each with the events that told of a new id. */
  const visitors = () =>
    [...Map.groupBy(world.collector.events(), ({ anonymousId }) => anonymousId).values()].map((events) =>
      events.filter(({ userContext }) => userContext?.['newId']).map(({ name }) => name),
    )

  it('reliability 8: forgets everything while a page is open: a new visitor begins, flagged; nothing throws', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    await track(page, 'before', 2)
    await expectStored(collector, named('before', 2))
    await forget(page, 'all')
    expect(await track(page, 'cleared', 2)).toEqual([{ durable: true }, { durable: true }])
    await expectStored(collector, [...named('before', 2), ...named('cleared', 2)])
    expect(visitors()).toEqual([['before-0'], ['cleared-0']])
  })

  it('reliability 8: forgets everything between two visits: the second starts clean, and is flagged', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    await track(page, 'before', 2)
    await expectStored(collector, named('before', 2))
    await page.goto(`${site.url}/elsewhere`)
    await forget(page, 'all')
    await page.goto(site.url)
    await ready(page)
    await track(page, 'after', 2)
    await page.reload()
    await ready(page)
    await track(page, 'later', 1)
    await expectStored(collector, [...named('before', 2), ...named('after', 2), 'later-0'])
    expect(visitors()).toEqual([['before-0'], ['after-0']])
  })

  it('reliability 8: forgets the events alone: the visitor stays the same, and what comes after is kept', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ status: 503 })
    const page = await world.visit()
    await track(page, 'before', 2)
    await forget(page, 'indexeddb')
    expect(await track(page, 'after', 2)).toEqual([{ durable: true }, { durable: true }])
    await crash(page)
    collector.fate = () => undefined
    await world.visit()
    // What the browser took away was in IndexedDB alone: nobody can know of it any more.
    await expectStored(collector, named('after', 2))
    expect(visitors()).toHaveLength(1)
  })
})

describe('a browser as visitors have it', () => {
  const world = openWorld()
  let folder: string
  let browser: BareBrowser
  const open = async (path = '/'): Promise<Tab> => {
    const tab = await browser.open(world.site.url + path)
    const there = () => tab.evaluate<boolean>('!!window.nunchi').catch(() => false)
    if (path === '/') await eventually(there).toBe(true)
    return tab
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nunchi-profile-'))
    browser = await bareBrowser(findChromium()!, folder)
  })
  afterEach(async () => {
    await browser?.kill()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('is killed while it sends: after its restart every event arrives that track() had promised', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ cut: true, delay: 1000 })
    const tab = await open()
    const promised = await tab.evaluate<string[]>(`(async () => {
      const names = []
      for (let i = 0; i < 25; i++) {
        const { durable } = await nunchi.track('killed-' + i)
        if (durable) names.push('killed-' + i)
      }
      return names
    })()`)
    expect(promised).toHaveLength(25)
    await eventually(() => collector.attempts.length).toBeGreaterThan(0)
    await browser.kill()

    collector.fate = () => undefined
    browser = await bareBrowser(findChromium()!, folder)
    await open()
    await expectStored(collector, promised)
  })

  it('hides, shows and hides a tab again: each time the tab hands over what it has', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 60000'))
    collector.fate = ({ beacon }) => (beacon ? undefined : { status: 503 })
    const tab = await open()
    await tab.evaluate("nunchi.track('first')")
    const other = await open('/elsewhere')
    await expectStored(collector, ['first'])
    await tab.show()
    await tab.evaluate("nunchi.track('second')")
    await other.show()
    await expectStored(collector, ['first', 'second'])
    await tab.show()
    await tab.evaluate("nunchi.track('third')")
    await other.show()
    await expectStored(collector, ['first', 'second', 'third'])
  })

  it('sends what a hidden tab tracks, without waiting until it is seen', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const tab = await open()
    await open('/elsewhere')
    await eventually(() => tab.evaluate('document.visibilityState')).toBe('hidden')
    await tab.evaluate("nunchi.track('hidden')")
    await expectStored(collector, ['hidden'])
  })
})
