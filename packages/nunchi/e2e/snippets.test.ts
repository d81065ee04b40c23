import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { bundle } from './fixtures/bundle.ts'
import { openStored, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld } from './fixtures/world.ts'

let stored: Stored | undefined
let integrity: string
let project: Awaited<ReturnType<Stored['project']>>

beforeAll(async () => {
  const script = await bundle('script')
  integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`
  stored = await openStored(script)
}, 60_000)
afterAll(() => stored?.close())
beforeEach(async ({ skip }) => {
  if (!stored) return skip(inject('postgres').missing.join(' '))
  project = await stored.project()
})

/** The blocks of a guide, with its examples' key, addresses and hash made real: nothing else is changed. */
function blocks(guide: string, language: string): string[] {
  const path = `docs/guide/${guide}.md`
  const page = readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')
  return examplesOf(page, path, language).map(({ code }) =>
    code
      .replace(
        /https:\/\/cdn\.jsdelivr\.net\/npm\/nunchi@[\d.]+\/dist\/nunchi\.global\.js/,
        `${stored!.url}/nunchi.js`,
      )
      .replace('sha384-…', integrity)
      .replace('nk_pub_…', project.key)
      .replace('https://events.example.com', stored!.url),
  )
}

/** The policy that a guide tells, with the same addresses. */
function policy(guide: string): string {
  const page = readFileSync(join(import.meta.dirname, '../../..', `docs/guide/${guide}.md`), 'utf8')
  return /^Content-Security-Policy: (.*)$/m
    .exec(page)![1]!
    .replace('nonce-…', 'nonce-r4nd0m')
    .replace('https://cdn.jsdelivr.net', stored!.url)
    .replace('https://events.example.com', stored!.url)
}

/** What is stored of people's doing, in order; what the script measures by itself is another test's. */
async function said(): Promise<unknown[]> {
  return (await project.rows("(type <> 'track' or name ~ '^(Product|Order) ')")).map(
    ({ type, name, user_id, properties }) => (type === 'page' ? name : [name, user_id, properties]),
  )
}

/** Counts what the policy or the hash refused, in every page to come. */
const watch = `window.refused = []
addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective))
addEventListener('error', (event) => { if (event.target.src) refused.push(event.target.src) }, true)`
const refused = () => (window as unknown as { refused: string[] }).refused

describe('the snippets of the guides', () => {
  const world = openWorld()

  it('Google Tag Manager: its blocks, put into a page as Tag Manager does it, send what they say', async () => {
    const { site, visitor } = world
    const [tag, event] = blocks('google-tag-manager', 'html')
    await visitor.addInitScript(watch)
    site.put('/lamps', {
      html: '<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1></html>',
      headers: { 'content-security-policy': policy('google-tag-manager') },
    })
    const page = await visitor.newPage()
    await page.goto(`${site.url}/lamps`)
    await page.evaluate(
      (tags) => {
        for (const html of tags) {
          const box = document.createElement('div')
          box.innerHTML = html
          for (const { text } of box.querySelectorAll('script')) {
            // Each script is made anew, and of its attributes little is left.
            const script = document.createElement('script')
            script.nonce = 'r4nd0m'
            script.text = text
            document.body.append(script)
          }
        }
      },
      [tag!, event!.replace('{{ecommerce}}', '{"sku":"lamp"}'), tag!],
    )
    await eventually(said).toEqual([
      ['Product Added', null, { sku: 'lamp' }],
      expect.stringMatching('/lamps'),
    ])
    expect(await page.evaluate(refused)).toEqual([])
    expect(tag).not.toMatch(/=>|`|\b(let|const)\b/)
  })

  it('Google Tag Manager: the consent block opens what waited', async () => {
    const { site, visitor } = world
    const [tag, , grant] = blocks('google-tag-manager', 'html')
    const waiting = tag!.replace('d.head.', "script.setAttribute('data-consent', 'pending');\nd.head.")
    site.put('/', `<!doctype html><html lang="en"><title>Shop</title>${waiting}</html>`)
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => !!window.nunchi?.consent)
    await page.waitForTimeout(500)
    expect(await said()).toEqual([])
    await page.evaluate(
      (text) => {
        const script = document.createElement('script')
        script.text = text
        document.head.append(script)
      },
      grant!.replace(/<\/?script>/g, ''),
    )
    await eventually(said).toEqual(['/'])
  })

  it('WordPress: what the hooks print sends what they say', async () => {
    const { site, visitor } = world
    const said1 = { orderId: '17', revenue: 39.5, currency: 'EUR' }
    const printed = { get_current_user_id: '"wp-7"', $said: JSON.stringify(said1) }
    const html = blocks('wordpress', 'php').map((code) =>
      [
        ...code
          .replace(/<\?php echo (.*?) \?>/g, (_, echo: string) => {
            const [, value] = Object.entries(printed).find(([name]) => echo.includes(name))!
            return value
          })
          .matchAll(/\?>\n([\s\S]*?)<\?php/g),
      ].map(([, text]) => text!.replaceAll('<script', '<script nonce="r4nd0m"')),
    )
    const [[head], [user, reset], [order]] = html as [string[], string[], string[]]
    await visitor.addInitScript(watch)
    const headers = { 'content-security-policy': policy('wordpress') }
    const page = (body: string) => ({
      html: `<!doctype html><html lang="en"><head><title>Shop</title>${head}</head><body>${body}</body></html>`,
      headers,
    })
    site.put('/thanks', page(`${order}${user}`))
    site.put('/wp-login.php', page(reset!))
    const tab = await visitor.newPage()
    await tab.goto(`${site.url}/thanks`)
    const bought = [
      ['Order Completed', null, said1],
      ['identify', 'wp-7', null],
    ]
    await eventually(said).toEqual([...bought, '/thanks'])
    expect(await tab.evaluate(refused)).toEqual([])
    await tab.goto(`${site.url}/wp-login.php?loggedout=true`)
    await eventually(said).toEqual([...bought, '/thanks', '/wp-login.php'])
    const visitors = new Set((await project.rows()).map(({ anonymous_id }) => anonymous_id))
    expect(visitors.size).toBe(2)
  })
})
