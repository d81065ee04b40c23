/** A visitor's Chromium on a page that carries a real client, bundled as a site would. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { chromiumArgs, findChromium } from '../../../../scripts/lib/chromium.ts'

/** A browser, and the site whose pages it visits. */
export interface Visits {
  /** Opens the page of a client; `options` go to its `load()`. */
  open(client: 'analytics-js' | 'rudderstack', key: string, host: string, options?: object): Promise<Page>
  /** Closes the pages that are open: a client that stays would go on sending. */
  leave(): Promise<void>
  origin: string
  /** What pages threw. */
  errors: string[]
  close(): Promise<void>
}

const person =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

async function bundle(client: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page', `${client}.ts`)],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

async function serve(): Promise<Server> {
  const scripts = new Map<string, Promise<string>>()
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const client = /^\/([\w-]+)\.mjs$/.exec(path)?.[1]
    if (client === undefined) {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(
        `<!doctype html><html lang="en"><title>Tea</title><h1>Tea</h1><script type="module" src="${path}.mjs"></script></html>`,
      )
      return
    }
    const script = scripts.get(client) ?? bundle(client)
    scripts.set(client, script)
    response.setHeader('content-type', 'text/javascript')
    script.then((text) => response.end(text)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Starts them; `undefined` where this machine has no Chromium. */
export async function openVisits(): Promise<Visits | undefined> {
  const executablePath = findChromium()
  if (!executablePath) return undefined
  const [browser, server]: [Browser, Server] = await Promise.all([
    chromium.launch({ executablePath, args: [...chromiumArgs] }),
    serve(),
  ])
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const errors: string[] = []
  return {
    origin,
    errors,
    async open(client, key, host, options = {}) {
      const visitor = await browser.newContext({
        userAgent: person,
        locale: 'ko-KR',
        timezoneId: 'Asia/Seoul',
      })
      visitor.on('weberror', (error) => errors.push(error.error().message))
      const page = await visitor.newPage()
      const query = new URLSearchParams({ key, host, options: JSON.stringify(options), utm_source: 'news' })
      await page.goto(`${origin}/${client}?${query}`)
      await page.waitForFunction('globalThis.client !== undefined')
      return page
    },
    async leave() {
      await Promise.all(browser.contexts().map((visitor) => visitor.close()))
    },
    async close() {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
