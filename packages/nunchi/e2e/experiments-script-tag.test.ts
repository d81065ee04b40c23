import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { shopConfig } from './fixtures/configs.ts'
import { key } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

const guide = 'docs/guide/experiments-in-the-page.md'
const [plain, hiding] = examplesOf(
  readFileSync(join(import.meta.dirname, '../../..', guide), 'utf8'),
  guide,
  'html',
).map(({ code }) => code)

describe('the script tag with experiments in it', () => {
  const world = openWorld()

  /** The guide's block with a config in it, above a page that has something to paint. */
  const pageOf = (config: unknown, { nonce = '', probe = '' } = {}) => {
    const block = plain!
      .replace('{"version":"…","flags":{},"experiments":{}}', JSON.stringify(config))
      .replace(/https:\/\/cdn\S+\/dist/, '')
      .replace('nk_pub_…', key)
      .replace('https://events.example.com', world.collector.url)
      .replaceAll('card-layout', 'cards')
      .replace('</script>\n```', '</script>')
      .replace(/<script(?! type)/g, `<script nonce="${nonce}"`)
    return `<!doctype html><html lang="en"><title>Shop</title>${block}
<script nonce="${nonce}">window.decided = performance.now(); window.nunchi.track('here')</script>
<h1>Shop</h1>${probe}</html>`
  }

  it('decides before anything is painted, by the config beside it, with the collector out of reach', async () => {
    const { collector, site, visitor } = world
    collector.config.fate = () => ({ status: 503 })
    site.put('/', {
      html: pageOf(shopConfig({ version: 'v1' }), { nonce: 'r4nd0m' }),
      headers: {
        'content-security-policy': `default-src 'self'; script-src 'nonce-r4nd0m'; connect-src ${collector.url}`,
      },
    })
    const page = await visitor.newPage()
    await page.goto(site.url)
    expect(await page.getAttribute('html', 'data-cards')).toBe('grid')
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length)
    const [painted, decided] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
      (window as unknown as { decided: number }).decided,
    ])
    expect(painted!).toBeGreaterThan(decided!)
    await eventually(() => collector.names()).toEqual(
      expect.arrayContaining(['Experiment Viewed', 'here', '/']),
    )
    expect(collector.events().find(({ name }) => name === 'here')!.experimentContext).toEqual({
      experiments: { cards: 'grid' },
      revisions: { cards: 1 },
    })
  })

  it.each(['', '{"version":"v1","fla', 'null'])('with %j for a config is as without one', async (text) => {
    const { collector, site, visitor } = world
    collector.config.publish(shopConfig({ version: 'v2' }))
    site.put('/', pageOf('HERE').replace('"HERE"', text))
    const page = await visitor.newPage()
    await page.goto(site.url)
    expect(await page.getAttribute('html', 'data-cards')).toBe('')
    await page.waitForFunction(() => window.nunchi.flag('color', 'none') === 'blue')
    // By then the config is on the device: the second page decides at once.
    await page.reload()
    expect(await page.getAttribute('html', 'data-cards')).toBe('grid')
  })

  it('hides what may change, where that is asked for, and shows it although no script ever comes', async () => {
    const { site, visitor } = world
    site.put(
      '/',
      `<!doctype html><html lang="en"><title>Shop</title>${hiding}<p class="nunchi-wait">Cards</p></html>`,
    )
    const page = await visitor.newPage()
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        const part = document.querySelector('.nunchi-wait')
        if (!part) return
        observer.disconnect()
        Object.assign(window, { first: getComputedStyle(part).visibility })
      }).observe(document, { childList: true, subtree: true })
    })
    await page.goto(site.url)
    expect(await page.evaluate(() => (window as unknown as { first: string }).first)).toBe('hidden')
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector('.nunchi-wait')!).visibility === 'visible',
    )
  })
})
