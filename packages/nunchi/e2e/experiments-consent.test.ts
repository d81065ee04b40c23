import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { shopConfig } from './fixtures/configs.ts'
import { exposures, read, settled } from './fixtures/flags.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

describe('flags and experiments without consent', () => {
  const world = openWorld()
  const put = (consent: string) =>
    world.site.put('/', modulePage(world.collector.url, `use: [consent({${consent}}), experiments()]`))
  const trace = (page: Page) =>
    page.evaluate(async () => [Object.keys(localStorage), (await indexedDB.databases()).length])

  it('decide before the visitor does, store nothing, and hold the exposure until then', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1', weights: [500_000, 500_000] }))
    put('')
    const page = await world.visit()
    await settled(page)
    const [, variant] = await read(page)
    expect(variant).not.toBe('')
    expect(await trace(page)).toEqual([[], 0])
    expect(collector.events()).toEqual([])
    await page.evaluate(() => window.nunchi.consent.grant())
    await eventually(() => exposures(collector).map(({ properties }) => properties!['variant'])).toEqual([
      variant,
    ])
    await page.reload()
    await settled(page)
    expect((await read(page))[1]).toBe(variant)
    await page.evaluate(() => window.nunchi.flush())
    expect(exposures(collector)).toHaveLength(1)
  })

  it('show the control to whoever refused, on every page the same, and record nothing', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put("initial: 'denied'")
    const page = await world.visit()
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'control', 1])
    expect(await trace(page)).toEqual([[], 0])
    await page.evaluate(() => window.nunchi.consent.grant())
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await eventually(() => exposures(collector).length).toBe(1)
  })

  it('tell listeners of a decision in this tab, and count anew who refused and then agreed', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put('')
    const page = await world.visit()
    await settled(page)
    await page.evaluate(() => {
      const { nunchi } = window
      const shown: string[] = []
      const look = () => shown.push(nunchi.experiment('cards').variant)
      nunchi.experiments.onChange(() => look())
      Object.assign(window, { shown })
      nunchi.consent.deny()
      nunchi.consent.grant()
    })
    expect(await page.evaluate(() => (window as unknown as { shown: string[] }).shown)).toEqual([
      'control',
      'grid',
    ])
    await eventually(() => exposures(collector).length).toBe(1)
    // Refused while the collector is away: the exposure is wiped with the rest, and is one again after a grant.
    collector.fate = () => ({ status: 503 })
    await page.evaluate(async () => {
      const { nunchi } = window
      nunchi.reset()
      nunchi.experiment('cards')
      await nunchi.track('kept')
      nunchi.consent.deny()
    })
    collector.fate = () => undefined
    // After the failure the SDK would wait; whoever flushes does not.
    await page.evaluate(() => {
      window.nunchi.consent.grant()
      return window.nunchi.flush()
    })
    await eventually(() => exposures(collector).length).toBe(2)
  })

  it('without cookies: decided, sent, and nothing is on the device', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put("mode: 'cookieless'")
    const page = await world.visit()
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await eventually(() => exposures(collector).length).toBe(1)
    expect(await trace(page)).toEqual([[], 0])
  })
})
