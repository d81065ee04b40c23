/** The example is installed as published, type-checked, built, served, and used in Chromium, against a real collector. */
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../scripts/lib/chromium.ts'
import { buyAndReturn, expectReadable, openShop } from '../react-vite/test/drive-shop.ts'
import { type OpenCollector, openCollector } from '../react-vite/test/open-collector.ts'
import { type OpenNext, openNext, whyNot } from './test/open-next.ts'

const executablePath = findChromium()
const reason = executablePath ? whyNot() : chromiumHint

describe('the example', () => {
  let collector: OpenCollector
  let site: OpenNext
  let browser: Browser

  beforeAll(async () => {
    if (reason) return
    collector = await openCollector()
    site = await openNext({ NEXT_PUBLIC_NUNCHI_KEY: collector.key, NEXT_PUBLIC_NUNCHI_HOST: collector.url })
    browser = await chromium.launch({ executablePath: executablePath as string, args: [...chromiumArgs] })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await collector?.close()
  })
  beforeEach(({ skip }) => {
    if (reason) skip(reason)
  })

  it('shows at first what the server decided for the same visitor, counts it once, and is readable', async () => {
    const visitor = await browser.newContext()
    const served: string[] = []
    visitor.on('response', async (response) => {
      if (response.request().isNavigationRequest()) served.push(await response.text())
    })
    const { page, said } = await openShop(visitor, site.url)
    const id = await buyAndReturn(page, collector)
    await expectReadable(page)
    expect(await visitor.cookies()).toMatchObject([{ name: 'nunchi_id', value: id, sameSite: 'Lax' }])
    for (const html of served) expect(html).toContain('<h1>Stop drinking dust.</h1>')
    expect(served.length).toBe(2)
    // Whole: a difference between the server's page and the page's own would stand there.
    expect(said).toEqual([])
    expect(site.said()).not.toMatch(/error|warn/i)
  }, 150_000)

  it('gives nobody an id who asks not to be tracked: no cookie, the control, and nothing recorded', async () => {
    const answer = await fetch(site.url, { headers: { 'sec-gpc': '1' } })
    expect(answer.headers.get('set-cookie')).toBe(null)
    expect(await answer.text()).toContain('<h1>Tea for two.</h1>')
  })

  it('is whole while the collector is away', async () => {
    await collector.close()
    const answer = await fetch(site.url)
    expect(await answer.text()).toContain('<h1>Stop drinking dust.</h1>')
  })
})
