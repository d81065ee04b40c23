/** The guard: lets a request pass only with a key in force that may do this, from an origin it allows. */
import { keyKind } from '@nunchi/protocol'
import type { FoundKey } from '../cache/keys.ts'
import type { Middleware, RequestContext, Services } from '../env.ts'
import { originAllowed } from '../origin.ts'
import { Problem } from '../problem.ts'

/** What a route asks of a key. */
export interface GuardOptions {
  /** The scope that a server key needs; a server key without any scopes may do everything. */
  scope: string
  /** Whether a public key will do. */
  pub: boolean
}

const challenge = { headers: { 'WWW-Authenticate': 'Bearer' } }

/** The key's text: from `Authorization: Bearer` first, else from `?key=`. */
function presented(c: RequestContext): string {
  const header = c.req.header('authorization')
  const text = header === undefined ? c.req.query('key') : /^Bearer +(\S+)$/i.exec(header)?.[1]
  if (header === undefined && !text) throw new Problem('key_missing', challenge)
  const kind = keyKind(text ?? '')
  if (!text || !kind) throw new Problem('key_malformed', challenge)
  if (kind === 'srv' && header === undefined)
    throw new Problem('key_not_allowed', {
      detail: 'A server key came in the address, where every log on the way writes it down.',
      fix: 'Revoke this key, and send the new one as "Authorization: Bearer nk_srv_…".',
    })
  return text
}

function checkOrigin(c: RequestContext, key: FoundKey, { log }: Services): void {
  const origin = c.req.header('origin')
  if (origin === undefined) return
  const refuse = (problem: Problem) => {
    c.header('Access-Control-Allow-Origin', undefined)
    return problem
  }
  if (key.kind === 'srv') {
    log.warn('a server key was used in a browser: revoke it', { keyId: key.keyId, origin })
    throw refuse(new Problem('key_in_browser'))
  }
  if (!originAllowed(origin, key.origins)) throw refuse(new Problem('origin_not_allowed'))
}

/** Makes the middleware; afterwards `key` and `keyHash` are set. */
export function guard(services: Services, { scope, pub }: GuardOptions): Middleware {
  return async (c, next) => {
    const { hash, key } = await services.keys.find(c.get('storage'), presented(c))
    if (key === null) throw new Problem('key_unknown', challenge)
    c.set('key', key)
    c.set('keyHash', hash)
    checkOrigin(c, key, services)
    if (key.kind === 'pub' ? !pub : key.scopes.length > 0 && !key.scopes.includes(scope))
      throw new Problem('key_not_allowed')
    return next()
  }
}
