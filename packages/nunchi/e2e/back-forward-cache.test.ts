import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { shopConfig } from './fixtures/configs.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, named, openWorld, track } from './fixtures/world.ts'

declare global {
  interface Window {
    /** Set before the page is left: a page that loads anew does not have it. */
    returns?: unknown[]
  }
}

/** Leaves the page and comes back; says whether the browser had kept it, or why it loaded anew. */
async function leaveAndReturn(page: Page, elsewhere: string): Promise<unknown> {
  await page.evaluate(() => {
    window.returns = []
    addEventListener('pageshow', ({ persisted }) => window.returns?.push(persisted), { once: true })
  })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.enable')
  const reasons: string[] = []
  devtools.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => {
    reasons.push(...notRestoredExplanations.map(({ reason }) => reason))
  })
  await page.goto(elsewhere)
  // A restored page does not load again.
  await page.goBack({ waitUntil: 'commit' })
  const returned = await page.waitForFunction(() =>
    window.returns ? window.returns.length && window.returns : ['loaded anew'],
  )
  const [kept] = (await returned.jsonValue()) as [unknown]
  await devtools.detach()
  return kept === true || [kept, ...reasons].join(': ')
}

describe('reliability 12: the back/forward cache', () => {
  const world = openWorld({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })

  it('keeps a page with the SDK, which goes on where it was', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'use: [pageViews()]'))
    const page = await world.visit()
    await track(page, 'before', 2)
    await expectStored(collector, ['/', ...named('before', 2)])
    expect(await leaveAndReturn(page, `${site.url}/elsewhere`)).toBe(true)
    await track(page, 'after', 2)
    await expectStored(collector, ['/', ...named('before', 2), '/', ...named('after', 2)])
    expect(new Set(collector.events().map(({ tab }) => tab)).size).toBe(1)
    expect(collector.duplicates()).toBe(0)
  })

  it('keeps it while events were on their way: the lock is given back, and they arrive', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) => (before ? undefined : { delay: 1500, record: false })
    const page = await world.visit()
    await track(page, 'flying', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    expect(await leaveAndReturn(page, `${site.url}/elsewhere`)).toBe(true)
    await expectStored(collector, named('flying', 3))
    await track(page, 'after', 1)
    await expectStored(collector, [...named('flying', 3), 'after-0'])
  })

  it('keeps it when it left as soon as it had tracked', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 1000'))
    const page = await world.visit()
    await page.evaluate(() => {
      window.nunchi.track('at once')
    })
    expect(await leaveAndReturn(page, `${site.url}/elsewhere`)).toBe(true)
    await expectStored(collector, ['at once'])
  })

  it('keeps it although another tab delivers meanwhile: its channel is closed while it is away', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    const other = await world.visit()
    await track(page, 'before', 1)
    await expectStored(collector, ['before-0'])
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }), { once: true })
    })
    await page.goto(`${site.url}/elsewhere`)
    await track(other, 'meanwhile', 3)
    await expectStored(collector, ['before-0', ...named('meanwhile', 3)])
    await other.evaluate(() => window.nunchi.flush())
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => 'persisted' in window, undefined, { timeout: 30_000 })
    await track(page, 'after', 1)
    await expectStored(collector, ['before-0', ...named('meanwhile', 3), 'after-0'])
  })

  it('keeps it again and again, at whatever moment of a delivery the page is left', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    const moments = [0, 90, 95, 100, 105, 110]
    for (const moment of moments) {
      await track(page, `after${moment}`, 2)
      await page.waitForTimeout(moment)
      expect(await leaveAndReturn(page, `${site.url}/elsewhere`)).toBe(true)
    }
    await expectStored(
      collector,
      moments.flatMap((moment) => named(`after${moment}`, 2)),
    )
  })

  it('hands over everything at each leaving: the budget of beacons is new after a return', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 60000'))
    collector.fate = ({ beacon }) => (beacon ? undefined : { status: 503 })
    const page = await world.visit()
    for (const round of [1, 2]) {
      await page.evaluate((round) => {
        for (let i = 0; i < 10; i++) window.nunchi.track(`${round}-${i}`, { text: 'x'.repeat(4000) })
      }, round)
      await page.goto(`${site.url}/elsewhere`)
      await eventually(() => collector.names()).toContain(`${round}-0`)
      await page.goBack({ waitUntil: 'commit' })
    }
  })

  it('keeps pages that cannot send: a lock is never held while away, so that other tabs deliver', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ delay: 60_000, record: false })
    const page = await world.visit()
    await track(page, 'stuck', 2)
    await eventually(() => collector.attempts.length).toBe(1)
    await page.goto(`${site.url}/elsewhere`)
    expect(await page.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
    collector.fate = () => undefined
    await world.visit()
    await expectStored(collector, named('stuck', 2))
  })

  it.each([
    ['while it listens for changes', 0],
    ['while its config is on the way', 1_500],
  ])('keeps a page with flags %s, which listens again after it', async (_, delay) => {
    const { collector, site } = world
    collector.config.fate = () => (collector.config.asked.config > 1 ? undefined : { delay })
    site.put('/', modulePage(collector.url, 'use: [experiments()]'))
    const page = await world.visit()
    await eventually(() => (delay ? collector.config.asked.config : collector.config.listeners())).toBe(1)
    expect(await leaveAndReturn(page, `${site.url}/elsewhere`)).toBe(true)
    collector.config.publish(shopConfig({ version: 'v2', color: 'red' }))
    await eventually(() => page.evaluate(() => window.nunchi.flag('color', 'none'))).toBe('red')
    await eventually(() => collector.config.listeners()).toBe(1)
  })
})
