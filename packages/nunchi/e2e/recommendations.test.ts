import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { someAnswer, someItems } from '../src/test/some-recommendations.ts'
import { key } from './fixtures/site.ts'
import { eventually, openWorld, ready } from './fixtures/world.ts'

const guide = 'docs/guide/recommendations-in-the-page.md'
const text = readFileSync(join(import.meta.dirname, '../../..', guide), 'utf8')
const [program] = examplesOf(text, guide).map(({ code }) => code)
const [markup] = examplesOf(text, guide, 'html').map(({ code }) => code)

/** So much of a catalog that a visitor's taste can show. */
const answer = someAnswer(someItems(12))
const lights = (titles: string[]) => titles.filter((title) => title.startsWith('light')).length

describe('the markup of the guide', () => {
  const world = openWorld()
  const titles = '[data-nunchi-recommendations] b'

  const put = () => {
    const html = markup!
      .replace(/https:\/\/cdn\S+\/dist/, '')
      .replace('nk_pub_…', key)
      .replace('https://events.example.com', world.collector.url)
      .replace(/<script/g, '<script nonce="r4nd0m"')
    const policy = `default-src 'self'; script-src 'nonce-r4nd0m'; connect-src ${world.collector.url}`
    const page = `<!doctype html><html lang="en"><title>Shop</title>${html}</html>`
    world.site.put('/', { html: page, headers: { 'content-security-policy': policy } })
  }

  it('shows a list; what is seen for a second and what is clicked is told by the list’s id', async () => {
    const { collector, visitor, site } = world
    collector.recommend = () => ({ body: answer })
    put()
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.locator(titles).nth(5).waitFor()
    expect(await page.locator(titles).allTextContents()).toEqual(
      answer.recommendations['products']!.items.slice(0, 6).map(({ title }) => title),
    )
    expect(await page.locator('[data-nunchi-recommendations] small').first().textContent()).toBe(
      'Popular right now',
    )
    await eventually(() => collector.names()).toContain('Recommendation Viewed')
    await page.locator(titles).nth(1).click()
    await page.waitForURL('**/p/table-0')
    await eventually(() => collector.names()).toContain('Recommendation Clicked')
    const of = (name: string) => collector.events().find((event) => event.name === name)!.properties!
    const told = { recommendationId: 'rec-1', list: 'user', type: 'products' }
    expect(of('Recommendation Viewed')).toMatchObject({ ...told, positions: [0, 1, 2, 3, 4, 5] })
    expect(of('Recommendation Clicked')).toEqual({ ...told, itemId: 'table-0', position: 1 })
    expect(collector.asked).toHaveLength(1)
  })

  it('is there from the device while the collector says nothing, ranked by what was done on the page before, until reset()', async () => {
    const { collector, visitor, site } = world
    collector.recommend = () => ({ body: { ...answer, expires_at: answer.generated_at } })
    put()
    const first = await visitor.newPage()
    await first.goto(site.url)
    await first.locator(titles).nth(5).waitFor()
    const before = await first.locator(titles).allTextContents()
    await first.evaluate(() => {
      for (let i = 0; i < 5; i++) window.nunchi.track('Product Clicked', { productId: `light-${i}` })
      // Left in the same breath.
      location.reload()
    })
    collector.recommend = () => ({ never: true })
    await eventually(() => first.locator(titles).allTextContents()).toContain('light 5')
    const after = await first.locator(titles).allTextContents()
    expect([lights(before), lights(after) >= 5]).toEqual([2, true])
    expect(await first.locator('[data-nunchi-recommendations] small').first().textContent()).toBe(
      'Like light 4',
    )
    await first.evaluate(() => window.nunchi.reset())
    await eventually(() => first.locator(titles).count()).toBe(0)
    await first.reload()
    await ready(first)
    expect(await first.evaluate(() => window.nunchi.recommendations.read({ type: 'products' }).loading)).toBe(
      true,
    )
  })

  it('writes no address that would run, and what a catalog says never as markup', async () => {
    const { collector, visitor, site } = world
    const evil = {
      ...someItems(1)[0]!,
      title: '<img src=x onerror=alert(1)>',
      url: 'javascript:alert(1)',
      image: 'data:text/html,x',
    }
    collector.recommend = () => ({ body: someAnswer([evil]) })
    put()
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.locator(titles).first().waitFor()
    expect(await page.locator(titles).first().textContent()).toBe(evil.title)
    expect(await page.locator('[data-nunchi-recommendations] a').first().getAttribute('href')).toBeNull()
  })
})

describe('the smallest program of the guide', () => {
  const world = openWorld()

  it('shows the list that the collector answers', async () => {
    world.collector.recommend = () => ({ body: answer })
    const script = program!
      .replace("from 'nunchi'", "from '/sdk.mjs'")
      .replace('nk_pub_…', key)
      .replace('https://events.example.com', world.collector.url)
    world.site.put(
      '/',
      `<!doctype html><html lang="en"><title>Shop</title><ul id="for-you"></ul><script type="module">${script}</script></html>`,
    )
    const page = await world.visitor.newPage()
    await page.goto(world.site.url)
    await page.locator('#for-you li').nth(9).waitFor()
    expect(await page.locator('#for-you li').first().textContent()).toBe('light 0: Popular right now')
    await page.locator('#for-you a').first().click()
    await eventually(() => world.collector.names()).toContain('Recommendation Clicked')
  })
})
