/** The outermost middleware: names each request, counts it, logs it, and sets the headers of every answer. */
import { addressGroup, clientAddress } from '../address.ts'
import type { FoundKey } from '../cache/keys.ts'
import type { Middleware, RequestContext, Services } from '../env.ts'

/** Which log level an answer deserves: refusals are ordinary, our own failures are not. */
const levelOf = (status: number) =>
  status >= 500 ? (status === 503 ? 'warn' : 'error') : status >= 400 ? 'info' : 'debug'

function describe(c: RequestContext, ms: number) {
  const { method, path } = c.req
  const userAgent = c.req.header('user-agent')?.slice(0, 200)
  const key = c.get('key') as FoundKey | undefined
  const [requestId, code] = [c.get('requestId'), c.get('code')]
  return { requestId, method, path, status: c.res.status, code, ms, keyId: key?.keyId, userAgent }
}

/** Makes the middleware. */
export function request(services: Services): Middleware {
  const { options, log, metrics, state } = services
  const answered = metrics.counter('nunchi_requests_total', 'Requests answered, by status.', 'status')
  metrics.gauge('nunchi_requests_in_flight', 'Requests being answered.', () => state.inFlight)
  let warned = false

  return async (c, next) => {
    const receivedAt = options.now()
    const forwarded = c.req.header('x-forwarded-for')
    if (forwarded && options.trustedProxies === 0 && !warned) {
      warned = true
      log.warn(
        'requests carry X-Forwarded-For, but no proxy is trusted: if one stands before, set trustedProxies',
      )
    }
    c.set('requestId', crypto.randomUUID())
    c.set('receivedAt', receivedAt)
    const address = clientAddress(c.env?.remoteAddress, forwarded, options.trustedProxies)
    c.set('address', address ?? '')
    c.set('client', address === undefined ? '' : addressGroup(address))
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Cache-Control', 'no-store')
    c.header('X-Request-Id', c.get('requestId'))
    state.inFlight++
    try {
      await next()
    } finally {
      state.inFlight--
    }
    answered.add(1, String(c.res.status))
    log[levelOf(c.res.status)]('request', () => describe(c, options.now() - receivedAt))
  }
}
