/** The site that pages come from: `/` and `/bounce` carry the SDK, every other page is without. */
import { createServer } from 'node:http'
import { listen } from './listen.ts'
import { shopPage } from './shop.ts'

/** A running site. */
export interface Site {
  url: string
  close(): Promise<void>
}

/** What its pages load, and where they send. */
export interface SiteOptions {
  script: string
  host: string
  key: string
}

/** The marker of the event that `/bounce` tracks by itself; an address would show it a second time. */
export const landing = '~landing~'

const page = (title: string, head: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body><h1>${title}</h1></body></html>`

/** Starts one at `localhost`, which browsers treat as secure. */
export async function startSite({ script, host, key }: SiteOptions): Promise<Site> {
  const load = `<script src="/sdk.js"></script><script>sdk.init('${host}', '${key}')</script>`
  const bounce = `<script>addEventListener('DOMContentLoaded', () => {
    sdk.track('Page Seen', { marker: '${landing}' })
    setTimeout(() => { location.href = '/away' })
  })</script>`
  const pages: Record<string, string> = {
    '/': page('Shop', load),
    '/bounce': page('Landing', load + bounce),
    '/shop': shopPage(load),
    '/first': page('First', `${load}<script>sdk.track('First', { product: 'lamp' })</script>`),
  }
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!
    const isScript = path === '/sdk.js'
    response.setHeader('content-type', `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`)
    response.setHeader('cache-control', 'no-store')
    response.end(isScript ? script : (pages[path] ?? page('Elsewhere', '')))
  })
  const { port, close } = await listen(server)
  return { url: `http://localhost:${port}`, close }
}
