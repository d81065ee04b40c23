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
  /** Whether the last known key will do while the database is away: where the answer comes from memory then. */
  lastKnown?: boolean
  /** Where the route's requests carry their key. Default: `Authorization: Bearer`, else `?key=`. */
  present?(c: RequestContext): Presented
}

const challenge = { headers: { 'WWW-Authenticate': 'Bearer' } }

/** A key as a request carries it. */
export interface Presented {
  /** `undefined` where there is none. */
  text: string | undefined
  /** Whether it stands in the address, where every log on the way writes it down. */
  inAddress: boolean
}

/** From `Authorization: Bearer` first, else from `?key=`. */
const bearerOrQuery = (c: RequestContext): Presented => {
  const header = c.req.header('authorization')
  return header === undefined
    ? { text: c.req.query('key'), inAddress: true }
    : { text: /^Bearer +(\S+)$/i.exec(header)?.[1] ?? 'malformed', inAddress: false }
}

function checkText({ text, inAddress }: Presented): string {
  if (!text) throw new Problem('key_missing', challenge)
  const kind = keyKind(text)
  if (!kind) throw new Problem('key_malformed', challenge)
  if (kind === 'srv' && inAddress)
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
export function guard(services: Services, options: GuardOptions): Middleware {
  const { scope, pub, lastKnown = false, present = bearerOrQuery } = options
  return async (c, next) => {
    const { hash, key } = await services.keys.find(c.get('storage'), checkText(present(c)), { lastKnown })
    if (key === null) throw new Problem('key_unknown', challenge)
    c.set('key', key)
    c.set('keyHash', hash)
    checkOrigin(c, key, services)
    if (key.kind === 'pub' ? !pub : key.scopes.length > 0 && !key.scopes.includes(scope))
      throw new Problem('key_not_allowed')
    return next()
  }
}
