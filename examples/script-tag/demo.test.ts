/** The demo in a real browser: what a stranger does in the shop, and what the panel then says. */
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../scripts/lib/chromium.ts'
import { letItWait } from './test/let-it-wait.ts'
import { type OpenDemo, openDemo, setNetwork } from './test/open-demo.ts'

const executablePath = findChromium()
/** After a failure the SDK may wait for half a minute before it tries again, and on a slow machine fail more than once. */
const arrival = { timeout: 120_000, interval: 250 }
const person = { name: '김눈치', email: 'kim@private.example', address: '서울 종로구 옥인길 12' }

let demo: OpenDemo
let browser: Browser
/** What the browser complained about: errors, warnings, violations of the security policy. */
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
beforeEach(async (ctx) => {
  if (!executablePath) return ctx.skip(chromiumHint)
  complaints = []
  await setNetwork(demo, { down: false }) // A test that failed half-way may have left it off.
})

async function visit(options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<unknown>) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'ko-KR',
    ...options,
  })
  // Who prepares the page has something else in store for the script.
  if (!prepare) await letItWait(context)
  const open = async (path = '/') => {
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // A closed port is a failed request to every browser, and a stream that ends early; that is what the switch is for.
      const refused = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !refused) complaints.push(message.text())
    })
    await prepare?.(page)
    await page.goto(demo.shop + path, { waitUntil: 'domcontentloaded' })
    return page
  }
  return { open, close: () => context.close() }
}

const counts = async (page: Page): Promise<string> =>
  (await page.locator('#balance dd').allTextContents()).join(' = ')
const names = (page: Page): Promise<string[]> => page.locator('.event-name').allTextContents()
const visitorOf = (page: Page): Promise<string> =>
  page.evaluate(() => (window as unknown as { nunchi: { anonymousId: string } }).nunchi.anonymousId)
async function rowsOf(page: Page): Promise<{ total: number; text: string }> {
  const answer = await fetch(`${demo.shop}/demo/rows?anonymousId=${await visitorOf(page)}`)
  const { total, rows } = (await answer.json()) as { total: number; rows: unknown[] }
  return { total, text: JSON.stringify(rows) }
}

async function buy(page: Page): Promise<void> {
  await page.locator('#results').getByRole('link', { name: '달항아리' }).click()
  await page.getByRole('button', { name: '장바구니에 담기', exact: true }).click()
  await page.getByRole('link', { name: /^장바구니/ }).click()
  await page.getByRole('button', { name: '달항아리: 하나 더' }).click()
  await page.getByRole('link', { name: '주문하러 가기' }).click()
  await page.getByLabel('이름').fill(person.name)
  await page.locator('main').getByLabel('이메일').fill(person.email)
  await page.getByLabel('받으실 주소').fill(person.address)
  await page.getByRole('button', { name: '₩168,000 주문하기' }).click()
  await page.getByRole('heading', { name: '고맙습니다. 주문을 받았습니다.' }).waitFor()
}

describe('a visitor', () => {
  it('buys with the collector off, reloads, comes back in another tab: every event is stored once', async () => {
    const shop = await visit()
    const page = await shop.open()
    await expect.poll(() => counts(page), arrival).toBe('2 = 2 = 2')

    await page.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => page.locator('#verdict').textContent()).toContain('꺼져 있습니다')
    const { total } = await rowsOf(page)
    await buy(page)
    await page.getByRole('button', { name: '40개 한꺼번에' }).click()
    await expect.poll(() => page.locator('#stages b').nth(1).textContent()).not.toBe('0')
    expect((await rowsOf(page)).total).toBe(total)
    await page.reload()
    await page.close()
    const again = await shop.open()
    await expect.poll(() => again.locator('#verdict').textContent()).toContain('저장소에서 기다립니다')
    await again.getByRole('switch', { name: '수집기 끄기' }).click()

    await expect.poll(() => again.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    const [made, acked, stored] = (await counts(again)).split(' = ')
    expect([acked, stored]).toEqual([made, made])
    expect(Number(made)).toBeGreaterThan(50)
    expect((await rowsOf(again)).total).toBe(Number(made))
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('leaves the names of what happened, and nothing of what was written into a form or searched for', async () => {
    const shop = await visit()
    const page = await shop.open()
    await page.getByLabel('물건 찾기').fill('백자')
    await expect.poll(() => names(page)).toContain('Products Searched')
    await page.getByLabel('물건 찾기').fill('')
    await buy(page)
    await page.locator('#news-email').fill(person.email)
    await page.getByRole('button', { name: '받아 보기' }).click()

    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    const { text } = await rowsOf(page)
    for (const name of ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed', 'identify'])
      expect(text).toContain(`"name":"${name}"`)
    expect(text).toMatch(/"revenue":\s*168000/)
    for (const secret of [...Object.values(person), '백자']) expect(text).not.toContain(secret)
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('becomes another one: the counts begin anew', async () => {
    const shop = await visit()
    const page = await shop.open('/?p=lamp')
    await expect.poll(() => counts(page), arrival).toBe('2 = 2 = 2')
    const before = await visitorOf(page)
    await page.getByRole('button', { name: '새 방문자' }).click()
    await expect.poll(() => counts(page), arrival).toBe('0 = 0 = 0')
    expect(await visitorOf(page)).not.toBe(before)
    await page.getByRole('button', { name: '장바구니에 담기', exact: true }).click()
    await expect.poll(() => counts(page), arrival).toBe('1 = 1 = 1')
    await shop.close()
  }, 240_000)

  it('goes back and forth in one page, by keyboard alone, with the focus on each new heading', async () => {
    const shop = await visit({ locale: 'en-US' })
    const page = await shop.open()
    const heading = () => page.evaluate(() => document.activeElement?.textContent)
    await page.locator('#results').getByRole('link', { name: 'Hanji lamp' }).press('Enter')
    await expect.poll(heading).toBe('Hanji lamp')
    expect(await page.title()).toBe('Hanji lamp · nunchi 상점')
    await page.goBack()
    await expect.poll(heading).toBe('Homeware that reads the room.')
    await page.goForward()
    await expect.poll(heading).toBe('Hanji lamp')
    await shop.close()
  })
})

const layoutOf = (page: Page) => page.locator('#results').getAttribute('data-layout')
const viewed = async (page: Page) => (await names(page)).filter((name) => name === 'Experiment Viewed').length

describe('the experiment and the flag', () => {
  // They reload when all is acknowledged: a page that goes in the moment of an ack leaves its panel without it.
  it('show one arm, the same on each page, exposed once; drawn again, a visitor gets the other one sooner or later', async () => {
    const shop = await visit()
    const page = await shop.open()
    const first = await layoutOf(page)
    expect(['patchwork', 'gallery']).toContain(first)
    const shown = first === 'gallery' ? '진열장' : '조각보'
    await expect.poll(() => page.locator('#trials').textContent()).toContain(`카드 배치${shown}반반으로 뽑힘`)
    expect(await page.locator('#trials').textContent()).toMatch(/선물 포장(켜짐|꺼짐)방문자의 25%/)
    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    await page.reload()
    await page.locator('.patchwork').waitFor()
    expect(await layoutOf(page)).toBe(first)
    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    const { text } = await rowsOf(page)
    expect(text.split('"Experiment Viewed"').length - 1).toBe(1)
    expect(text).toContain(`"variant":"${first}"`)
    const again = page.getByRole('button', { name: '다시 뽑기' })
    for (let draw = 0; draw < 60 && (await layoutOf(page)) === first; draw++) await again.click()
    expect(await layoutOf(page)).not.toBe(first)
    await expect.poll(() => viewed(page)).toBe(1)
    await expect.poll(() => counts(page), arrival).toBe('1 = 1 = 1')
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('can be set for a tab by the address; a form that is being filled in is not drawn again', async () => {
    const shop = await visit()
    const page = await shop.open('/?nunchi_experiment.card-layout=gallery&nunchi_flag.gift-wrapping=true')
    await page.locator('.patchwork').waitFor()
    expect(await layoutOf(page)).toBe('gallery')
    await page.locator('#results').getByRole('link', { name: '달항아리' }).click()
    await page.getByText('선물이라면 보자기에').waitFor()
    await page.getByRole('button', { name: '장바구니에 담기', exact: true }).click()
    await page.goto(`${demo.shop}/?view=checkout`)
    await page.getByLabel('이름').fill(person.name)
    await page.evaluate(() =>
      (window as unknown as { nunchi: { experiments: { override(): void } } }).nunchi.experiments.override(),
    )
    await expect.poll(() => page.locator('#trials').textContent()).not.toContain('이 탭에서')
    expect(await page.getByLabel('이름').inputValue()).toBe(person.name)
    await shop.close()
  })

  it('hold while the collector is off, on a first visit too', async () => {
    const shop = await visit()
    const first = await shop.open()
    await first.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => first.locator('#verdict').textContent()).toContain('꺼져 있습니다')
    const other = await visit()
    const page = await other.open()
    await page.locator('.patchwork').waitFor()
    await expect.poll(() => page.locator('#trials').textContent()).toContain('반반으로 뽑힘')
    await buy(page)
    await first.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    await other.close()
    await shop.close()
  }, 240_000)
})

/** The kinds of the ten things on the shelf, and why they are there. */
const shelfOf = (page: Page) =>
  page
    .locator('.shelf .card')
    .evaluateAll((cards) =>
      (cards as HTMLElement[]).map((card) => [
        card.dataset['category'],
        card.querySelector('.reason')!.textContent,
      ]),
    )
const teas = async (page: Page) => (await shelfOf(page)).filter(([kind]) => kind === 'tea').length

describe('the shelf for you', () => {
  it('learns: five clicks on one kind bring at least five of it among the ten; after a reload, with the collector off, and it says why', async () => {
    const shop = await visit()
    const page = await shop.open()
    await expect.poll(async () => (await shelfOf(page)).length, arrival).toBe(10)
    expect(await teas(page)).toBeLessThanOrEqual(2)

    for (let click = 0; click < 5; click++) {
      await page.getByRole('button', { name: '차', exact: true }).click()
      await page.locator('#results .patch-link').nth(click).click()
      await page.locator('.product').waitFor()
      await page.goBack()
    }
    await expect.poll(() => teas(page)).toBeGreaterThanOrEqual(5)
    await expect.poll(() => page.locator('#verdict').textContent(), arrival).toContain('접수 = 저장')
    await page.reload()
    await expect.poll(() => teas(page)).toBeGreaterThanOrEqual(5)

    await page.getByRole('switch', { name: '수집기 끄기' }).click()
    await expect.poll(() => page.locator('#verdict').textContent()).toContain('꺼져 있습니다')
    await page.reload()
    await expect.poll(() => teas(page)).toBeGreaterThanOrEqual(5)
    const why = (await shelfOf(page)).filter(([kind]) => kind === 'tea').map(([, reason]) => reason)
    expect(why.join()).toMatch(/^(보신 것과 (닮은|함께 찾는) 물건: [^,]+,?)+$/)

    await page.getByRole('button', { name: '새 방문자' }).click()
    await expect.poll(async () => (await shelfOf(page)).length, { message: 'nobody else sees it' }).toBe(0)
    await page.getByRole('switch', { name: '수집기 끄기' }).click()
    await page.reload()
    await expect.poll(async () => (await shelfOf(page)).length, arrival).toBe(10)
    expect(await teas(page)).toBeLessThanOrEqual(2)
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('tells once what was seen on it and what was clicked, by the list’s id', async () => {
    const shop = await visit({ locale: 'en-US' })
    const page = await shop.open()
    await page.locator('.shelf .card').last().scrollIntoViewIfNeeded()
    await expect.poll(() => names(page), arrival).toContain('Recommendation Viewed')
    await page.locator('.shelf .patch-link').last().click()
    await expect.poll(() => names(page)).toContain('Recommendation Clicked')
    await expect.poll(async () => (await rowsOf(page)).text, arrival).toContain('Recommendation Clicked')
    const { rows } = (await (
      await fetch(`${demo.shop}/demo/rows?anonymousId=${await visitorOf(page)}`)
    ).json()) as {
      rows: { name: string; properties: { recommendationId: string; position: number; items: string[] } }[]
    }
    const of = (name: string) => rows.find((row) => row.name === name)!.properties
    const [seen, clicked] = [of('Recommendation Viewed'), of('Recommendation Clicked')]
    expect(clicked).toMatchObject({
      recommendationId: seen.recommendationId,
      list: 'user',
      type: 'products',
      position: 9,
    })
    expect(seen.items.length).toBeGreaterThan(0)
    await shop.close()
  }, 240_000)
})

describe('without nunchi', () => {
  it('the shop is whole while the script is slow, and stays as it is when the script comes', async () => {
    let deliver = (): void => {}
    const late = new Promise<void>((resolve) => {
      deliver = resolve
    })
    const shop = await visit({}, (page) =>
      page.route('**/nunchi.js', async (route) => {
        await late
        await route.continue()
      }),
    )
    const page = await shop.open()
    await page.locator('.patchwork').waitFor()
    expect(await layoutOf(page)).toBe('patchwork')
    await page.locator('#results').getByRole('link', { name: '달항아리' }).click()
    await page.getByRole('button', { name: '장바구니에 담기', exact: true }).click()
    await page.goBack({ waitUntil: 'commit' })
    await page.locator('#results .patchwork').waitFor()
    deliver()
    await expect.poll(() => page.locator('#trials').textContent(), arrival).toContain('반반으로 뽑힘')
    expect(await layoutOf(page)).toBe('patchwork')
    await expect.poll(() => names(page)).toContain('Product Added')
    expect(await names(page), 'nobody saw a variant').not.toContain('Experiment Viewed')
    expect(complaints).toEqual([])
    await shop.close()
  }, 240_000)

  it('the shop is whole when a blocker stops the script, and the panel says so', async () => {
    const shop = await visit({}, (page) => page.route('**/nunchi.js', (route) => route.abort()))
    const page = await shop.open()
    await buy(page)
    await expect
      .poll(() => page.locator('#panel-notice').textContent(), arrival)
      .toContain('불러오지 못했습니다')
    await shop.close()
  })

  it('nothing is recorded for a browser that asks not to be tracked', async () => {
    const shop = await visit({}, (page) =>
      page.addInitScript(
        'Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true })',
      ),
    )
    const page = await shop.open()
    await expect.poll(() => page.locator('#panel-notice').textContent()).toContain('GPC')
    await buy(page)
    expect(await counts(page)).toBe('0 = 0 = 0')
    expect((await rowsOf(page)).total).toBe(0)
    await shop.close()
  })
})

describe('accessibility', () => {
  // Each size with each colour scheme, and each of them with each language.
  const looks = [
    { width: 1280, colorScheme: 'light', locale: 'ko-KR' },
    { width: 1280, colorScheme: 'dark', locale: 'en-US' },
    { width: 390, colorScheme: 'light', locale: 'en-US' },
    { width: 390, colorScheme: 'dark', locale: 'ko-KR' },
  ] as const

  // What there is to see of results, somebody must have done.
  beforeAll(async () => {
    const headers = { 'content-type': 'application/json' }
    await fetch(`${demo.shop}/demo/crowd`, { method: 'POST', body: '{}', headers })
  })

  it.each(looks)(
    'has no fault at $width px, $colorScheme, $locale',
    async ({ width, ...look }) => {
      const shop = await visit({ ...look, viewport: { width, height: 844 }, reducedMotion: 'reduce' })
      const arm = look.colorScheme === 'dark' ? 'gallery' : 'patchwork'
      const page = await shop.open(`/?nunchi_experiment.card-layout=${arm}&nunchi_flag.gift-wrapping=true`)
      await expect.poll(() => page.locator('.event').count()).toBe(2)
      const faults: string[] = []
      const check = async (where: string) => {
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
        faults.push(...violations.map(({ id, nodes }) => `${where}: ${id} at ${nodes[0]?.target}`))
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
        if (sideways) faults.push(`${where}: scrolls sideways`)
      }
      const toggle = page.locator('#panel-toggle')
      await check('front')
      await toggle.click()
      await check('with the panel the other way')
      if (width < 1000) await toggle.click()
      await page.goto(`${demo.shop}/?p=lamp`)
      await check('product')
      await page.locator('.go').click()
      await page.goto(`${demo.shop}/?view=cart`)
      await check('cart')
      await page.goto(`${demo.shop}/?view=checkout`)
      await page.locator('main [type=submit]').click()
      await check('checkout with errors')
      await page.goto(`${demo.shop}/results`)
      await page.locator('#looking summary').click()
      await page.locator('#twin summary').click()
      await check('results')
      expect(faults).toEqual([])
      expect(complaints).toEqual([])
      await shop.close()
    },
    300_000,
  )
})
