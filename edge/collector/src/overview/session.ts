/** The overview's session: a random token in a cookie that no script and no other site can use, its hash in the database. */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { RequestContext } from '../env.ts'
import { Problem } from '../problem.ts'
import { hex, sha256Hex } from '../sha256.ts'

/** How long a session lasts, in seconds. */
const sessionSeconds = 43_200

const cookie = 'nunchi_overview'
const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict', prefix: 'host' } as const

/** The hash of the token that the request's cookie carries. */
export async function presentedToken(c: RequestContext): Promise<string | undefined> {
  const token = getCookie(c, cookie, 'host')
  return token ? sha256Hex(token) : undefined
}

/**
 * Exchanges a key for a session.
 *
 * @throws a `Problem` `key_unknown` or `key_not_allowed`
 */
export async function openSession(c: RequestContext, keyHash: string): Promise<void> {
  const token = hex(crypto.getRandomValues(new Uint8Array(32)))
  const { error } = await c
    .get('storage')
    .call<{ error?: 'key_unknown' | 'key_not_allowed' }>('overview_open', {
      keyHash,
      tokenHash: await sha256Hex(token),
      seconds: sessionSeconds,
    })
  if (error === 'key_not_allowed')
    throw new Problem(error, {
      detail: 'The overview takes only a server key whose one scope is overview:read.',
      fix: 'Make one with `nunchi keys create --project NAME --kind srv --scopes overview:read`.',
    })
  if (error) throw new Problem(error)
  setCookie(c, cookie, token, { ...attributes, maxAge: sessionSeconds })
}

/** Ends the session. */
export async function closeSession(c: RequestContext): Promise<void> {
  const tokenHash = await presentedToken(c)
  if (tokenHash) await c.get('storage').call('overview_close', { tokenHash })
  deleteCookie(c, cookie, attributes)
}
