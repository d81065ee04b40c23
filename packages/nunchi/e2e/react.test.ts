import type { Config } from '@nunchi/protocol'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Bootstrap } from '../src/bootstrap.ts'
import { shopConfig } from './fixtures/configs.ts'
import { type BuiltApp, buildApp } from './fixtures/react/build.ts'
import { key } from './fixtures/site.ts'
import { eventually, openWorld, ready } from './fixtures/world.ts'

const visitor = 'c3'.repeat(16)

describe.each([
  [19, 'development'],
  [19, 'production'],
  [18, 'development'],
] as const)('React %i in %s', (react, mode) => {
  const world = openWorld()
  const built: Promise<BuiltApp> = buildApp(react, mode)
  let said: string[]
  let bootstrap: Bootstrap | undefined

  const serve = async () => {
    const options = { key, host: world.collector.url, flushInterval: 50 }
    const app = await built
    const html = bootstrap ? app.render({ options, bootstrap }) : ''
    const data = JSON.stringify({ options, bootstrap })
    world.site.put('/app.js', { html: app.script, headers: { 'content-type': 'text/javascript' } })
    world.site.put(
      '/',
      `<!doctype html><html lang="en"><title>Shop</title><div id="root">${html}</div><script type="application/json" id="data">${data}</script><script src="/app.js"></script></html>`,
    )
  }
  const open = async () => {
    const page = await world.visitor.newPage()
    page.on('console', (line) => said.push(`${line.type()}: ${line.text()}`))
    await page.goto(world.site.url)
    await ready(page)
    return page
  }
  const frames = (page: Page) => page.evaluate(() => (window as unknown as { frames: string[] }).frames)
  const renders = (page: Page) =>
    page.evaluate(() => ({ ...(window as unknown as { renders: object }).renders }))
  const exposures = () => world.collector.events().filter(({ name }) => name === 'Experiment Viewed')
  const again = async (page: Page, times: number) => {
    for (let i = 0; i < times; i++) {
      await page.getByRole('button').click()
      await page.getByText(`again ${i + 1}`).waitFor()
    }
  }

  beforeEach(() => {
    said = []
    bootstrap = undefined
  })
  const publish = (config: Config) => world.collector.config.publish(config)

  it('hydrates what the server rendered without a word; the exposure is one row, of the server’s visitor', async () => {
    const config = shopConfig({ version: 'v1' })
    publish(config)
    bootstrap = { config, attributes: { anonymousId: visitor }, cookie: 'nunchi_id' }
    await serve()
    await world.visitor.addCookies([
      { name: 'nunchi_id', value: visitor, url: world.site.url, sameSite: 'Lax' },
    ])
    const page = await open()
    await again(page, 2)
    await page.evaluate(() => window.nunchi.flush())
    await page.reload()
    await ready(page)
    await page.evaluate(() => window.nunchi.flush())
    await eventually(() => exposures().length).toBe(1)
    expect(exposures()[0]).toMatchObject({
      anonymousId: visitor,
      properties: { experiment: 'cards', variant: 'grid', unit: visitor, configVersion: 'v1' },
    })
    expect(await frames(page)).toEqual(['blueagain 0grid truemany4'])
    expect(await page.context().cookies()).toMatchObject([
      { name: 'nunchi_id', value: visitor, sameSite: 'Lax' },
    ])
    expect(said.filter((line) => !line.includes('React DevTools'))).toEqual([])
  })

  it('renders again only what reads a changed flag', async () => {
    const config = shopConfig({ version: 'v1' })
    publish(config)
    bootstrap = { config, attributes: { anonymousId: visitor } }
    await serve()
    const page = await open()
    await eventually(() => world.collector.config.listeners()).toBe(1)
    const before = (await renders(page)) as { colour: number; cards: number }
    publish(shopConfig({ version: 'v2', color: 'red' }))
    await page.getByText('red').waitFor()
    // StrictMode renders twice what it renders once, in development.
    const once = mode === 'development' ? 2 : 1
    expect(await renders(page)).toEqual({ colour: before.colour + once, cards: before.cards })
    expect(before).toEqual({ colour: once, cards: once })
  })

  it('shows what the device knows in the first frame of a next visit', async () => {
    publish(shopConfig({ version: 'v1' }))
    await serve()
    const first = await open()
    await first.getByText('many').waitFor()
    await first.close()
    const page = await open()
    expect(await frames(page)).toEqual(['blueagain 0grid truemany4'])
    expect(said.filter((line) => !line.includes('React DevTools'))).toEqual([])
  })
})
