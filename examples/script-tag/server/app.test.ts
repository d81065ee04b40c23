/** The shop's server: a strict policy, filled placeholders, files of one folder only, and a switch that only its own page can turn. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExperimentResults } from '@nunchi/collector/results'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopApp } from './app.ts'
import { fillPage } from './page.ts'

const script = 'window.nunchi = {}'
const files = join(import.meta.dirname, '..', 'public')
let dir: string
let down = false
const crowds: number[] = []
let config = '{"version":"v1"}'
let app: ReturnType<typeof shopApp>

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-shop-'))
  writeFileSync(join(dir, 'nunchi.global.js'), script)
  app = shopApp({
    key: 'nk_pub_"><script>',
    collector: 'http://localhost:4701',
    files,
    sdk: join(dir, 'nunchi.global.js'),
    config: async () => config,
    rows: async (anonymousId) => ({
      rows: [{ id: '1', type: 'track', name: anonymousId, occurredAt: 1, receivedAt: 2, properties: null }],
      total: 1,
    }),
    network: {
      get down() {
        return down
      },
      async set(value) {
        down = value
      },
    },
    results: async () => ({ experiment: 'card-layout' }) as ExperimentResults,
    crowd: async (visitors) => {
      crowds.push(visitors)
    },
  })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`

describe('the page', () => {
  it('has every placeholder filled, escaped, and the script with its integrity', async () => {
    const html = await (await app.request('/')).text()
    expect(html).not.toMatch(/\{\{/)
    expect(html).toContain(`integrity="${integrity}"`)
    expect(html).toContain('data-key="nk_pub_&quot;&gt;&lt;script&gt;"')
    expect(html).toContain('data-host="http://localhost:4701"')
  })

  it('allows its one inline script by a nonce that is new each time, and nothing unsafe', async () => {
    const [first, second] = await Promise.all([app.request('/'), app.request('/')])
    const policy = first.headers.get('content-security-policy')!
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
    expect(await first.text()).toContain(`<script nonce="${nonce}">`)
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("connect-src 'self' http://localhost:4701")
    expect(policy).not.toContain('unsafe')
    expect(second.headers.get('content-security-policy')).not.toContain(nonce)
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each(['/', '/results'])(
    '%s has no inline style or handler, which the policy would block',
    async (path) => {
      const html = await (await app.request(path)).text()
      expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/)
    },
  )

  it('with the results has no script but its own files', async () => {
    const answer = await app.request('/results')
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'self'; .*frame-ancestors 'none'$/,
    )
    expect(await answer.text()).not.toMatch(/<script(?![^>]*src="results\.js")/)
  })

  it('carries its flags and experiments as data that no text in them can end', async () => {
    const block = async () =>
      /<script type="application\/json" data-nunchi-config>([\s\S]*?)<\/script>/.exec(
        await (await app.request('/')).text(),
      )?.[1]
    expect(JSON.parse((await block())!)).toEqual({ version: 'v1' })
    config = '{"version":"</script><script>alert(1)</script><!--"}'
    expect(JSON.parse((await block())!)).toEqual(JSON.parse(config))
    config = ''
    expect(await block()).toBeUndefined()
  })

  it('says which placeholder has no value', () => {
    expect(() => fillPage('{{toString}}', {} as never)).toThrow('The page asks for {{toString}}')
  })
})

describe('files', () => {
  it('come from the public folder with their type, and the script from the build', async () => {
    const css = await app.request('/shop.css')
    expect([css.status, css.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect(await (await app.request('/nunchi.js')).text()).toBe(script)
  })

  it.each([
    '/../serve.ts',
    '/..%2fserve.ts',
    '/%2e%2e/serve.ts',
    '/..%5cserve.ts',
    '//etc/passwd',
    '/public/../package.json',
    '/index.html',
    '/shop.css%00',
    '/.gitignore',
    '/missing.css',
  ])('%s is not found', async (path) => {
    expect((await app.request(new Request(`http://localhost${path}`))).status).toBe(404)
  })
})

describe('what the panel asks for', () => {
  it('gets the key, the collector and the script', async () => {
    expect(await (await app.request('/demo/config')).json()).toEqual({
      key: 'nk_pub_"><script>',
      collector: 'http://localhost:4701',
      sdk: { src: '/nunchi.js', integrity },
    })
  })

  it('gets the rows of one visitor, never of all', async () => {
    const answer = await app.request('/demo/rows?anonymousId=a')
    expect(await answer.json()).toMatchObject({ rows: [{ id: '1', name: 'a' }], total: 1 })
    expect((await app.request('/demo/rows')).status).toBe(400)
  })

  it('gets the results, and lets a crowd in by JSON only', async () => {
    expect(await (await app.request('/demo/results')).json()).toEqual({ experiment: 'card-layout' })
    const post = (type: string) =>
      app.request('/demo/crowd', { method: 'POST', body: '{}', headers: { 'content-type': type } })
    expect((await post('text/plain')).status).toBe(400)
    expect(crowds).toEqual([])
    expect(await (await post('application/json')).json()).toEqual({ visitors: 500 })
    expect(crowds).toEqual([500])
  })

  it('turns the switch by JSON only, so that no other site can', async () => {
    const post = (body: string, type: string) =>
      app.request('/demo/network', { method: 'POST', body, headers: { 'content-type': type } })
    expect(await (await post('{"down":true}', 'application/json')).json()).toEqual({ down: true })
    expect(await (await app.request('/demo/network')).json()).toEqual({ down: true })
    expect((await post('{"down":false}', 'text/plain')).status).toBe(400)
    expect((await post('null', 'application/json')).status).toBe(400)
    expect((await post('{"down":"no"}', 'application/json')).status).toBe(400)
    expect(down).toBe(true)
  })
})
