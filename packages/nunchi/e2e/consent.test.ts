import { describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, named, openWorld, ready, track } from './fixtures/world.ts'

describe('consent', () => {
  const world = openWorld()

  it('security 66: withdrawn while a request is under way gives the request up, and leaves nothing on the device', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'use: [consent()]'))
    collector.fate = () => ({ delay: 60_000, record: false })
    const page = await world.visit()
    await page.evaluate(() => window.nunchi.consent.grant())
    await track(page, 'flying', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    expect(collector.attempts[0]!.abandoned).toBe(false)
    await page.evaluate(() => window.nunchi.consent.deny())
    await eventually(() => collector.attempts[0]!.abandoned).toBe(true)
    collector.fate = () => undefined
    expect(await track(page, 'refused', 2)).toEqual([{ durable: false }, { durable: false }])
    const left = () =>
      page.evaluate(async () => [
        ...(await indexedDB.databases()).map(({ name }) => name),
        ...Object.keys(localStorage),
      ])
    await eventually(left).toEqual([])
    // Agreed again: only what comes after it is sent.
    await page.evaluate(() => window.nunchi.consent.grant())
    await track(page, 'after', 2)
    await eventually(() => collector.names()).toEqual(named('after', 2))
    expect(collector.attempts.flatMap(({ batch }) => batch.events.map(({ name }) => name))).toEqual([
      ...named('flying', 3),
      ...named('after', 2),
    ])
  })

  it('given in one tab opens another that still asks: both are one visitor on one visit', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'use: [consent()]'))
    const [page, other] = [await world.visit(), await world.visit()]
    await other.evaluate(() => {
      window.nunchi.track('held-0')
    })
    await page.evaluate(() => window.nunchi.consent.grant())
    await track(page, 'here', 1)
    await eventually(() => other.evaluate(() => window.nunchi.consent.status)).toBe('granted')
    await track(other, 'there', 1)
    await expectStored(collector, ['held-0', 'here-0', 'there-0'])
    const events = collector.events()
    expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
    expect(new Set(events.map(({ sessionId }) => sessionId)).size).toBe(1)
    // And refused in one, both forget.
    await other.evaluate(() => window.nunchi.consent.deny())
    await eventually(() => page.evaluate(() => window.nunchi.consent.status)).toBe('denied')
  })

  it('security 66: refused by opting out holds on the next page and in another tab, by one word on the device', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, "use: [consent({ mode: 'opt-out' })]"))
    const [page, other] = [await world.visit(), await world.visit()]
    await track(page, 'before', 1)
    await expectStored(collector, ['before-0'])
    await page.evaluate(() => window.nunchi.consent.deny())
    await eventually(() => other.evaluate(() => window.nunchi.consent.status)).toBe('denied')
    await page.reload()
    await ready(page)
    expect(await track(page, 'after', 1)).toEqual([{ durable: false }])
    const left = await page.evaluate(async () => [
      (await indexedDB.databases()).map(({ name }) => name),
      { ...localStorage },
    ])
    expect(left).toEqual([[], { 'nunchi.consent': '"denied"' }])
    expect(collector.names()).toEqual(['before-0'])
  })

  it('security 66: is not needed to count pages without cookies: nothing is on the device, also after leaving', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, "flushInterval: 60000, use: [consent({ mode: 'cookieless' })]"))
    const page = await world.visit()
    await page.evaluate(() => {
      window.nunchi.track('seen')
    })
    await page.goto(`${site.url}/elsewhere`)
    await expectStored(collector, ['seen'])
    const left = await page.evaluate(async () => [
      (await indexedDB.databases()).length,
      Object.keys(localStorage),
      Object.keys(sessionStorage),
      document.cookie,
    ])
    expect(left).toEqual([0, [], [], ''])
  })
})
