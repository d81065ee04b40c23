/** The overview in a real browser: it can be used, nothing in it runs, and it keeps itself fresh. */
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../../scripts/lib/chromium.ts'
import { serveCollector } from '../deploy/node/index.ts'
import { type OverviewWorld, overviewWorld } from './overview-world.ts'

const executablePath = findChromium()
const hostile = [
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '</script><script>alert(1)</script>',
  '\u202Egnp.exe',
  'x'.repeat(180),
]

let world: OverviewWorld
let serving: Awaited<ReturnType<typeof serveCollector>>
let browser: Browser
/** What the browser complained about, violations of the security policy included. */
let complaints: string[]

beforeAll(async () => {
  if (!executablePath) return
  world = await overviewWorld()
  serving = await serveCollector({ collector: world.collector, port: 0, host: '127.0.0.1' })
  browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
  await world.send([
    ...hostile.map((name) => ({
      type: 'page' as const,
      name,
      anonymousId: name.slice(0, 60),
      sessionId: `s ${name.slice(0, 30)}`,
      page: { url: `https://shop.example/${name}`, referrer: 'https://search.example/?q=tea', title: name },
    })),
    ...hostile.map((conversion) => ({
      type: 'track' as const,
      name: conversion,
      properties: { conversion },
    })),
  ])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await serving?.close()
  await world?.close()
})
beforeEach((ctx) => {
  if (!executablePath) ctx.skip(chromiumHint)
  complaints = []
})

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('console', (message) => {
    // A 401 that is meant to be one is a failed request to the browser.
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('status of 401'))
      complaints.push(message.text())
  })
  await page.goto(`${serving.url}/`)
  return page
}

async function signedIn(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await visit(options)
  await page.waitForFunction(() => document.activeElement?.id === 'key')
  await page.keyboard.type(world.keys.overview)
  await page.keyboard.press('Enter')
  await page.waitForSelector('main[data-live]')
  return page
}

describe('the overview in Chromium', () => {
  it('is opened by keyboard alone, and shows the figures', async () => {
    const page = await signedIn()
    expect(await page.title()).toContain('찻집')
    expect(await page.locator('.now .figure').textContent()).toBe('6')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('security 49: shows what visitors send as text, whatever it is', async () => {
    const page = await signedIn()
    const text = await page.locator('[data-part=pages]').textContent()
    expect(text).toContain('<img src=x onerror=alert(1)>')
    expect(text).toContain('</script><script>alert(1)</script>')
    expect(await page.locator('main img, main script, main a').count()).toBe(0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('keeps itself fresh, and stops when it is told to', async () => {
    const page = await signedIn()
    await page.clock.install()
    await page.reload()
    const pause = page.getByRole('button', { name: 'Pause updates' })
    await world.send([{ type: 'page', name: '/fresh', anonymousId: 'fresh', sessionId: 'fresh' }])
    await page.clock.runFor(16_000)
    await expect.poll(() => page.locator('.now .figure').textContent()).toBe('7')
    await pause.click()
    await world.send([{ type: 'page', name: '/paused', anonymousId: 'paused', sessionId: 'paused' }])
    await page.clock.runFor(40_000)
    expect(await page.locator('.now .figure').textContent()).toBe('7')
    await page.getByRole('button', { name: 'Resume updates' }).click()
    await expect.poll(() => page.locator('.now .figure').textContent()).toBe('8')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 320],
  ] as const)('can be read and used by everybody: %s, %i px wide', async (colorScheme, width) => {
    const page = await signedIn({ colorScheme, viewport: { width, height: 800 } })
    const judge = async () =>
      (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze()).violations
    expect((await judge()).map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('a, button, summary, input')]
        .filter((one) => (one as HTMLElement).offsetParent)
        .filter((one) => one.getBoundingClientRect().height < 44)
        .map((one) => one.outerHTML),
    )
    expect(small).toEqual([])
    await page.context().clearCookies()
    await page.reload()
    expect((await judge()).map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    await page.context().close()
  })

  it('lets no page frame it', async () => {
    const page = await browser.newPage()
    await page.goto('data:text/html,<p>')
    await page.setContent(`<iframe src="${serving.url}/overview"></iframe>`)
    await page.waitForTimeout(300)
    expect(await page.frames()[1]?.evaluate(() => document.body?.textContent ?? '')).not.toContain('key')
    await page.context().close()
  })
})
