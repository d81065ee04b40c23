/** The site that visitors of the bench are on: pages with the SDK and the bench's script, on an origin of its own. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build } from 'esbuild'
import { listen } from './listen.ts'

/** A running site. */
export interface Site {
  url: string
  close(): Promise<void>
}

async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../page/main.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: ['chrome80', 'firefox96', 'safari15.4'],
  })
  return outputFiles[0]!.text
}

const page = (scripts: string): string =>
  `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>${scripts}</html>`

/** Starts one; `/` has the script, `/two` has it twice, any other path not at all. */
export async function startSite(): Promise<Site> {
  const text = await script()
  const one = '<script src="/page.js"></script>'
  const pages = new Map([
    ['/', page(one)],
    ['/two', page(`${one}<script src="/page.js?2" data-as="second"></script>`)],
  ])
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!
    response.setHeader('content-type', path === '/page.js' ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(path === '/page.js' ? text : (pages.get(path) ?? page('')))
  })
  const listening = await listen(server)
  // At `localhost`, which browsers treat as secure; and another origin than the collector's.
  return { url: `http://localhost:${listening.port}`, close: listening.close }
}
