/** The page's own server: its files, and signing in as one of the made-up people. */
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Hono } from 'hono'
import type { SignIn } from './club.ts'
import { people } from './people.ts'

/** What it needs from outside. */
export interface ClubOptions {
  /** The public API key for the page. */
  key: string
  /** The collector's origin. */
  collector: string
  /** The folder with index.html and what it loads. */
  files: string
  signIn: SignIn
}

const types: { [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** Makes the app. A real site signs in whom it knows; this one believes whom the visitor chose to be. */
export function clubApp({ key, collector, files, signIn }: ClubOptions): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header(
      'content-security-policy',
      `default-src 'self'; connect-src 'self' ${collector}; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`,
    )
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'strict-origin-when-cross-origin')
    c.header('cache-control', 'no-store')
  })
  app.get('/club/people', (c) => c.json(people.map(({ id, ko, en }) => ({ id, ko, en }))))
  app.get('/club/sign-in', async (c) => {
    const id = c.req.query('as') ?? ''
    if (!people.some((one) => one.id === id))
      return c.json({ error: 'There is nobody of this id here.' }, 404)
    return c.json({ key, collector, token: await signIn(id) })
  })
  app.get('*', async (c) => {
    const name = c.req.path === '/' ? 'index.html' : (/^\/([\w-]+\.[a-z]+)$/.exec(c.req.path)?.[1] ?? 'none')
    const type = types[extname(name)]
    const body = type ? await readFile(join(files, name)).catch(() => undefined) : undefined
    if (!type || !body) return c.json({ error: `There is no ${c.req.path} here.` }, 404)
    return c.body(new Uint8Array(body), 200, { 'content-type': type })
  })
  return app
}
