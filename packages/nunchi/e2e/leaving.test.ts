import { describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { slowWay } from './fixtures/slow-way.ts'
import { eventually, expectStored, named, openWorld, ready, track } from './fixtures/world.ts'

describe('a page that leaves', () => {
  const world = openWorld()

  it('loses none of five events that were tracked just before a click-through on a slow network', async () => {
    const { collector, site, visitor } = world
    const way = await slowWay(collector.port, 150)
    site.put('/', modulePage(way.url))
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 5; i++) window.nunchi.track(`click-${i}`)
      setTimeout(() => {
        location.href = '/elsewhere'
      })
    })
    await page.waitForURL('**/elsewhere')
    // The next page is without the SDK: what arrives was sent by the one that left.
    await expectStored(collector, named('click', 5))
    await visitor.close()
    await way.close()
  })

  it('loses nothing of a visit that ends as soon as it began', async () => {
    const { collector, site, visitor } = world
    const way = await slowWay(collector.port, 150)
    site.put('/', modulePage(way.url, '', "nunchi.track('bounce'); location.href = '/elsewhere'"))
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForURL('**/elsewhere')
    await expectStored(collector, ['bounce'])
    await visitor.close()
    await way.close()
  })

  it('delivers a burst beyond the quota of leaving pages: a part at once, the rest on the next visit', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 5000'))
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 40; i++) window.nunchi.track(`big-${i}`, { text: 'x'.repeat(4000) })
      location.href = '/elsewhere'
    })
    await page.waitForURL('**/elsewhere')
    await eventually(() => collector.ids().length).toBeGreaterThan(8)
    expect(collector.attempts.every(({ beacon, bytes }) => beacon && bytes < 20_000)).toBe(true)
    expect(collector.ids().length).toBeLessThan(40)

    await page.goto(site.url)
    await ready(page)
    await expectStored(collector, named('big', 40))
    const tabs = new Set(collector.events().map(({ tab }) => tab))
    expect(tabs.size).toBe(1)
  })

  it('hands over the oldest first, and each tab’s events in their order', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 5000'))
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 30; i++) window.nunchi.track(`order-${i}`, { text: 'x'.repeat(1000) })
      location.href = '/elsewhere'
    })
    await page.waitForURL('**/elsewhere')
    await expectStored(collector, named('order', 30))
    const batches = collector.attempts.map(({ batch }) => batch.events.map(({ seq }) => seq))
    for (const seqs of batches) expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })

  it('keeps what sendBeacon refuses, and sends it on the next visit', async () => {
    const { collector, site, visitor } = world
    await visitor.addInitScript(() => {
      navigator.sendBeacon = () => false
    })
    site.put('/', modulePage(collector.url, 'flushInterval: 5000'))
    const page = await world.visit()
    await page.evaluate(() => {
      window.nunchi.track('refused')
      location.href = '/elsewhere'
    })
    await page.waitForURL('**/elsewhere')
    expect(collector.attempts).toEqual([])
    await page.goto(site.url)
    await expectStored(collector, ['refused'])
    expect(collector.duplicates()).toBe(0)
  })

  it('leaves in its tail what neither the store nor a beacon took, and the next visit finds it', async () => {
    const { collector, site, visitor } = world
    await visitor.addInitScript(() => {
      navigator.sendBeacon = () => false
    })
    site.put('/', modulePage(collector.url, 'flushInterval: 5000'))
    const page = await world.visit()
    // The round of a page that has just come, whenever it is, would take the event along: none gets through.
    await page.route(`${collector.url}/**`, (route) => route.abort())
    await page.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('no', 'UnknownError')
      }
      window.nunchi.track('in the tail')
      location.href = '/elsewhere'
    })
    await page.waitForURL('**/elsewhere')
    expect(collector.attempts).toEqual([])
    await page.unroute(`${collector.url}/**`)
    await page.goto(site.url)
    await expectStored(collector, ['in the tail'])
    const tails = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('.tail.')))
    await eventually(tails).toEqual([])
  })

  it('shares the quota with the site’s own beacons: what does not fit waits in the store', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 5000'))
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 12; i++) window.nunchi.track(`shared-${i}`, { text: 'x'.repeat(3000) })
      navigator.sendBeacon('/own', 'y'.repeat(60_000))
      location.href = '/elsewhere'
    })
    await page.waitForURL('**/elsewhere')
    await page.goto(site.url)
    await expectStored(collector, named('shared', 12))
  })

  it('takes along what the site tracks while it leaves', async () => {
    const { collector, site, visitor } = world
    site.put('/', modulePage(collector.url))
    await visitor.addInitScript(() => {
      addEventListener('pagehide', () => window.nunchi?.track('last words'), { capture: true })
    })
    const page = await world.visit()
    await page.goto(`${site.url}/elsewhere`)
    await expectStored(collector, ['last words'])
  })

  it('loses nothing when the visitor closes the tab', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    await track(page, 'closing', 3)
    await page.close({ runBeforeUnload: true })
    await expectStored(collector, named('closing', 3))
  })
})
