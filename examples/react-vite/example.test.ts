/** The example is type-checked, built, served, and used in Chromium, against a real collector. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from '../../scripts/lib/chromium.ts'
import { run } from '../../scripts/lib/pack.ts'
import { buyAndReturn, expectReadable, expectShelf, openShop } from './test/drive-shop.ts'
import { type OpenCollector, openCollector } from './test/open-collector.ts'

const executablePath = findChromium()
const kinds: { [extension: string]: string } = { '.js': 'text/javascript', '.css': 'text/css' }

/** Serves a folder, and its first page for whatever is not in it. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const path = /^\/assets\/[\w.-]+$/.exec(url)?.[0] ?? '/index.html'
    response.setHeader('content-type', kinds[extname(path)] ?? 'text/html; charset=utf-8')
    response.end(readFileSync(join(folder, path)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

it('is checked with the types of its own flags, experiments and client', () => {
  run('tsc', ['-p', '.'], import.meta.dirname)
})

let collector: OpenCollector
beforeAll(async () => {
  if (executablePath) collector = await openCollector()
}, 120_000)
afterAll(() => collector?.close())

describe.each(['production', 'development'])('the example, built for %s', (mode) => {
  const out = mkdtempSync(join(tmpdir(), 'nunchi-vite-'))
  let browser: Browser
  let server: Server

  beforeAll(async () => {
    if (!executablePath) return
    const started = chromium.launch({ executablePath, args: [...chromiumArgs] })
    const env = { VITE_NUNCHI_KEY: collector.key, VITE_NUNCHI_HOST: collector.url }
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = mode
    await build({
      root: import.meta.dirname,
      mode,
      logLevel: 'warn',
      define: Object.fromEntries(
        Object.entries(env).map(([name, value]) => [`import.meta.env.${name}`, JSON.stringify(value)]),
      ),
      build: { outDir: out, emptyOutDir: true },
    })
    process.env['NODE_ENV'] = before
    server = await serve(out)
    browser = await started
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(out, { recursive: true, force: true })
  })

  it('shows the variant, counts it once, and is readable', async ({ skip }) => {
    if (!executablePath) return skip(chromiumHint)
    const visitor = await browser.newContext()
    const url = `http://localhost:${(server.address() as AddressInfo).port}`
    const { page, said } = await openShop(visitor, url)
    await expectShelf(page, collector)
    await buyAndReturn(page, collector)
    await expectReadable(page)
    expect(said).toEqual([])
  }, 240_000)
})
