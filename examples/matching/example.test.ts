/** The example in a real browser: from the first look to a mutual hello, and whether everybody can read and reach it. */
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../scripts/lib/chromium.ts'
import { type OpenClub, openClub } from './test/open-club.ts'

const executablePath = findChromium()
let club: OpenClub
let browser: Browser
let complaints: string[]

beforeAll(async () => {
  if (!executablePath) return
  club = await openClub()
  browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await club?.close()
})
beforeEach((ctx) => {
  if (!executablePath) ctx.skip(chromiumHint)
  complaints = []
})

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    ...options,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(club.url)
  await page.locator('.card').first().waitFor()
  return page
}
async function become(page: Page, name: string): Promise<void> {
  await page.locator('#who').selectOption({ label: name })
  await page.locator('#consent:enabled').waitFor()
}
const names = (page: Page, list: '.cards' | '.mutual') => page.locator(`${list} h3`).allTextContents()

/** Whatever can be read or reached, with what it measures. */
const measured = (page: Page) =>
  page.evaluate(() => {
    const seen = [...document.querySelectorAll<HTMLElement>('body *')].filter((one) => one.checkVisibility())
    const texts = seen.filter((one) =>
      [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
    )
    const targets = seen.filter((one) => one.matches('button, select, summary, a:not(.skip)'))
    return {
      small: texts
        .filter((one) => Number.parseFloat(getComputedStyle(one).fontSize) < 18)
        .map((one) => one.textContent),
      narrow: targets
        .filter((one) => one.offsetWidth < 44 || one.offsetHeight < 44)
        .map((one) => `${one.textContent}: ${one.offsetWidth} × ${one.offsetHeight}`),
      targets: targets.length,
      sideways: document.documentElement.scrollWidth > innerWidth,
    }
  })

describe('everybody can use it', () => {
  it.each([
    ['wide, light', { width: 1280, height: 900 }, 'light', 'en-US'],
    ['wide, dark', { width: 1280, height: 900 }, 'dark', 'ko-KR'],
    ['a telephone, light', { width: 390, height: 844 }, 'light', 'ko-KR'],
    ['a telephone, dark', { width: 390, height: 844 }, 'dark', 'en-US'],
    // As a window of 640 × 450 that is enlarged twice.
    ['at 200 %', { width: 320, height: 450 }, 'light', 'en-US'],
  ] as const)(
    '%s: axe finds nothing, type is 18 px, targets are 44 px, nothing scrolls sideways',
    async (_, viewport, colorScheme, locale) => {
      const page = await visit({ viewport, colorScheme, locale })
      await page.locator('summary').first().click()
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      expect(violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.target}`)).toEqual([])
      const { targets, ...faults } = await measured(page)
      expect(faults).toEqual({ small: [], narrow: [], sideways: false })
      expect(targets).toBeGreaterThan(15)
      expect(complaints).toEqual([])
      await page.context().close()
    },
    60_000,
  )
})

describe('the way to a mutual hello', () => {
  it('by keyboard: why two fit, how to begin, hello, and the other side of it; a no is final, a block holds for both', async () => {
    const page = await visit()
    const card = page.locator('.card', { hasText: 'Edith Holm' })
    expect(await card.locator('.why').textContent()).toContain('You share (interests)')
    expect(await card.locator('.likes .shared').allTextContents()).toEqual(
      expect.arrayContaining(['tea', 'birdwatching']),
    )
    await card.locator('summary').press('Enter')
    expect(await card.locator('.starters li').count()).toBe(3)

    expect(await names(page, '.mutual')).toEqual([])
    await page.getByRole('button', { name: 'Say hello to Edith Holm' }).press('Enter')
    await expect
      .poll(() => page.locator('#said').textContent())
      .toBe('Edith Holm said hello to you, too! You will find them above.')
    await expect.poll(() => names(page, '.mutual')).toEqual(['Edith Holm'])
    expect(await names(page, '.cards')).not.toContain('Edith Holm')
    // The keyboard goes on where it was.
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('yes')

    const [refused, blocked] = (await names(page, '.cards')) as [string, string]
    await page.getByRole('button', { name: `Not for me: ${refused}` }).click()
    await expect.poll(() => page.locator('#said').textContent()).toContain(`${refused} will not be shown`)
    await page.getByRole('button', { name: `Never show us to each other: ${blocked}` }).click()
    await expect.poll(() => page.locator('#said').textContent()).toContain(`You and ${blocked}`)
    await become(page, 'Edith Holm')
    await expect.poll(() => names(page, '.mutual')).toEqual(['Sun-ok Moon'])
    for (const other of [refused, blocked]) {
      await become(page, other)
      await expect.poll(() => names(page, '.cards')).not.toEqual([])
      await expect.poll(() => names(page, '.cards')).not.toContain('Sun-ok Moon')
    }
    expect(complaints).toEqual([])
    await page.context().close()
  }, 240_000)

  it('tells in sight what was said, wherever in the list; and promises nothing that did not happen', async () => {
    const page = await visit({ viewport: { width: 390, height: 844 } })
    await become(page, 'Ruth Abe')
    const said = page.locator('#said')
    const last = page.locator('.card').last()
    const name = await last.locator('h3').textContent()
    await page.route('**/v1/matches/blocks/**', (route) => route.abort())
    await last.getByRole('button', { name: 'Never show us' }).click()
    await expect
      .poll(() => said.textContent())
      .toBe('That did not work just now. Please try again in a moment.')
    expect(await names(page, '.cards')).toContain(name)
    await page.unroute('**/v1/matches/blocks/**')
    await last.getByRole('button', { name: 'Never show us' }).click()
    await expect.poll(() => said.textContent()).toContain(`You and ${name}`)
    await expect.poll(() => names(page, '.cards')).not.toContain(name)
    const top = await said.evaluate((one) => one.getBoundingClientRect().top)
    expect(top).toBeGreaterThanOrEqual(0)
    expect(top).toBeLessThan(844)
    await page.context().close()
  }, 240_000)

  it('is the way of who was chosen last, though an earlier answer comes later', async () => {
    const page = await visit()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/club/sign-in?as=edith', async (route) => {
      await held
      await route.continue()
    })
    await page.locator('#who').selectOption({ label: 'Edith Holm' })
    await become(page, 'Tomas Lind')
    const shown = await names(page, '.cards')
    const late = page.waitForResponse('**/club/sign-in?as=edith')
    release()
    await (await late).finished()
    await page.locator('summary').first().click()
    expect(await names(page, '.cards')).toEqual(shown)
    await page.getByRole('button', { name: 'Say hello to Edith Holm' }).click()
    await expect.poll(() => page.locator('#said').textContent()).toContain('You said hello to Edith Holm')
    await page.context().close()
  }, 240_000)

  it('ends for both when one takes no part any more, and begins again', async () => {
    const page = await visit()
    await become(page, 'Mi-ran On')
    const toggle = page.getByRole('switch')
    await toggle.click()
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false')
    expect(await page.locator('.nobody').textContent()).toBe(
      'Turn on “Show me to others” to see who is here.',
    )
    await become(page, 'Dae-ho Im')
    await expect.poll(() => names(page, '.cards')).not.toEqual([])
    while (await page.locator('#more').isVisible()) {
      const before = (await names(page, '.cards')).length
      await page.locator('#more').click()
      await expect.poll(async () => (await names(page, '.cards')).length).toBeGreaterThan(before)
    }
    const shown = await names(page, '.cards')
    expect(shown).not.toContain('Mi-ran On')
    expect(new Set(shown).size).toBe(shown.length)
    await become(page, 'Mi-ran On')
    await toggle.click()
    await expect.poll(() => names(page, '.cards')).not.toEqual([])
    await page.context().close()
  }, 240_000)

  it('speaks Korean and English, and remembers which; what is kept private is shown in neither', async () => {
    const page = await visit({ locale: 'ko-KR' })
    expect(await page.locator('html').getAttribute('lang')).toBe('ko')
    expect(await page.locator('.card').first().locator('.why').textContent()).toContain(
      '두 분의 공통점(관심사)',
    )
    expect(await page.locator('.cards').textContent()).not.toMatch(/walking|birds|seongbuk/)
    await page.getByRole('button', { name: 'English' }).click()
    await expect.poll(() => page.locator('.card .why').first().textContent()).toContain('You share')
    await page.reload()
    await page.locator('.card').first().waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await become(page, 'Tomas Lind')
    await page.locator('#more').click()
    const harun = page.locator('.card', { hasText: 'Harun Demir' })
    await expect.poll(() => harun.count()).toBe(1)
    expect(await harun.locator('.facts').textContent()).toBe('Mapo')
    expect(complaints).toEqual([])
    await page.context().close()
  }, 240_000)
})
