/** The shop's own server: the page, its files, and what the panel beside it asks for. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { ExperimentResults } from '@nunchi/collector/results'
import { type Context, Hono } from 'hono'
import { configBlock, contentSecurityPolicy, fillPage, ownPolicy } from './page.ts'

/** One row of `analytics_events`, as the panel shows it. */
export interface Row {
  id: string
  type: string
  name: string
  /** In ms since the epoch. */
  occurredAt: number
  receivedAt: number
  properties: unknown
}

/** What the shop's server needs from outside. */
export interface ShopOptions {
  /** The public API key for the page. */
  key: string
  /** The collector's origin. */
  collector: string
  /** The folder with index.html and what it loads. */
  files: string
  /** The flags and experiments in force, as JSON; empty where they are not to be had. */
  config(): Promise<string>
  /** The path of the built SDK script. */
  sdk: string
  /** The newest rows of one visitor, newest first, and how many there are in all. */
  rows(anonymousId: string): Promise<{ rows: Row[]; total: number }>
  /** The switch that takes the collector's port away. */
  network: { readonly down: boolean; set(down: boolean): Promise<void> }
  /** What the experiment with the cards says as of now. */
  results(): Promise<ExperimentResults>
  /** Lets so many pretend visitors in; throws where the collector does not take them. */
  crowd(visitors: number): Promise<void>
}

/** How many pretend visitors come at once. */
const crowdSize = 500

const types: { [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Names without a dot but the last: no name of this form leaves the folder. */
const fileName = /^\/((?:[\w-]+\/)?[\w-]+\.[a-z\d]+)$/

async function page(c: Context, options: ShopOptions): Promise<Response> {
  const script = await readFile(options.sdk)
  const values = {
    key: options.key,
    collector: options.collector,
    sdkSrc: '/nunchi.js',
    sdkIntegrity: integrity(script),
    config: configBlock(await options.config().catch(() => '')),
    nonce: randomBytes(16).toString('base64'),
  }
  const html = fillPage(await readFile(join(options.files, 'index.html'), 'utf8'), values)
  c.header('content-security-policy', contentSecurityPolicy(values))
  return c.html(html)
}

const integrity = (script: Uint8Array): string =>
  `sha384-${createHash('sha384').update(script).digest('base64')}`

async function file(c: Context, path: string): Promise<Response> {
  const type = types[extname(path)]
  const body = type ? await readFile(path).catch(() => undefined) : undefined
  if (!type || !body) return c.json({ error: `There is no ${c.req.path} here.` }, 404)
  return c.body(new Uint8Array(body), 200, { 'content-type': type })
}

/** A cross-site page can send a form or text without asking, but never JSON: the type alone proves that we are asked by our own page. */
const sendsJson = (c: Context): boolean => /^application\/json\b/i.test(c.req.header('content-type') ?? '')

async function setNetwork(c: Context, network: ShopOptions['network']): Promise<Response> {
  const body = sendsJson(c) ? await c.req.json<{ down?: unknown } | null>().catch(() => null) : null
  if (typeof body?.down !== 'boolean')
    return c.json({ error: 'Send {"down": true} or {"down": false} as application/json.' }, 400)
  await network.set(body.down)
  return c.json({ down: network.down })
}

/** The page with the results is for the shop's owner: it carries no script of nunchi's, and counts nobody. */
async function resultsPage(c: Context, { files }: ShopOptions): Promise<Response> {
  c.header('content-security-policy', ownPolicy)
  return c.html(await readFile(join(files, 'results.html'), 'utf8'))
}

async function letCrowdIn(c: Context, { crowd }: ShopOptions): Promise<Response> {
  if (!sendsJson(c)) return c.json({ error: 'Send {} as application/json.' }, 400)
  await crowd(crowdSize)
  return c.json({ visitors: crowdSize })
}

async function visitorRows(c: Context, options: ShopOptions): Promise<Response> {
  const anonymousId = c.req.query('anonymousId')
  if (!anonymousId) return c.json({ error: 'Name the visitor: ?anonymousId=…' }, 400)
  return c.json(await options.rows(anonymousId))
}

/** Makes the shop's app; no part of it runs on the collector's port. */
export function shopApp(options: ShopOptions): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'strict-origin-when-cross-origin')
    c.header('x-frame-options', 'DENY')
    c.header('cross-origin-opener-policy', 'same-origin')
    c.header('cache-control', 'no-store')
  })
  app.onError((error, c) => {
    console.error(`✗ ${c.req.method} ${c.req.path}: ${error.message}`)
    return c.json({ error: error.message }, 503)
  })
  app.get('/', (c) => page(c, options))
  app.get('/nunchi.js', (c) => file(c, options.sdk))
  app.get('/demo/config', async (c) => {
    const sdk = { src: '/nunchi.js', integrity: integrity(await readFile(options.sdk)) }
    return c.json({ key: options.key, collector: options.collector, sdk })
  })
  app.get('/demo/rows', (c) => visitorRows(c, options))
  app.get('/demo/network', (c) => c.json({ down: options.network.down }))
  app.post('/demo/network', (c) => setNetwork(c, options.network))
  app.get('/results', (c) => resultsPage(c, options))
  app.get('/demo/results', async (c) => c.json(await options.results()))
  app.post('/demo/crowd', (c) => letCrowdIn(c, options))
  app.get('*', (c) => file(c, join(options.files, fileName.exec(c.req.path)?.[1] ?? 'none')))
  return app
}
