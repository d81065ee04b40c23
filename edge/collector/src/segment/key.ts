/** Where Segment's clients put their write key: `Authorization: Basic`, the address of a beacon, or the body. */
import type { Json } from '@nunchi/protocol'
import type { RequestContext } from '../env.ts'
import type { Presented } from '../middleware/guard.ts'
import { isObject } from '../parse/event.ts'
import { parseJson } from '../parse/json.ts'

/** The body as JSON, parsed once. */
export function payloadOf(c: RequestContext): Json {
  const known = c.get('payload') as Json | undefined
  if (known !== undefined) return known
  const payload = parseJson(c.get('body'))
  c.set('payload', payload)
  return payload
}

/** The key of `Authorization: Basic base64(key:)` or `Bearer key`; `undefined` without the header, '?' where it is no key. */
function keyOfHeader(c: RequestContext): string | undefined {
  const header = c.req.header('authorization')
  if (header === undefined) return undefined
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +(\S+)$/i.exec(header) ?? []
  if (scheme.toLowerCase() !== 'basic') return value || '?'
  try {
    return atob(value).split(':')[0] || '?'
  } catch {
    return '?'
  }
}

/** The key that a request to Segment's routes carries. A key in the header spares looking into the body. */
export function writeKeyOf(c: RequestContext): Presented {
  const header = keyOfHeader(c)
  if (header !== undefined) return { text: header, inAddress: false }
  const query = c.req.query('writeKey')
  if (query !== undefined) return { text: query, inAddress: true }
  const payload = payloadOf(c)
  const key = isObject(payload) ? payload['writeKey'] : undefined
  return { text: typeof key === 'string' ? key : undefined, inAddress: false }
}

/** Whether a server sends: pages bring the header too, with a key that everyone may see. */
export const isServer = (c: RequestContext): boolean => keyOfHeader(c)?.startsWith('nk_srv_') === true
