import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { shopConfig } from './fixtures/configs.ts'
import { key, modulePage } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

const inspecting = `const { devtools } = await import('/devtools.mjs')
window.panel = devtools(nunchi)`

describe('the devtools panel', () => {
  const world = openWorld()
  const open = async (options = 'use: [experiments(), consent({ initial: "granted" })]', headers = {}) => {
    const { site, collector } = world
    site.put('/', { html: modulePage(collector.url, options, inspecting), headers })
    const page = await world.visit()
    await page.getByRole('button', { name: 'nunchi' }).waitFor()
    return page
  }
  const opened = async (...given: Parameters<typeof open>) => {
    const page = await open(...given)
    await page.getByRole('button', { name: 'nunchi' }).click()
    return page
  }
  const events = (page: Page) => page.getByRole('list', { name: 'Events, the newest first' })

  it('follows each event until it is in Postgres, and says so of one that is refused', async () => {
    const page = await opened()
    await page.evaluate(() => window.nunchi.track('Tea Poured', { cup: 1 }))
    await eventually(() => events(page).locator('li').first().textContent()).toContain('in Postgres')
    world.collector.fate = () => ({ status: 503 })
    await page.evaluate(() => window.nunchi.track('Tea Spilt'))
    await eventually(() => events(page).locator('li').first().textContent()).toContain(
      'failed, tried again (503)',
    )
    expect(await page.getByRole('status').textContent()).toMatch(/made on this page, 1 not yet at their end/)
  })

  it('shows flags and experiments with their reasons, without exposing anybody', async () => {
    world.collector.config.publish(shopConfig({ version: 'v1' }))
    const page = await opened()
    const flag = page.locator('li[data-key="columns"]')
    await eventually(() => flag.textContent()).toContain('4: experiment, experiment cards')
    expect(await page.locator('li[data-key="cards"]').textContent()).toContain('grid: in, split by')
    await page.evaluate(() => window.nunchi.flush())
    expect(world.collector.names()).not.toContain('Experiment Viewed')
  })

  it('forces a variant for this tab, marked so that it is not counted, and lets it go again', async () => {
    world.collector.config.publish(shopConfig({ version: 'v1' }))
    const page = await opened()
    const select = page.getByLabel('Force experiment cards')
    await select.focus()
    await select.selectOption('control')
    expect(await page.evaluate(() => window.nunchi.experiment('cards').variant)).toBe('control')
    expect(await select.evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one)).toBe(true)
    await page.evaluate(() => window.nunchi.flush())
    for (const { name, properties } of world.collector.events())
      if (name === 'Experiment Viewed') expect(properties).toMatchObject({ overridden: true })
    await page.getByLabel('Force flag color').selectOption('"blue"')
    await page.getByRole('button', { name: 'Force nothing' }).click()
    expect(await select.inputValue()).toBe('as decided')
    expect(await page.evaluate(() => window.nunchi.experiments.overrides)).toEqual({
      flags: {},
      experiments: {},
    })
  })

  it('shows who the visitor is, and takes consent back', async () => {
    const page = await opened()
    await page.getByText('Visitor', { exact: true }).click()
    await page.getByRole('button', { name: 'Deny' }).click()
    await eventually(() => page.locator('dl').textContent()).toContain('denied')
    expect(await page.evaluate(() => Object.keys(localStorage).length)).toBe(0)
  })

  it('is opened and closed by keyboard, with the focus where one expects it', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'nunchi' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.getByRole('heading', { name: 'nunchi' }).isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect(
      await page.evaluate(
        () => document.querySelector('nunchi-devtools')?.shadowRoot?.activeElement?.textContent,
      ),
    ).toBe('nunchi')
  })

  it.each(['light', 'dark'] as const)('can be used by everybody: %s', async (colorScheme) => {
    world.collector.config.publish(shopConfig({ version: 'v1' }))
    const page = await opened()
    await page.emulateMedia({ colorScheme })
    await page.evaluate(() => window.nunchi.track('Tea Poured'))
    await page.getByText('Visitor', { exact: true }).click()
    const { violations } = await new AxeBuilder({ page }).include('nunchi-devtools').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
  })

  it('needs nothing that a strict content policy forbids, shows hostile text as text, and leaves no trace', async () => {
    const policy = `default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src ${world.collector.url}`
    const page = await opened('', { 'content-security-policy': policy })
    await page.evaluate(() => window.nunchi.track('<img src=x onerror=alert(1)>'))
    await eventually(() => events(page).textContent()).toContain('<img src=x onerror=alert(1)>')
    expect(await page.locator('nunchi-devtools img').count()).toBe(0)
    const position = () =>
      page.evaluate(() => {
        const panel = document.querySelector('nunchi-devtools')?.shadowRoot?.querySelector('.panel')
        return panel && getComputedStyle(panel).position
      })
    expect(await position()).toBe('fixed')
    await page.evaluate(() => (window as unknown as { panel: { remove(): void } }).panel.remove())
    expect(await position()).toBeFalsy()
  })

  it('shows what is good of a config with broken parts', async () => {
    const { version, flags, experiments } = shopConfig({ version: 'v1' })
    const broken = {
      none: null,
      rules: { type: 'string', value: 'x', revision: 1, rules: 7 },
      rule: { rules: [null] },
    }
    world.collector.config.publish({
      version,
      flags: { ...broken, ...flags } as never,
      experiments: {
        none: null,
        text: { variants: 'no' },
        hole: { variants: [null] },
        ...experiments,
      } as never,
    })
    const page = await opened()
    for (const [key, text] of Object.entries({
      none: 'null: unsupported',
      columns: '4: experiment',
      cards: 'grid: in',
    }))
      await eventually(() => page.locator(`li[data-key="${key}"]`).first().textContent()).toContain(text)
  })

  it('is there by the program of its guide, and only where it is asked for', async () => {
    const { site, collector } = world
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guide/devtools.md'), 'utf8')
    const [{ code } = { code: '' }] = examplesOf(guide, '')
    const { outputFiles } = await build({
      stdin: {
        contents: code.replace('nk_pub_…', key).replace('https://events.example.com', collector.url),
        loader: 'ts',
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      format: 'esm',
    })
    site.put('/app.js', { html: outputFiles[0]!.text, headers: { 'content-type': 'text/javascript' } })
    site.put(
      '/',
      '<!doctype html><title>Shop</title><h1>Shop</h1><script type="module" src="/app.js"></script>',
    )
    collector.config.publish(shopConfig({ version: 'v1' }))
    const page = await world.visitor.newPage()
    await page.goto(`${site.url}/?devtools`)
    await page.getByRole('button', { name: 'nunchi' }).click()
    await eventually(() => page.locator('li[data-key="cards"]').textContent()).toContain('grid: in')
    await page.goto(site.url)
    await eventually(() => collector.config.asked.stream).toBe(2)
    expect(await page.locator('nunchi-devtools').count()).toBe(0)
  })

  it('says that there are no flags where the plugin is not there', async () => {
    const page = await opened('')
    expect(await page.getByText('Flags and experiments').count()).toBe(0)
    expect(await page.getByText('Events', { exact: true }).count()).toBe(1)
  })
})
