/** What both tea shops must stand in Chromium: quiet on the console, one exposure, readable, for everybody. */
import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { OpenCollector } from './open-collector.ts'

/** Looks again until it holds; after a failure the SDK may wait for half a minute before it tries again. */
const eventually: typeof expect.poll = (look) => expect.poll(look, { timeout: 60_000 })

/** Opens the shop and listens to its console. */
export async function openShop(
  visitor: BrowserContext,
  url: string,
): Promise<{ page: Page; said: string[] }> {
  const page = await visitor.newPage()
  const said: string[] = []
  page.on('console', (line) => {
    if (!line.text().includes('React DevTools')) said.push(`${line.type()}: ${line.text()}`)
  })
  page.on('pageerror', (error) => said.push(error.message))
  await page.goto(url)
  await page.getByRole('heading', { name: 'Stop drinking dust.' }).waitFor()
  return { page, said }
}

/** Buys a tea, comes back, and looks at what was stored of this visitor. @returns the visitor's id */
export async function buyAndReturn(page: Page, collector: OpenCollector): Promise<string> {
  // A page that a server has rendered is seen before it works.
  await page.waitForFunction(() => localStorage.getItem('nunchi.exposed'))
  const id = await page.evaluate(
    () => JSON.parse(`${localStorage.getItem('nunchi.id')}`).anonymousId as string,
  )
  const rows = async (name: string) =>
    (await collector.rows(name)).filter(({ anonymous_id }) => anonymous_id === id)
  await page.getByRole('button', { name: 'Add Yuja' }).click()
  await page.getByRole('checkbox', { name: 'It is a gift' }).check()
  await page.getByRole('button', { name: 'Order' }).click()
  await page.getByText('Thank you.').waitFor()
  await eventually(async () => (await rows('Conversion Tracked')).length).toBe(1)
  await page.reload()
  await page.getByRole('heading', { name: 'Stop drinking dust.' }).waitFor()
  await page.getByRole('button', { name: 'Add Sejak' }).click()
  await eventually(async () => (await rows('Product Added')).length).toBe(2)

  const exposures = await rows('Experiment Viewed')
  expect(exposures.map(({ properties }) => [properties['experiment'], properties['variant']])).toEqual([
    ['hero', 'bold'],
  ])
  const [conversion] = await rows('Conversion Tracked')
  expect(conversion?.properties).toMatchObject({ metric: 'order', value: 14, step: 'ordered' })
  return id
}

/** Turns to one thing of the shelf: it goes, its likes come nearer and say why, and the click is stored once. */
export async function expectShelf(page: Page, collector: OpenCollector): Promise<void> {
  const things = page.locator('.shelf li')
  await things.nth(2).waitFor()
  // As the collector has them: which of them come first is its own affair.
  for (const name of ['Bamboo whisk', 'Bamboo scoop', 'Bamboo tray']) {
    const one = things.getByRole('button', { name })
    if (!(await one.count())) continue
    await one.click()
    break
  }
  await eventually(() => things.filter({ hasText: 'Like Bamboo' }).count()).toBeGreaterThan(0)
  await eventually(async () => (await collector.rows('Recommendation Clicked')).length).toBeGreaterThan(0)
  const [clicked] = await collector.rows('Recommendation Clicked')
  expect(clicked?.properties).toMatchObject({ list: 'user', type: 'things' })
}

/** Reads it as everybody must be able to: by axe, in type of at least 18 px, at 390 px without scrolling sideways. */
export async function expectReadable(page: Page): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    expect(violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.target}`)).toEqual([])
    const sizes = await page.evaluate(() => ({
      smallest: Math.min(
        ...[...document.querySelectorAll('h1, h2, p, button, label')].map((one) =>
          Number.parseFloat(getComputedStyle(one).fontSize),
        ),
      ),
      sideways: document.documentElement.scrollWidth > innerWidth,
    }))
    expect(sizes.smallest).toBeGreaterThanOrEqual(18)
    expect(sizes.sideways).toBe(false)
  }
}
