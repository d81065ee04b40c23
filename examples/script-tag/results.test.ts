/** The demo's live results in a real browser: they notice what was planted in pretend visitors, and say when nobody can come in. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../scripts/lib/chromium.ts'
import { type OpenDemo, openDemo } from './test/open-demo.ts'

const executablePath = findChromium()
const arrival = { timeout: 120_000, interval: 250 }

let demo: OpenDemo
let browser: Browser
/** What the browser complained about. */
let complaints: string[]

beforeAll(async () => {
  if (!executablePath) return
  demo = await openDemo()
  browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await demo?.close()
})
beforeEach((ctx) => {
  if (!executablePath) ctx.skip(chromiumHint)
  complaints = []
})

const visit = (): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'ko-KR' })

async function open(shop: BrowserContext, path = '/'): Promise<Page> {
  const page = await shop.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(demo.shop + path, { waitUntil: 'domcontentloaded' })
  return page
}

describe('the results of the experiment', () => {
  it('are one click away, notice what was planted, and pause when told to', async () => {
    const shop = await visit()
    const page = await open(shop)
    await page.getByRole('link', { name: '실험 결과 보기' }).click()
    await page.getByRole('heading', { name: '먼저, 반반으로 나뉘었나요?' }).waitFor()
    const crowd = page.getByRole('button', { name: '연습 손님 500명 들이기' })
    const seen = async () =>
      (await page.locator('.shares b').allTextContents()).reduce(
        (sum, text) => sum + Number(text.replace(/\D/g, '')),
        0,
      )
    for (let more = 0; more < 6 && !(await page.locator('[data-verdict=ship]').count()); more++) {
      const before = await seen()
      await crowd.click()
      await expect.poll(() => page.locator('#said').textContent(), arrival).toContain('다녀갔습니다')
      await expect.poll(seen, arrival).toBeGreaterThanOrEqual(before + 500)
    }
    expect(await page.locator('.verdict-word').textContent()).toBe('‘진열장’ 쪽으로 바꾸세요')
    const goal = page.getByRole('img', { name: /^장바구니에 담은 방문자: 변화 \+\d+%, 구간 \+.+ 더 좋음\.$/ })
    expect(await goal.count()).toBe(1)
    await page.locator('#twin summary').click()
    expect(await page.locator('#table tbody tr').count()).toBe(3)

    await page.getByRole('button', { name: '자동 갱신 멈춤' }).click()
    const at = await page.locator('#as-of').textContent()
    expect(at).toContain('멈춰')
    await page.waitForTimeout(4_000)
    expect(await page.locator('#as-of').textContent()).toBe(at)
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('say that nobody can come in while the collector is off', async () => {
    const shop = await visit()
    const page = await open(shop)
    await page.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => page.locator('#verdict').textContent()).toContain('꺼져 있습니다')
    const results = await open(shop, '/results')
    await results.getByRole('button', { name: '연습 손님 500명 들이기' }).click()
    await expect.poll(() => results.locator('#said').textContent(), arrival).toContain('들어오지 못했습니다')
    await page.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    await shop.close()
  }, 240_000)
})
