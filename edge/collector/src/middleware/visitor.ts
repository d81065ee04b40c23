/** Whom a request is of: verifies the visitor's token that it carries, where it carries one. */
import { readAuthorization } from '../auth/authorization.ts'
import { tokenKeys } from '../auth/jwks.ts'
import type { TokenKeys } from '../auth/verifier.ts'
import { type TokenFault, verifyToken } from '../auth/verify-token.ts'
import type { Verifiers } from '../cache/verifiers.ts'
import { verifierCache } from '../cache/verifiers.ts'
import type { Middleware, RequestContext, Services } from '../env.ts'
import { describeError } from '../log.ts'
import { Problem } from '../problem.ts'

const challenge = { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }

/** What all routes with visitors share. */
function checks({ options, log }: Services): { verifiers: Verifiers; keys: TokenKeys } {
  const { keyCacheMs: ttlMs, storageTimeoutMs: timeoutMs, now, fetch } = options
  const onFailure = (host: string, error: unknown) =>
    log.warn('the keys of visitors’ tokens could not be read; those known stay', {
      host,
      error: describeError(error),
    })
  return { verifiers: verifierCache({ ttlMs, timeoutMs, now }), keys: tokenKeys({ fetch, now, onFailure }) }
}

/** One answer for every fault that an attacker could learn from. */
function refuse(fault: TokenFault): Problem {
  if (fault === 'unavailable') return new Problem('token_keys_unavailable', { retryAfter: 5 })
  return new Problem(fault === 'expired' ? 'token_expired' : 'token_invalid', challenge)
}

async function identify(c: RequestContext, services: Services): Promise<void> {
  const carried = readAuthorization(c.req.header('authorization'))
  if (carried === 'malformed') throw new Problem('token_invalid', challenge)
  if (carried === 'none' || 'key' in carried) return
  const { verifiers, keys } = services.once(checks)
  const scope = c.get('storage')
  const inForce = await verifiers.find(scope, c.get('key'), c.get('keyHash'))
  const verified = await verifyToken(carried.token, inForce, { keys, scope, now: services.options.now() })
  if ('fault' in verified) {
    services.log.info('a visitor’s token was refused', {
      requestId: c.get('requestId'),
      fault: verified.fault,
    })
    throw refuse(verified.fault)
  }
  c.set('visitor', verified.visitor)
}

/**
 * The key of a request whose `Authorization` may be a visitor's token: there where it is a key, else from `?key=`.
 * For the guard of such a route.
 */
export function keyBesideToken(c: RequestContext): { text: string | undefined; inAddress: boolean } {
  const carried = readAuthorization(c.req.header('authorization'))
  return typeof carried === 'object' && 'key' in carried
    ? { text: carried.key, inAddress: false }
    : { text: c.req.query('key'), inAddress: true }
}

/**
 * Makes the middleware, which comes after the guard: `visitor` is set where a good token came, absent where none did.
 * A token that is not good is refused, also where it would not be needed.
 */
export function visitor(services: Services): Middleware {
  return async (c, next) => {
    await identify(c, services)
    return next()
  }
}
