import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { openStored, type Row, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld } from './fixtures/world.ts'

let stored: Stored | undefined
let project: Awaited<ReturnType<Stored['project']>>

beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())
beforeEach(async ({ skip }) => {
  if (!stored) return skip(inject('postgres').missing.join(' '))
  project = await stored.project()
})

/** A page with these plugins; `before` runs ahead of the SDK. */
function pageWith(use: string, after = '', before = ''): string {
  const page = modulePage(stored!.url, `key: '${project.key}', use: [${use}]`, after)
  return page.replace('<script type="module">', `<script>${before}</script><script type="module">`)
}

/** The rows of a name, once there are `count` of them. */
async function rowsOf(name: string, count: number): Promise<Row[]> {
  await eventually(async () => (await project.rows(`name = '${name}'`)).length).toBe(count)
  return project.rows(`name = '${name}'`)
}

describe('errors in a page', () => {
  const world = openWorld()

  it('are stored once each, with place and without what names a person; the page’s handlers see them too', async () => {
    const { site } = world
    const before = `window.seen = []
window.onerror = (message) => { seen.push(message) }
function fail() { throw new TypeError('No price for jane@mail.example') }`
    site.put('/shop', pageWith('errors()', '', before))
    const page = await world.visit('/shop?secret=1')
    await page.evaluate(() => {
      for (let i = 0; i < 3; i++) setTimeout('fail()')
      Promise.reject(new RangeError('no stock'))
      Promise.reject('just a text')
    })
    const rows = await rowsOf('Error Occurred', 3)
    expect(rows.map(({ properties }) => properties)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          message: 'No price for [email]',
          name: 'TypeError',
          source: '/shop',
          line: expect.any(Number),
          column: expect.any(Number),
          handled: false,
          count: 1,
          stack: expect.stringMatching(/^at fail \(.*\/shop:\d+:\d+\)/),
        }),
        expect.objectContaining({ message: 'no stock', name: 'RangeError', handled: false }),
        expect.objectContaining({ message: 'just a text', name: 'string', handled: false }),
      ]),
    )
    expect(JSON.stringify(rows.map(({ properties }) => properties))).not.toContain('secret=1')
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toHaveLength(3)
    await page.goto(`${site.url}/elsewhere`)
    const repeats = (await rowsOf('Error Occurred', 4)).filter(({ properties }) => properties.count > 1)
    expect(repeats.map(({ properties }) => [properties.name, properties.count])).toEqual([['TypeError', 2]])
    world.errors.splice(0)
  })

  it('of scripts of another origin are one, however many there are', async () => {
    const { site } = world
    const foreign = site.url.replace('localhost', '127.0.0.1')
    site.put('/foreign.js', {
      html: "throw new Error('theirs')",
      headers: { 'content-type': 'text/javascript' },
    })
    site.put('/', pageWith('errors()'))
    const page = await world.visit()
    await page.evaluate(async (src) => {
      for (let i = 0; i < 5; i++)
        await new Promise((resolve) => {
          const script = Object.assign(document.createElement('script'), { src: `${src}?${i}` })
          script.onload = resolve
          document.head.append(script)
        })
    }, `${foreign}/foreign.js`)
    await page.goto(`${site.url}/elsewhere`)
    const [row] = await rowsOf('Error Occurred', 1)
    expect(row!.properties).toMatchObject({ message: 'Script error.', count: 1 })
    world.errors.splice(0)
  })

  it('that it caught itself are recorded by client.errors.capture()', async () => {
    world.site.put('/', pageWith('errors()'))
    const page = await world.visit()
    await page.evaluate(() => {
      try {
        JSON.parse('{')
      } catch (error) {
        window.nunchi.errors.capture(error, { step: 'payment' })
      }
    })
    const [row] = await rowsOf('Error Occurred', 1)
    expect(row!.properties).toMatchObject({ name: 'SyntaxError', handled: true, step: 'payment', count: 1 })
  })
})

describe('feedback from a page', () => {
  const world = openWorld()

  it('is stored as the visitor gave it', async () => {
    world.site.put('/', pageWith('feedback()'))
    const page = await world.visit()
    const opinion = { rating: 2, text: '결제가 느려요', subject: 'checkout', flags: { 'new-checkout': 'b' } }
    const saved = await page.evaluate(
      (opinion) =>
        Promise.all([window.nunchi.feedback.give(opinion), window.nunchi.feedback.give({ rating: 'great' })]),
      opinion,
    )
    expect(saved).toEqual([{ durable: true }, { durable: false }])
    const [row] = await rowsOf('Feedback Given', 1)
    expect(row!.properties).toEqual(opinion)
  })
})

describe('a page with a tracker of its own', () => {
  const world = openWorld()
  const gtag = 'window.dataLayer = []; function gtag() { dataLayer.push([...arguments]) }'

  it('tells gtag and Segment what is stored, and after consent alone', async () => {
    const segment = `window.calls = []
window.analytics = Object.fromEntries(['track', 'identify', 'page', 'reset'].map((verb) => [verb, (...args) => { calls.push([verb, ...args]) }]))`
    world.site.put('/', pageWith("mirror('gtag'), mirror('analytics'), consent()", '', `${gtag}\n${segment}`))
    const page = await world.visit()
    const told = () =>
      page.evaluate(() => {
        const { dataLayer, calls } = window as unknown as { dataLayer: unknown[]; calls: unknown[] }
        return [dataLayer, calls]
      })
    await page.evaluate(() => {
      window.nunchi.track('Product Added', { sku: 'lamp' })
      window.nunchi.identify('user-1', { plan: 'free' })
    })
    expect(await told()).toEqual([[], []])
    await page.evaluate(() => window.nunchi.consent.grant())
    const [row] = await rowsOf('Product Added', 1)
    expect(row!.properties).toEqual({ sku: 'lamp' })
    expect(await told()).toEqual([
      [
        ['event', 'Product_Added', { sku: 'lamp', nunchi_id: expect.any(String) }],
        ['set', { user_id: 'user-1' }],
        ['set', 'user_properties', { plan: 'free' }],
      ],
      [
        ['track', 'Product Added', { sku: 'lamp', nunchi_id: expect.any(String) }],
        ['identify', 'user-1', { plan: 'free' }],
      ],
    ])
  })

  it('that comes late gets what was kept for it', async () => {
    world.site.put('/', pageWith("mirror('gtag')"))
    const page = await world.visit()
    await page.evaluate(() => window.nunchi.track('early'))
    await page.addScriptTag({ content: gtag })
    await page.waitForFunction(() => (window as unknown as { dataLayer: unknown[] }).dataLayer.length === 1)
    await rowsOf('early', 1)
  })

  it('that throws, fails later or sends everything back: stored once, one warning, and nothing reaches the page', async () => {
    const warnings: string[] = []
    world.visitor.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text())
    })
    const use = `errors(),
      mirror(() => { throw new Error('no') }),
      mirror(async () => { throw new Error('later') }),
      mirror((event) => nunchi.track(event.name, event.properties)),
      mirror((event) => setTimeout(() => nunchi.track(event.name, event.properties)))`
    world.site.put('/', pageWith(use))
    const page = await world.visit()
    await page.evaluate(() => window.nunchi.track('kept'))
    await rowsOf('kept', 1)
    await page.waitForTimeout(500)
    await page.goto(`${world.site.url}/elsewhere`)
    expect((await project.rows()).map(({ name }) => name)).toEqual(['kept'])
    expect(warnings.filter((text) => text.includes('plugin_failed'))).toHaveLength(1)
  })
})

describe('a page where', () => {
  const world = openWorld()

  it.for([
    ['there is no PerformanceObserver', 'delete window.PerformanceObserver'],
    ['performance knows no entries', 'Performance.prototype.getEntriesByType = undefined'],
    ['performance throws', "Performance.prototype.getEntriesByType = () => { throw new Error('no') }"],
    ['there is no requestIdleCallback', 'delete window.requestIdleCallback'],
    ['errors cannot be read', "Object.defineProperty(Error.prototype, 'name', { get() { throw 1 } })"],
  ])('%s: nothing throws, and events arrive', async ([, script]) => {
    await world.visitor.addInitScript(script!)
    world.site.put('/', pageWith("errors(), feedback(), vitals(), mirror('nobody')"))
    const page = await world.visit()
    await page.evaluate(() => {
      window.nunchi.errors.capture(new Error('kept or not'))
      window.nunchi.track('kept')
      return new Promise((resolve) => setTimeout(resolve, 1200))
    })
    await page.goto(`${world.site.url}/elsewhere`)
    await rowsOf('kept', 1)
  })
})
