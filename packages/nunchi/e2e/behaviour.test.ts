/** Page views, engagement and clicks: what visitors do in a real browser, and the rows that come of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { modulePage, startSite } from './fixtures/site.ts'
import { slowWay } from './fixtures/slow-way.ts'
import { openStored, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld, ready } from './fixtures/world.ts'

let stored: Stored | undefined
beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())

/** A row as this file asks for it. */
interface Row {
  id: string
  type: string
  name: string
  // Tests look into them, where nothing is typed.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  properties: any
  // biome-ignore lint/suspicious/noExplicitAny: see above
  user_context: any
  page_url: string
}

describe('the behaviour of a visitor', () => {
  const world = openWorld({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  let project: { projectId: string; key: string }
  const rows = () =>
    stored!.database.sql.unsafe<Row[]>(
      `select id::text, type, name, properties, user_context, page_url
       from nunchi.analytics_events where project_id = $1 order by ts, seq`,
      [project.projectId],
    )
  const names = async () => (await rows()).map(({ name }) => name)
  const named = async (name: string) => (await rows()).filter((row) => row.name === name)

  beforeEach(async (ctx) => {
    if (!stored) return ctx.skip('no Postgres was found')
    project = await stored.project()
  })

  /** Puts a page with the plugins at a path. */
  const put = (path: string, use: string, body = '', host = stored!.url, after = '') =>
    world.site.put(
      path,
      modulePage(host, `key: '${project.key}', use: [${use}]`, after).replace('<h1>Shop</h1>', body),
    )

  it('is led here by a campaign, and from page to page', async () => {
    const { site, visitor } = world
    const search = await startSite()
    const landing = `${site.url}/?utm_source=naver&utm_medium=cpc&utm_campaign=spring&gclid=g1`
    search.put('/', `<!doctype html><title>Search</title><a href="${landing}">Shop</a>`)
    put('/', 'pageViews()', '<a href="/lamps">Lamps</a>')
    put('/lamps', 'pageViews()')
    const page = await visitor.newPage()
    await page.goto(search.url)
    await page.click('a')
    await ready(page)
    await page.click('a')
    await page.waitForURL('**/lamps')
    await ready(page)
    await page.evaluate(() => history.pushState(null, '', '/lamps/moon'))
    await eventually(names).toEqual(['/', '/lamps', '/lamps/moon'])
    await search.close()
    const initialReferrer = `${search.url}/`
    expect((await rows()).map(({ properties }) => properties)).toEqual([
      { campaign: { source: 'naver', medium: 'cpc', name: 'spring', gclid: 'g1' }, initialReferrer },
      { previousUrl: landing, initialReferrer },
      { previousUrl: `${site.url}/lamps`, initialReferrer },
    ])
  })

  it('is engaged: how long, how far, how deep and by which steps, over page loads', async () => {
    const { visitor } = world
    const tall =
      '<button data-nunchi="more">More</button><a href="/next">Next</a><div style="height:900vh"></div>'
    put('/', 'pageViews(), engagement()', tall)
    put('/next', 'pageViews(), engagement()')
    const page = await visitor.newPage()
    await page.goto(world.site.url)
    await ready(page)
    await page.click('button')
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2))
    await page.waitForTimeout(1500)
    await page.evaluate(() => document.querySelector('a')!.click())
    await page.waitForURL('**/next')
    await ready(page)
    // The tab is closed: the last page is known without another event.
    await page.waitForTimeout(300)
    await page.close({ runBeforeUnload: true })
    await eventually(names).toEqual(['/', 'Page Left', '/next', 'Page Left'])
    const [first, left, second, last] = await rows()
    expect(left!.properties.pageView).toBe(first!.id)
    expect(left!.properties.visibleTime).toBeGreaterThan(1400)
    expect(left!.properties.visibleTime).toBeLessThan(20_000)
    expect(left!.properties.scrollDepth).toBeGreaterThanOrEqual(50)
    expect(left!.properties.scrollDepth).toBeLessThan(75)
    expect(left!.user_context).toMatchObject({
      sessionDepth: { pages: 1, events: 2 },
      timeOnPage: left!.properties.visibleTime,
      interactions: ['click:button#more', 'click:a'],
      device: { pointer: 'fine', viewport: 'large' },
    })
    expect(second!.user_context).toMatchObject({
      sessionDepth: { pages: 2, events: 3 },
      interactions: ['click:button#more', 'click:a'],
    })
    expect(last!.properties).toMatchObject({ pageView: second!.id })
    expect(last!.properties.visibleTime).toBeGreaterThan(200)
    expect(new URL(last!.page_url).pathname).toBe('/next')
  })

  it('leaves, comes back from the back/forward cache, and leaves again: each view has its end', async () => {
    const { visitor, site } = world
    put('/', 'pageViews(), engagement()')
    const page = await visitor.newPage()
    await page.goto(site.url)
    await ready(page)
    await page.waitForTimeout(200)
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }))
    })
    await page.goto(`${site.url}/elsewhere`)
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => (window as { persisted?: boolean }).persisted)
    await page.waitForTimeout(200)
    await page.goto(`${site.url}/elsewhere`)
    await eventually(async () => (await names()).toSorted()).toEqual(['/', '/', 'Page Left', 'Page Left'])
    const views = (await named('/')).map(({ id }) => id)
    expect((await named('Page Left')).map(({ properties }) => properties.pageView)).toEqual(views)
  })

  it('clicks what leads away at once, on a slow network: each click is stored, once', async () => {
    const { visitor, site } = world
    const way = await slowWay(Number(new URL(stored!.url).port), 150)
    const links = `
<a id="declared" href="/elsewhere" data-nunchi-event="Offer Chosen" data-nunchi-prop-offer="lamp">Offer</a>
<a id="out" href="${site.url.replace('localhost', '127.0.0.1')}/partner?token=secret">Partner</a>
<form action="/elsewhere" data-nunchi-event="Newsletter Joined"><input name="email" value="kim@private.example"><button id="join">Join</button></form>`
    put('/', 'clicks({ automatic: ["outbound"] })', links, way.url)
    const page = await visitor.newPage()
    for (const id of ['declared', 'out', 'join']) {
      await page.goto(site.url)
      await ready(page)
      // By the keyboard, as some do.
      if (id === 'join') await page.press('#email, [name=email]', 'Enter')
      else await page.click(`#${id}`)
      await page.waitForURL(/elsewhere|partner/)
    }
    await eventually(async () => (await names()).toSorted()).toEqual([
      'Newsletter Joined',
      'Offer Chosen',
      'Outbound Link Clicked',
    ])
    expect((await named('Offer Chosen'))[0]!.properties).toEqual({ offer: 'lamp' })
    expect((await named('Outbound Link Clicked'))[0]!.properties).toMatchObject({
      url: `${site.url.replace('localhost', '127.0.0.1')}/partner`,
    })
    expect(JSON.stringify((await rows()).map(({ properties }) => properties))).not.toMatch(/secret|kim/)
    await visitor.close()
    await way.close()
  })

  it('clicks with every button and key, on a page that stops its clicks, in the shadow too', async () => {
    const { visitor, site } = world
    const body = `
<a id="middle" href="/elsewhere">Middle</a><a id="file" href="/list.pdf?key=1" download>List</a><input id="typed" value="secret">
<button id="stopped" data-nunchi-event="Stopped">Stopped</button><div id="host"></div><b id="ignored" data-nunchi-event="Ignored" data-nunchi-ignore>x</b>`
    const after = `
document.addEventListener('click', (event) => event.stopImmediatePropagation(), true)
const root = document.querySelector('#host').attachShadow({ mode: 'open' })
root.innerHTML = '<button id="inside" data-nunchi-event="Inside">Inside</button>'`
    put('/', 'clicks({ automatic: true })', body, stored!.url, after)
    const page = await visitor.newPage()
    await page.goto(site.url)
    await ready(page)
    await page.click('#middle', { button: 'middle' })
    await page.click('#middle', { button: 'right' })
    await page.click('#file')
    await page.click('#typed')
    await page.focus('#stopped')
    await page.keyboard.press('Space')
    await page.click('#inside')
    await page.click('#ignored')
    await eventually(names).toEqual(['Element Clicked', 'File Downloaded', 'Stopped', 'Inside'])
    expect((await rows()).map(({ properties }) => properties)).toEqual([
      { element: 'a', id: 'middle', url: `${site.url}/elsewhere` },
      { element: 'a', id: 'file', url: `${site.url}/list.pdf`, extension: 'pdf' },
      {},
      {},
    ])
  })

  it('leaves no trace before it is allowed; what was seen until then is told afterwards', async () => {
    const { visitor, site } = world
    put(
      '/',
      'consent(), pageViews(), engagement(), clicks()',
      '<button data-nunchi-event="Early">Early</button>',
    )
    const page = await visitor.newPage()
    await page.goto(site.url)
    await ready(page)
    await page.click('button')
    // Longer than the counts of a visit wait for company.
    await page.waitForTimeout(2500)
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
    expect(await names()).toEqual([])
    await page.evaluate(() => window.nunchi.consent.grant())
    await eventually(names).toEqual(['/', 'Early'])
    expect((await rows()).map(({ user_context }) => user_context.sessionDepth)).toEqual([
      { pages: 1, events: 1 },
      { pages: 1, events: 2 },
    ])
    await page.evaluate(() => window.nunchi.consent.deny())
    await page.click('button')
    await page.waitForTimeout(2500)
    await page.close({ runBeforeUnload: true })
    const again = await visitor.newPage()
    await again.goto(`${site.url}/elsewhere`)
    expect(await again.evaluate(() => Object.keys(localStorage))).toEqual([])
    expect(await names()).toEqual(['/', 'Early'])
  })
})
