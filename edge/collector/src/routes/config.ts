/** `GET /v1/config`: the flags and experiments in force, for pages and servers to evaluate themselves. */
import type { RequestContext, Use } from '../env.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { Problem } from '../problem.ts'

/** How the config is served. */
export interface ConfigOptions {
  /**
   * The path; another one where blockers know this one.
   * @default '/v1/config'
   */
  path?: string
  /**
   * For how long a CDN may answer by itself, in seconds. Browsers always ask again, by the ETag.
   * @default 2
   */
  sharedMaxAge?: number
}

/** Whether one of the ETags that the client has is `tag`. */
function knows(c: RequestContext, tag: string): boolean {
  const known = c.req.header('if-none-match')?.split(',') ?? []
  return known.map((one) => one.trim().replace(/^W\//, '')).some((one) => one === tag || one === '*')
}

/**
 * Adds the route. Takes public keys, and server keys with the scope `config:read`. `?version=` is the version that the
 * page has heard of: an instance that knows another one asks the database again, and a CDN has no older answer to it.
 */
export function config({ path = '/v1/config', sharedMaxAge = 2 }: ConfigOptions = {}): Use {
  return (app, services) => {
    app.use(path, cors())
    app.use(path, limitClients(services))
    app.options(path, preflight(services, { methods: ['GET'], headers: ['If-None-Match', 'Authorization'] }))
    app.get(
      path,
      guard(services, { scope: 'config:read', pub: true, lastKnown: true }),
      limitKeys(services),
      async (c) => {
        const key = c.get('key')
        const wanted = c.req.query('version')
        const { version, text } = await services.configs.find(c.get('storage'), key, c.get('keyHash'), wanted)
        const tag = `"${version}"`
        c.header('ETag', tag)
        // What a server key opened is nobody else's; what a public key opens stands in every page.
        c.header(
          'Cache-Control',
          key.kind === 'pub'
            ? `public, max-age=0, s-maxage=${sharedMaxAge}, stale-if-error=86400`
            : 'private, no-cache',
        )
        if (knows(c, tag)) return c.body(null, 304)
        return c.body(text, 200, { 'Content-Type': 'application/json' })
      },
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD, OPTIONS' } })
    })
  }
}
