import { describe, expect, it } from 'vitest'
import { key } from './fixtures/site.ts'
import { eventually, expectStored, openWorld, ready } from './fixtures/world.ts'

/** What site owners paste: records calls until the script has come. */
const stub =
  '(w=>{if(w.nunchi)return;let q=[],n=w.nunchi={q};for(let m of"track identify page group alias reset flush".split(" "))n[m]=(...a)=>{q.length<1e3&&q.push([m,Date.now(),...a])}})(window)'

/** What the tag records by itself besides page views; most tests here count every event. */
const quiet = 'data-engagement="off" data-vitals="off"'

/** A page with the stub and the script tag. */
function tagPage(
  host: string,
  { attributes = quiet, body = '', nonce = '', src = '/nunchi.global.js' } = {},
) {
  const guarded = nonce && ` nonce="${nonce}"`
  return `<!doctype html><html lang="en"><title>Shop</title><script${guarded}>${stub}</script>
<script${guarded} async src="${src}" data-key="${key}" data-host="${host}" ${attributes}></script>
<script${guarded}>${body}</script><h1>Shop</h1></html>`
}

const loaded = () => !!window.nunchi?.anonymousId

describe('the script tag', () => {
  const world = openWorld()

  it('sends a page view by itself, and plays the calls made before it came, with their own times', async () => {
    const { collector, site, visitor } = world
    const page = await visitor.newPage()
    await page.route('**/nunchi.global.js', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await route.continue()
    })
    const body =
      "nunchi.track('early', { n: 1 }); nunchi.identify('person', { plan: 'free' }); window.called = Date.now()"
    site.put('/', tagPage(collector.url, { body }))
    await page.goto(site.url)
    await page.waitForFunction(loaded)
    const called = await page.evaluate(() => (window as unknown as { called: number }).called)
    await page.evaluate(() => window.nunchi.track('late'))
    await expectStored(collector, ['/', 'early', 'identify', 'late'])
    const [early, identify, late] = ['early', 'identify', 'late'].map(
      (name) => collector.events().find((event) => event.name === name)!,
    )
    expect(early!.properties).toEqual({ n: 1 })
    expect(Math.abs(early!.ts - called)).toBeLessThan(500)
    expect(late!.ts - early!.ts).toBeGreaterThanOrEqual(500)
    expect(identify).toMatchObject({ type: 'identify', userId: 'person', properties: { plan: 'free' } })
    expect(late!.userId).toBe('person')
  })

  it('lives under a strict content security policy without one violation', async () => {
    const { collector, site, visitor } = world
    const policy = `default-src 'self'; script-src 'nonce-r4nd0m'; connect-src ${collector.url}; require-trusted-types-for 'script'`
    const body = `window.violations = []
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI))`
    site.put('/', {
      html: tagPage(collector.url, { body, nonce: 'r4nd0m' }),
      headers: { 'content-security-policy': policy },
    })
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(loaded)
    await page.evaluate(() => {
      for (let i = 0; i < 40; i++) window.nunchi.track('safe', { text: 'x'.repeat(100) })
    })
    await eventually(() => collector.names().length).toBe(41)
    await page.evaluate(() => {
      window.nunchi.track('leaving')
      dispatchEvent(new PageTransitionEvent('pagehide'))
    })
    await eventually(() => collector.names()).toContain('leaving')
    expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([])
  })

  it('is blocked: the stub stays small, and nothing throws', async () => {
    const { collector, site, visitor } = world
    site.put('/', tagPage(collector.url))
    const page = await visitor.newPage()
    await page.route('**/nunchi.global.js', (route) => route.abort('blockedbyclient'))
    await page.goto(site.url)
    const held = await page.evaluate(() => {
      for (let i = 0; i < 3000; i++) window.nunchi.track(`blocked-${i}`)
      window.nunchi.identify('person')
      window.nunchi.reset()
      return window.nunchi.q.length
    })
    expect(held).toBe(1000)
    expect(collector.attempts).toEqual([])
  })

  it('is loaded twice: one client, one page view', async () => {
    const { collector, site, visitor } = world
    const again = `const tag = document.querySelector('script[data-key]')
window.again = () => new Promise((resolve) => {
  const copy = document.createElement('script')
  for (const { name, value } of tag.attributes) copy.setAttribute(name, value)
  copy.onload = resolve
  document.head.append(copy)
})`
    site.put('/', tagPage(collector.url, { body: again }))
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(loaded)
    const same = await page.evaluate(async () => {
      const first = window.nunchi
      await (window as unknown as { again(): Promise<void> }).again()
      return first === window.nunchi
    })
    expect(same).toBe(true)
    await page.evaluate(() => window.nunchi.track('once'))
    await expectStored(collector, ['/', 'once'])
  })

  it('is pasted twice with its stub (template and tag manager): still one client, one page view', async () => {
    const { collector, site, visitor } = world
    site.put('/', tagPage(collector.url, { body: "nunchi.track('first')" }))
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(loaded)
    await page.evaluate(async (stub) => {
      // As an inline script runs: in sloppy mode.
      new Function(stub)()
      const copy = document.createElement('script')
      const tag = document.querySelector('script[data-key]')!
      for (const { name, value } of tag.attributes) copy.setAttribute(name, value)
      await new Promise((resolve) => {
        copy.onload = resolve
        document.head.append(copy)
      })
      window.nunchi.track('second')
    }, stub)
    await expectStored(collector, ['/', 'first', 'second'])
    await page.waitForTimeout(500)
    expect(collector.names().filter((name) => name === '/')).toHaveLength(1)
  })

  it('asks for consent first where its tag says so', async () => {
    const { collector, site, visitor } = world
    site.put(
      '/',
      tagPage(collector.url, {
        attributes: `${quiet} data-consent="pending"`,
        body: "nunchi.track('early')",
      }),
    )
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(loaded)
    await page.waitForTimeout(1500)
    expect(collector.attempts).toEqual([])
    const trace = await page.evaluate(async () => [
      Object.keys(localStorage),
      (await indexedDB.databases()).map(({ name }) => name),
    ])
    expect(trace).toEqual([[], []])
    await page.evaluate(() => window.nunchi.consent.grant())
    await expectStored(collector, ['/', 'early'])
  })

  it('obeys its attributes: no page views, hash routes, a name of its own', async () => {
    const { collector, site, visitor } = world
    site.put(
      '/quiet',
      tagPage(collector.url, { attributes: `${quiet} data-page-views="off" data-name="own"` }),
    )
    site.put('/hash', tagPage(collector.url, { attributes: `${quiet} data-hash="on"` }))
    const page = await visitor.newPage()
    await page.goto(`${site.url}/quiet`)
    await page.waitForFunction(loaded)
    await page.evaluate(() => window.nunchi.track('only this'))
    await expectStored(collector, ['only this'])
    expect(
      await page.evaluate(() => Object.keys(localStorage).every((name) => name.startsWith('own.'))),
    ).toBe(true)

    await page.goto(`${site.url}/hash`)
    await page.waitForFunction(loaded)
    await expectStored(collector, ['only this', '/hash'])
    await page.evaluate(() => {
      location.hash = '#/cart'
    })
    await expectStored(collector, ['only this', '/hash', '/hash'])
    expect(collector.events().at(-1)!.page!.url).toMatch(/#\/cart$/)
  })

  it('tells of engagement, vitals and declared clicks without being asked, and each is switched off', async () => {
    const { collector, site, visitor } = world
    const button = 'document.write(\'<button data-nunchi-event="Offer Chosen">Offer</button><i>x</i>\')'
    site.put('/', tagPage(collector.url, { attributes: '', body: button }))
    site.put('/quiet', tagPage(collector.url, { attributes: `${quiet} data-clicks="off"`, body: button }))
    for (const path of ['/', '/quiet']) {
      const page = await visitor.newPage()
      await page.goto(site.url + path)
      await page.waitForFunction(loaded)
      await page.click('button')
      await page.click('i')
      await page.waitForTimeout(300)
      await page.close({ runBeforeUnload: true })
    }
    await eventually(() => collector.names()).toContain('/quiet')
    await eventually(() => collector.names()).toContain('Page Left')
    const at = (path: string) =>
      collector
        .events()
        .filter(({ page }) => new URL(page!.url).pathname === path)
        .map(({ name }) => name)
    expect([...new Set(at('/'))].toSorted()).toEqual(['/', 'Offer Chosen', 'Page Left', 'Web Vital'])
    expect(at('/').filter((name) => name === 'Offer Chosen')).toHaveLength(1)
    expect(at('/quiet')).toEqual(['/quiet'])
    expect(collector.events().find(({ name }) => name === 'Offer Chosen')!.userContext).toMatchObject({
      sessionDepth: { pages: 1 },
    })
  })

  it('has no key, or comes without attributes: one warning, no request, nothing thrown', async () => {
    const { collector, site, visitor } = world
    const warnings: string[] = []
    visitor.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text())
    })
    site.put(
      '/',
      `<!doctype html><title>Shop</title><script src="/nunchi.global.js" data-host="${collector.url}"></script>`,
    )
    const page = await visitor.newPage()
    await page.goto(site.url)
    await ready(page)
    expect(await page.evaluate(() => window.nunchi.track('nowhere'))).toEqual({ durable: false })
    await page.waitForTimeout(500)
    expect(collector.attempts).toEqual([])
    expect(warnings.filter((text) => text.includes('options_key'))).toHaveLength(1)
  })
})
