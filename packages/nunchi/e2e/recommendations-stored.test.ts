import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { signUser } from '../src/server.ts'
import { someItems } from '../src/test/some-recommendations.ts'
import { modulePage } from './fixtures/site.ts'
import { openStored, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld, ready } from './fixtures/world.ts'

const secret = 'a-secret-of-thirty-two-bytes-and-more'
const signer = { secret, issuer: 'https://shop.example', audience: 'nunchi' }
const query = { type: 'products', limit: 10 }

let stored: Stored | undefined
beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())

const list = (page: Page): Promise<{ items: { id: string; reason: object }[] }> =>
  page.evaluate((query) => window.nunchi.recommendations.get(query), query)
const ids = async (page: Page) => (await list(page)).items.map(({ id }) => id)
/** All that there is for the visitor. */
const whole = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { items } = await window.nunchi.recommendations.get({ type: 'products', limit: 100 })
    return items.map(({ id }: { id: string }) => id)
  })
const cloths = async (page: Page) => (await ids(page)).filter((id) => id.startsWith('cloth')).length

describe('recommendations of the real collector, on Postgres', () => {
  const world = openWorld()

  it('follow a visitor on the device, and a person on all of theirs, by a token and never without', async ({
    skip,
  }) => {
    if (!stored) return skip(inject('postgres').missing.join(' '))
    const { database, url } = stored
    const { projectId, key, rows } = await stored.project()
    const here = { projectId, environment: 'production' }
    const items = someItems(12).map(({ score: _, reason: __, ...item }) => item)
    await database.owner.call('set_items_of', { ...here, items })
    const verifier = { name: 'web', kind: 'secret', algorithm: 'HS256', ...signer }
    await database.owner.call('set_token_verifier', { ...here, verifier })
    const token = await signUser('mina', signer)
    const use = `use: [recommendations({ token: () => window.signed ?? '' })]`
    world.site.put('/', modulePage(url, use).replace('nk_pub_test', key))
    // What a test drives calls itself a program, and those are counted nowhere.
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
    const person = async () => {
      const device = await world.browser.newContext({ userAgent })
      device.on('weberror', (error) => world.errors.push(error.error().message))
      return device
    }
    const visit = async (device: BrowserContext) => {
      const page = await device.newPage()
      await page.goto(world.site.url)
      await ready(page)
      return page
    }

    const laptop = await person()
    const page = await visit(laptop)
    expect(await cloths(page)).toBeLessThanOrEqual(3)
    await page.evaluate(() => {
      for (let i = 0; i < 5; i++) window.nunchi.track('Product Clicked', { productId: `cloth-${i}` })
    })
    expect(await cloths(page)).toBeGreaterThanOrEqual(5)
    await page.evaluate((signed) => {
      Object.assign(window, { signed })
      return window.nunchi.identify('mina').then(() => window.nunchi.flush())
    }, token)
    await eventually(async () => (await rows("name = 'Product Clicked'")).length).toBe(5)
    await eventually(async () => {
      await database.app.call('process', {})
      const [seen] =
        await database.sql`select count(*)::int as n from nunchi.interactions where project_id = ${projectId}`
      return seen!['n']
    }).toBe(5)

    const phone = await person()
    const other = await visit(phone)
    expect(await whole(other), 'a stranger’s device knows nothing').toContain('cloth-0')
    await other.evaluate((signed) => {
      window.nunchi.identify('mina')
      Object.assign(window, { signed })
      window.nunchi.recommendations.onChange(() => {})
    }, token)
    await whole(other)
    await eventually(() => whole(other)).not.toContain('cloth-0')
    expect(
      (await whole(other)).filter((id) => /^cloth-[0-4]$/.test(id)),
      'what was seen on the first device',
    ).toEqual([])

    await other.evaluate(() => {
      window.nunchi.reset()
      Object.assign(window, { signed: undefined })
    })
    await eventually(() => whole(other), { message: 'whoever comes next is a stranger' }).toContain('cloth-0')
    await Promise.all([laptop.close(), phone.close()])
  }, 90_000)
})
