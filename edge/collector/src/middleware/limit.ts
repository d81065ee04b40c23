/** Rate limits: by client address before the key is looked up, by key afterwards. */
import type { Middleware, RequestContext, Services } from '../env.ts'
import { Problem } from '../problem.ts'

function refuse(wait: number, what: string): never {
  const retryAfter = Math.max(1, Math.ceil(wait))
  throw new Problem('rate_limited', {
    retryAfter,
    detail: `More requests came from this ${what} than its limit allows.`,
  })
}

/**
 * Limits each client address. One that brings an Authorization header is a server: it pays only for the
 * attempts that fail, so that many servers behind one address are not held back, and guessing keys is.
 *
 * @param isServer tells servers where pages bring that header too
 */
export function limitClients(
  { options, buckets }: Services,
  isServer: (c: RequestContext) => boolean = (c) => c.req.header('authorization') !== undefined,
): Middleware {
  const { rateLimit } = options
  return async (c, next) => {
    const client = c.get('client')
    // All of an unknown address would be one client.
    if (!rateLimit || client === '') return next()
    const server = isServer(c)
    const name = `client ${client}`
    const wait = buckets.take(name, rateLimit.client, server ? 0 : 1)
    if (wait > 0) refuse(wait, 'address')
    await next()
    if (server && c.res.status === 401) buckets.take(name, rateLimit.client)
  }
}

/** Limits each key, by its own rate where it has one; other keys do not notice. */
export function limitKeys({ options, buckets }: Services): Middleware {
  const { rateLimit } = options
  return (c, next) => {
    if (!rateLimit) return next()
    const { keyId, rateLimit: own } = c.get('key')
    const rate = own === null ? rateLimit.key : { perSecond: own, burst: Math.max(1, own * 5) }
    const wait = buckets.take(`key ${keyId}`, rate)
    if (wait > 0) refuse(wait, 'key')
    return next()
  }
}
