/** A Chromium on pages of this folder, bundled as a site would. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { chromiumArgs, findChromium } from '../../../../scripts/lib/chromium.ts'

/** A browser, and the site whose pages it visits. */
export interface Browsing {
  /** Opens a page of `page/` in a visitor's own browser context, and waits until it has set `heard`. */
  open(name: 'ofrep' | 'event-source', key: string, host: string): Promise<Page>
  origin: string
  /** What pages threw. */
  errors: string[]
  close(): Promise<void>
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page', `${name}.ts`)],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const name = /^\/([\w-]+)/.exec(request.url ?? '')?.[1] ?? ''
    if (request.url?.includes('.mjs')) {
      response.setHeader('content-type', 'text/javascript')
      bundle(name)
        .then((text) => response.end(text))
        .catch(() => response.destroy())
      return
    }
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><html lang="en"><title>Tea</title><script type="module" src="/${name}.mjs"></script></html>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Starts them; `undefined` where this machine has no Chromium. */
export async function openBrowsing(): Promise<Browsing | undefined> {
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
    async open(name, key, host) {
      const visitor = await browser.newContext()
      visitor.on('weberror', (error) => errors.push(error.error().message))
      const page = await visitor.newPage()
      await page.goto(`${origin}/${name}?${new URLSearchParams({ key, host })}`)
      await page.waitForFunction('globalThis.heard?.length > 0')
      return page
    },
    async close() {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
