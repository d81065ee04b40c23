/** Reads what is to verify visitors' tokens, and says of each part what is wrong with it. */
import { permittedUrl } from '../outgoing/permitted-url.ts'
import { weakSecret } from '../weak-secret.ts'
import type { PublicJwk, TokenAlgorithm, TokenVerifier } from './verifier.ts'

/** What is wrong with one part. */
export interface VerifierMistake {
  path: string
  message: string
}

type Given = { [field: string]: unknown }
type Say = (path: string, message: string) => void

const algorithms: readonly string[] = ['HS256', 'ES256', 'RS256', 'EdDSA']
const named = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$/

/** What a public key of each algorithm must be, and the members that are kept of it. */
const shapes: { [algorithm: string]: { kty: string; crv?: string; members: ('x' | 'y' | 'n' | 'e')[] } } = {
  ES256: { kty: 'EC', crv: 'P-256', members: ['x', 'y'] },
  RS256: { kty: 'RSA', members: ['n', 'e'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['x'] },
}
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkText(given: Given, field: string, say: Say): void {
  const value = given[field]
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > 2_000 ||
    !value.isWellFormed() ||
    value.includes('\0')
  )
    say(field, 'It must be a text of 1 to 2,000 characters.')
}

function checkSecret(secret: unknown, say: Say): void {
  const weak = typeof secret === 'string' ? weakSecret(secret) : 'must be a text'
  if (weak) say('secret', `It ${weak}; make one with: openssl rand -hex 32`)
  else if (!(secret as string).isWellFormed() || (secret as string).includes('\0'))
    say('secret', 'It holds characters that cannot be stored.')
}

function readKey(key: unknown, algorithm: string, say: Say): PublicJwk | undefined {
  const shape = shapes[algorithm]
  if (!shape) return undefined
  if (!isObject(key)) return void say('key', 'It must be a public key as a JWK object.')
  if (secretMembers.some((member) => member in key))
    return void say('key', 'It is a private key. Keep it where tokens are signed, and give its public half.')
  const { kty, crv, members } = shape
  const shaped = key['kty'] === kty && (crv === undefined || key['crv'] === crv)
  const filled = members.every((member) => /^[\w-]{1,2000}$/.test(String(key[member] ?? '')))
  if (!shaped || !filled)
    return void say('key', `For ${algorithm} it must be a JWK of kty ${kty}${crv ? ` and crv ${crv}` : ''}.`)
  if (kty === 'RSA' && String(key['n']).length < 342)
    return void say('key', 'An RSA key must have at least 2,048 bits.')
  const { kid } = key
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 200)) say('key.kid', 'It must be a text.')
  return {
    kty: kty as PublicJwk['kty'],
    ...(crv && { crv }),
    ...Object.fromEntries(members.map((member) => [member, key[member]])),
    ...(kid !== undefined && { kid: kid as string }),
  }
}

function checkUrl(url: unknown, allowed: readonly string[], say: Say): void {
  try {
    permittedUrl(String(url), allowed)
  } catch (error) {
    say('url', (error as Error).message)
  }
}

function checkKind(given: Given, say: Say): void {
  const { kind, algorithm } = given
  if (!['secret', 'key', 'jwks'].includes(String(kind))) say('kind', 'It must be secret, key or jwks.')
  if (!algorithms.includes(String(algorithm))) say('algorithm', `It must be one of ${algorithms.join(', ')}.`)
  else if ((kind === 'secret') !== (algorithm === 'HS256'))
    say('algorithm', 'HS256 goes with a secret; ES256, RS256 and EdDSA go with a key or a JWKS address.')
}

/** What came of reading one. */
export type ReadVerifier = { verifier: TokenVerifier } | { mistakes: VerifierMistake[] }

/**
 * Reads a verifier from parsed JSON; what is not known is left out.
 *
 * @param allowed hosts (`host:port`) that a JWKS address may name although they are private
 */
export function readVerifier(value: unknown, allowed: readonly string[] = []): ReadVerifier {
  if (!isObject(value)) return { mistakes: [{ path: '', message: 'It must be an object.' }] }
  const mistakes: VerifierMistake[] = []
  const say: Say = (path, message) => void mistakes.push({ path, message })
  const { name, kind, algorithm, issuer, audience, subjectClaim } = value
  if (!named.test(String(name ?? '')))
    say('name', 'It must be 1 to 100 letters, digits, dots, underscores and hyphens.')
  checkKind(value, say)
  for (const field of ['issuer', 'audience']) checkText(value, field, say)
  if (subjectClaim !== undefined) checkText(value, 'subjectClaim', say)
  const key = kind === 'key' ? readKey(value['key'], String(algorithm), say) : undefined
  if (kind === 'secret') checkSecret(value['secret'], say)
  if (kind === 'jwks') checkUrl(value['url'], allowed, say)
  if (mistakes.length > 0) return { mistakes }
  const pinned = {
    name: name as string,
    issuer: issuer as string,
    audience: audience as string,
    algorithm: algorithm as TokenAlgorithm,
    ...(subjectClaim !== undefined && { subjectClaim: subjectClaim as string }),
  }
  if (kind === 'secret') return { verifier: { ...pinned, kind, secret: value['secret'] as string } }
  if (kind === 'jwks') return { verifier: { ...pinned, kind, url: String(value['url']) } }
  return { verifier: { ...pinned, kind: 'key', key: key as PublicJwk } }
}
