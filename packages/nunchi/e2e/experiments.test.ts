import { compile, evaluateExperiment } from '@nunchi/protocol'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { shopConfig } from './fixtures/configs.ts'
import { exposures, first, firstOf, read, settled, version } from './fixtures/flags.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, named, openWorld, ready } from './fixtures/world.ts'

/** The other tab comes to the front; the test tool's tabs are all visible, so it is said to the page. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (hidden ? 'hidden' : 'visible'),
    })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

describe('flags and experiments', () => {
  const world = openWorld()
  // A slow machine is given its time: the deadline is for the tests that are about it.
  const put = (options = '', after = first) =>
    world.site.put(
      '/',
      modulePage(world.collector.url, `use: [experiments({ timeout: 20_000, ${options}})]`, after),
    )

  it('come from the collector on the first visit, and from the device on the next, at once', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visit()
    expect(await firstOf(page)).toEqual(['none', ''])
    expect(await settled(page)).toBe(true)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await page.reload()
    await ready(page)
    expect(await firstOf(page)).toEqual(['blue', 'grid'])
    // Refreshed behind, and nothing of it is exposed twice.
    await eventually(() => collector.config.asked.config).toBe(2)
    await page.evaluate(() => window.nunchi.flush())
    await eventually(() => exposures(collector).length).toBe(1)
    expect(exposures(collector)[0]).toMatchObject({
      properties: { experiment: 'cards', variant: 'grid', revision: 1, configVersion: 'v1' },
      experimentContext: { experiments: { cards: 'grid' }, revisions: { cards: 1 } },
    })
  })

  it('are told of a change while the page is seen: the flag changes, what was exposed stays until the next page', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visit()
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await eventually(() => collector.config.listeners()).toBe(1)
    collector.config.publish(
      shopConfig({ version: 'v2', color: 'red', weights: [1_000_000, 0], revision: 2 }),
    )
    await eventually(() => read(page)).toEqual(['red', 'grid', 4])
    await page.reload()
    await ready(page)
    expect(await read(page)).toEqual(['red', 'control', 2])
    await page.evaluate(() => window.nunchi.flush())
    await eventually(() =>
      exposures(collector).map(({ properties }) => [
        properties!['variant'],
        properties!['revision'],
        properties!['configVersion'],
      ]),
    ).toEqual([
      ['grid', 1, 'v1'],
      ['control', 2, 'v2'],
    ])
  })

  it('end at once where the experiment is stopped, whoever has seen it', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visit()
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await eventually(() => collector.config.listeners()).toBe(1)
    collector.config.publish(shopConfig({ version: 'v2', status: 'paused' }))
    await eventually(() => read(page)).toEqual(['blue', 'control', 1])
    await page.evaluate(() => window.nunchi.track('after'))
    await eventually(() => collector.names()).toContain('after')
    expect(collector.events().find(({ name }) => name === 'after')!.experimentContext).toBeUndefined()
  })

  it('that are not read yet follow the newest config', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put('', '')
    const page = await world.visit()
    await settled(page)
    await eventually(() => collector.config.listeners()).toBe(1)
    collector.config.publish(shopConfig({ version: 'v2', weights: [1_000_000, 0], revision: 2 }))
    await eventually(() => version(page)).toBe('v2')
    expect(await read(page)).toEqual(['blue', 'control', 2])
  })

  it('brought along by the page decide offline on the first visit, and stay while the page lives', async () => {
    const { collector, site } = world
    collector.config.fate = () => ({ delay: 300 })
    collector.config.publish(
      shopConfig({ version: 'v2', color: 'red', weights: [1_000_000, 0], revision: 2 }),
    )
    put(`bootstrap: ${JSON.stringify(shopConfig({ version: 'v1' }))}`, '')
    const page = await world.visit()
    await page.context().setOffline(true)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await page.context().setOffline(false)
    await eventually(() => read(page)).toEqual(['red', 'grid', 4])
    expect(site.requests.filter((path) => path === '/')).toHaveLength(1)
  })

  it('brought along, or newer, are kept for the next page, which may bring none', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put(`bootstrap: ${JSON.stringify(shopConfig({ version: 'v1' }))}`)
    const page = await world.visit()
    await eventually(() => page.evaluate(() => 'nunchi.config' in localStorage)).toBe(true)
    collector.config.fate = () => ({ status: 503 })
    put()
    await page.reload()
    await ready(page)
    expect(await firstOf(page)).toEqual(['blue', 'grid'])
  })

  it('brought along keep an experiment that was not read before the newer config came', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v2', weights: [1_000_000, 0], revision: 2 }))
    put(`bootstrap: ${JSON.stringify(shopConfig({ version: 'v1' }))}`, '')
    const page = await world.visit()
    await eventually(() => version(page)).toBe('v2')
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await page.evaluate(() => window.nunchi.flush())
    await eventually(() => exposures(collector)[0]?.properties).toMatchObject({
      revision: 1,
      configVersion: 'v1',
    })
  })

  it.each([
    ['down', { status: 503 }],
    ['missing', { status: 404, text: '<h1>Not here</h1>' }],
    ['a captive portal', { text: '<html>Log in</html>' }],
    ['half-written', { half: 'cut' as const }],
    ['stalled', { half: 'stall' as const }],
    ['slow', { delay: 5_000 }],
    ['not a config', { text: '{"version":1}' }],
    ['corrupt', { text: '{"version":"v9","flags":[null,7],"experiments":{"cards":{"variants":"no"}}}' }],
  ])(
    '%s on the first visit: fallbacks within the deadline, and the same variant once it is back',
    async (kind, fate) => {
      const { collector } = world
      collector.config.publish(shopConfig({ version: 'v1', weights: [500_000, 500_000] }))
      collector.config.streams = false
      put('refresh: 300', '')
      const page = await world.visit()
      await settled(page)
      const [, variant] = await read(page)
      await page.close()
      await world.visitor.newPage().then(async (blank) => {
        await blank.goto(world.site.url)
        await blank.evaluate(() => localStorage.removeItem('nunchi.config'))
        await blank.close()
      })

      // Where nothing comes, the deadline is what ends the wait; a corrupt config ends it by itself, however late it comes.
      if (kind !== 'corrupt') put('timeout: 200, refresh: 300', '')
      let bad = true
      collector.config.fate = () => (bad ? fate : undefined)
      const broken = await world.visit()
      expect(await settled(broken)).toBe(kind === 'corrupt')
      expect((await read(broken))[0]).toBe('none')
      bad = false
      if (kind === 'slow' || kind === 'stalled') await broken.reload()
      await eventually(() => read(broken)).toEqual(['blue', variant, variant === 'grid' ? 4 : 2])
    },
  )

  it.each(['', '{"half', '"text"', '[1', 'null', '["x",{}]', '{"0":1}'])(
    'with %j on the device begins anew',
    async (text) => {
      const { collector, visitor, site } = world
      collector.config.publish(shopConfig({ version: 'v1' }))
      put()
      const page = await visitor.newPage()
      await page.goto(`${site.url}/elsewhere`)
      await page.evaluate((text) => {
        localStorage.setItem('nunchi.config', text)
        localStorage.setItem('nunchi.exposed', text)
        localStorage.setItem('nunchi.step', text)
      }, text)
      await page.goto(site.url)
      await settled(page)
      expect(await read(page)).toEqual(['blue', 'grid', 4])
      await page.evaluate(() => window.nunchi.flush())
      await eventually(() => exposures(collector).length).toBe(1)
    },
  )

  it('in two tabs are exposed once', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visit()
    await settled(page)
    await read(page)
    await page.evaluate(() => window.nunchi.flush())
    const other = await world.visit()
    await settled(other)
    expect(await read(other)).toEqual(['blue', 'grid', 4])
    await other.evaluate(() => window.nunchi.track('there'))
    await eventually(() => collector.names()).toContain('there')
    expect(exposures(collector)).toHaveLength(1)
    expect(collector.events().find(({ name }) => name === 'there')!.experimentContext).toEqual({
      experiments: { cards: 'grid' },
      revisions: { cards: 1 },
    })
  })

  it('by a person become the person’s at sign-in, told at once, in the other tab when it is seen; a reset is a new visitor', async () => {
    const { collector } = world
    const more = { attribute: 'userId', fallback: 'anonymousId' }
    const config = shopConfig({ version: 'v1', weights: [500_000, 500_000], more })
    collector.config.publish(config)
    put('', "nunchi.experiments.onChange(() => { window.shown = nunchi.experiment('cards').variant })")
    const shown = (page: Page) => page.evaluate(() => (window as unknown as { shown: string }).shown)
    const page = await world.visit()
    await settled(page)
    const other = await world.visit()
    await settled(other)
    const before = await shown(page)
    const variantOf = (userId: string) => evaluateExperiment(compile(config), 'cards', { userId }).variant
    const userId = named('person', 100).find((id) => variantOf(id) !== before)!
    await page.evaluate((userId) => window.nunchi.identify(userId), userId)
    expect(await shown(page)).toBe(variantOf(userId))
    await setHidden(other, true)
    await setHidden(other, false)
    expect(await shown(other)).toBe(variantOf(userId))
    await page.evaluate(() => window.nunchi.reset())
    const units = () => exposures(collector).map(({ properties }) => properties!['attribute'])
    await eventually(() => units().toSorted()).toEqual(['anonymousId', 'anonymousId', 'userId'])
    const visitors = exposures(collector).map(({ properties }) => properties!['unit'])
    expect(new Set(visitors).size).toBe(3)
    expect(visitors).toContain(userId)
  })

  it('listen only while they are seen', async () => {
    const { collector } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visit()
    await eventually(() => collector.config.listeners()).toBe(1)
    await setHidden(page, true)
    await eventually(() => collector.config.listeners()).toBe(0)
    collector.config.publish(shopConfig({ version: 'v2', color: 'red' }))
    await setHidden(page, false)
    await eventually(() => read(page)).toEqual(['red', 'grid', 4])
    expect(collector.config.listeners()).toBe(1)
  })

  it('ask where nobody tells them', async () => {
    const { collector } = world
    collector.config.streams = false
    collector.config.publish(shopConfig({ version: 'v1' }))
    put('refresh: 200')
    const page = await world.visit()
    await settled(page)
    collector.config.publish(shopConfig({ version: 'v2', color: 'red' }))
    await eventually(() => read(page)).toEqual(['red', 'grid', 4])
  })

  it('can be a static file of the site, for where blockers take the collector down', async () => {
    const { collector, site } = world
    site.put('/flags.json', JSON.stringify(shopConfig({ version: 'v1' })))
    put("config: '/flags.json'")
    const page = await world.visit()
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    expect(collector.config.asked).toEqual({ config: 0, stream: 0 })
  })

  it('are overridden by the address, in this tab, on its later pages, and in no result', async () => {
    const { collector, site } = world
    collector.config.publish(shopConfig({ version: 'v1' }))
    put()
    const page = await world.visitor.newPage()
    await page.goto(`${site.url}/?nunchi_experiment.cards=control&nunchi_flag.color=%22green%22`)
    await settled(page)
    expect(await read(page)).toEqual(['green', 'control', 2])
    await page.goto(site.url)
    await settled(page)
    expect(await read(page)).toEqual(['green', 'control', 2])
    await page.goto(`${site.url}/?nunchi_experiment.cards=&nunchi_flag.color=`)
    await settled(page)
    expect(await read(page)).toEqual(['blue', 'grid', 4])
    await page.evaluate(() => window.nunchi.flush())
    // Beacons and requests overtake each other: the order is that of the events, not of their arrival.
    const shown = () =>
      exposures(collector)
        .toSorted((one, other) => one.ts - other.ts)
        .map(({ properties }) => [properties!['variant'], properties!['overridden']])
    await eventually(shown).toEqual([
      ['control', true],
      ['control', true],
      ['grid', undefined],
    ])
  })
})
