/** `GET /nunchi.js`: serves the SDK's script tag build from the collector's own address. */
import type { Use } from '../env.ts'
import { hex, sha256 } from '../sha256.ts'

/** What is served, and where. */
export interface ScriptOptions {
  /** The text of `nunchi/dist/nunchi.global.js`. */
  source: string
  /**
   * The path; another one where blockers know this one.
   * @default '/nunchi.js'
   */
  path?: string
  /**
   * How long browsers and caches may keep it, in seconds; afterwards they ask again by its ETag.
   * @default 3_600
   */
  maxAge?: number
}

async function etagOf(source: string): Promise<string> {
  return `"${hex((await sha256(source)).subarray(0, 16))}"`
}

/** Adds the route. Any page may load the script, also with `integrity` and `crossorigin`. */
export function script({ source, path = '/nunchi.js', maxAge = 3_600 }: ScriptOptions): Use {
  let etag: Promise<string> | undefined
  return (app) => {
    app.get(path, async (c) => {
      etag ??= etagOf(source)
      const tag = await etag
      c.header('ETag', tag)
      c.header('Cache-Control', `public, max-age=${maxAge}`)
      c.header('Access-Control-Allow-Origin', '*')
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
      const known = c.req
        .header('if-none-match')
        ?.split(',')
        .map((one) => one.trim().replace(/^W\//, ''))
      if (known?.includes(tag) || known?.includes('*')) return c.body(null, 304)
      return c.body(source, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
    })
  }
}
