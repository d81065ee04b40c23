/** The mirror beside Segment's own client: what that one sends is what nunchi stores. */
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, openWorld } from './fixtures/world.ts'

/** Segment's client as `window.analytics`, made half a second after the page. */
const late = `import { AnalyticsBrowser } from '@segment/analytics-next'
setTimeout(() => {
  window.analytics = AnalyticsBrowser.load({
    writeKey: 'w',
    cdnSettings: { integrations: { 'Segment.io': { apiKey: 'w', unbundledIntegrations: [] } } },
  })
}, 500)`

/** The fields of a message that are compared. */
interface Message {
  type: string
  event?: string
  name?: string
  userId?: string
  groupId?: string
  previousId?: string
  properties?: object
  traits?: object
}

describe('mirror to the real Segment client', () => {
  const world = openWorld()
  let segment: string
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: late, resolveDir: join(import.meta.dirname, '../../../edge/collector') },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
    })
    segment = outputFiles[0]!.text
  })

  it('passes on what was tracked before it came, and after, each verb with its fields', async () => {
    const { collector, site, visitor } = world
    const sent: Message[] = []
    await visitor.route('https://api.segment.io/**', (route) => {
      const body = JSON.parse(route.request().postData() ?? '{}') as Message & { batch?: Message[] }
      sent.push(...(body.batch ?? [body]))
      return route.fulfill({ json: { success: true }, headers: { 'access-control-allow-origin': '*' } })
    })
    site.put('/', modulePage(collector.url, "use: [mirror('analytics')]"))
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => !!window.nunchi)
    await page.evaluate(() => window.nunchi.track('Early', { n: 1 }))
    await page.evaluate(segment)
    await eventually(() => sent.map(({ event }) => event)).toEqual(['Early'])
    await page.evaluate(() => {
      window.nunchi.track('Late', { n: 2 })
      window.nunchi.page('/shop', { section: 'lamps' })
      // First: of somebody whom it knows, Segment's client names the present user in an alias, whatever it is given.
      window.nunchi.alias('user-1', 'old-1')
      window.nunchi.identify('user-1', { plan: 'free' })
      window.nunchi.group('team-1', { size: 3 })
    })
    await eventually(() => sent.length).toBe(6)
    const of = (type: string) => sent.filter((message) => message.type === type)
    expect(of('track')).toMatchObject([
      { event: 'Early', properties: { n: 1 } },
      { event: 'Late', properties: { n: 2 } },
    ])
    expect(of('page')).toMatchObject([{ name: '/shop', properties: { section: 'lamps' } }])
    expect(of('identify')).toMatchObject([{ userId: 'user-1', traits: { plan: 'free' } }])
    expect(of('group')).toMatchObject([{ groupId: 'team-1', traits: { size: 3 } }])
    expect(of('alias')).toMatchObject([{ userId: 'user-1', previousId: 'old-1' }])
    await expectStored(collector, ['Early', 'Late', '/shop', 'identify', 'group', 'alias'])
  })
})
