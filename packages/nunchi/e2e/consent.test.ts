import { describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { eventually, named, openWorld, track } from './fixtures/world.ts'

describe('consent', () => {
  const world = openWorld()

  it('withdrawn while a request is under way gives the request up, and leaves nothing on the device', async () => {
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
})
