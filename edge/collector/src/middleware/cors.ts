/** CORS of one route: lets pages read every answer, failures included, unless their origin is not allowed. */
import { keyKind } from '@nunchi/protocol'
import type { Middleware, RequestContext, Services } from '../env.ts'
import { allowOrigin, originAllowed } from '../origin.ts'

/** What a route's preflight allows. */
export interface PreflightOptions {
  /** The route's own methods. */
  methods: string[]
  /** The request headers that the route reads. */
  headers: string[]
}

/** Whether the key in the address forbids this origin. A key that is unknown forbids nothing: its 401 must be readable. */
async function forbidden(c: RequestContext, services: Services, origin: string): Promise<boolean> {
  const text = c.req.query('key') ?? ''
  if (keyKind(text) !== 'pub') return false
  const { key } = await services.keys.find(c.get('storage'), text, { lastKnown: true })
  return key !== null && !originAllowed(origin, key.origins)
}

/**
 * Makes the middleware: `Vary: Origin`, the origin and the readable headers on every answer. Credentials are never
 * allowed. The guard takes the origin back where a key forbids it.
 */
export function cors(): Middleware {
  return (c, next) => {
    const origin = c.req.header('origin')
    c.header('Vary', 'Origin')
    if (origin !== undefined) allowOrigin(c, origin)
    return next()
  }
}

/** Answers `OPTIONS`: the route's own methods and headers, for a day, where the key allows the origin. */
export function preflight(services: Services, options: PreflightOptions): Middleware {
  const methods = options.methods.join(', ')
  const headers = options.headers.join(', ')
  return async (c) => {
    const origin = c.req.header('origin')
    c.header('Allow', `${methods}, OPTIONS`)
    if (origin === undefined) return c.body(null, 204)
    if (await forbidden(c, services, origin)) c.header('Access-Control-Allow-Origin', undefined)
    c.header('Access-Control-Allow-Methods', methods)
    c.header('Access-Control-Allow-Headers', headers)
    c.header('Access-Control-Max-Age', '86400')
    return c.body(null, 204)
  }
}
