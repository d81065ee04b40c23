/** Verifies a visitor's token: one pinned algorithm, issuer and audience for each verifier, and times that hold now. */
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { TokenHeader, TokenKeys, TokenVerifier, Visitor } from './verifier.ts'

/**
 * Why a token is not taken, the nearer to being taken the later:
 *
 * - `malformed`: it is no signed JWT of at most 8,192 characters
 * - `type`: its header's `typ` is neither `JWT` nor `at+jwt`, or it calls itself a refresh token
 * - `algorithm`, `issuer`: no verifier takes it
 * - `unavailable`: the keys cannot be read now
 * - `key`: no key with its `kid`
 * - `signature`: not signed by the key
 * - `audience`, `claims`: it is for somebody else; a claim is missing, of the wrong type, or not yet valid
 * - `expired`
 */
export type TokenFault = (typeof faults)[number]

const faults = [
  'malformed',
  'type',
  'algorithm',
  'issuer',
  'unavailable',
  'key',
  'signature',
  'audience',
  'claims',
  'expired',
] as const

/** What became of a token. */
export type Verified = { visitor: Visitor } | { fault: TokenFault }

/** How far an issuer's clock may be ahead of ours, in seconds. Expiry is given no such grace. */
const skew = 60
const maxLength = 8_192
const maxUserId = 256

type Header = TokenHeader & { typ?: unknown }

function headerOf(token: string): Header | undefined {
  if (token.length > maxLength || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  try {
    const { alg, kid, typ } = decodeProtectedHeader(token) as { [name: string]: unknown }
    if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string')) return undefined
    return { alg, ...(kid !== undefined && { kid }), typ }
  } catch {
    return undefined
  }
}

function claimsOf(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

const signedTypes = new Set(['jwt', 'at+jwt'])

/** Access tokens and plain JWTs only: what renews a session must not open anything itself. */
function isAccess({ typ }: Header, claims: JWTPayload): boolean {
  if (
    typ !== undefined &&
    (typeof typ !== 'string' || !signedTypes.has(typ.toLowerCase().replace(/^application\//, '')))
  )
    return false
  return !['typ', 'type', 'token_type', 'token_use'].some((name) =>
    /refresh/i.test(String(claims[name] ?? '')),
  )
}

/** The claims that jose leaves to us: finite times, an expiry without grace, and a subject that can be stored. */
function visitorOf(claims: JWTPayload, verifier: TokenVerifier, seconds: number): Verified {
  const { exp, nbf, iat } = claims
  const times = [exp, nbf ?? 0, iat ?? 0]
  if (times.some((time) => typeof time !== 'number' || !Number.isFinite(time))) return { fault: 'claims' }
  const userId = claims[verifier.subjectClaim ?? 'sub']
  if (typeof userId !== 'string' || userId === '' || userId.length > maxUserId) return { fault: 'claims' }
  if (!userId.isWellFormed() || userId.includes('\0')) return { fault: 'claims' }
  if ((iat ?? 0) > seconds + skew) return { fault: 'claims' }
  if ((exp as number) <= seconds) return { fault: 'expired' }
  return { visitor: { userId, verifier: verifier.name, expiresAt: exp as number } }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'aud' ? 'audience' : 'claims'
  return 'signature'
}

const later = (a: TokenFault, b: TokenFault): TokenFault => (faults.indexOf(a) < faults.indexOf(b) ? b : a)

/** What a token is tried against. */
export interface VerifyOptions {
  keys: TokenKeys
  /** See `TokenKeys`. */
  scope: object
  /** In ms since the epoch. */
  now: number
}

/**
 * Verifies a token.
 *
 * Its header chooses nothing but a key among those of a verifier: its `alg` must be the verifier's own, and `jku`,
 * `x5u`, `jwk` and the like are not looked at.
 *
 * @param verifiers those in force; the first that takes it wins
 */
export async function verifyToken(
  token: string,
  verifiers: readonly TokenVerifier[],
  options: VerifyOptions,
): Promise<Verified> {
  const [header, claims] = [headerOf(token), claimsOf(token)]
  if (!header || !claims) return { fault: 'malformed' }
  if (!isAccess(header, claims)) return { fault: 'type' }
  let fault: TokenFault = 'algorithm'
  for (const verifier of verifiers) {
    if (verifier.algorithm !== header.alg) continue
    const outcome: Verified =
      claims.iss === verifier.issuer ? await attempt(token, header, verifier, options) : { fault: 'issuer' }
    if ('visitor' in outcome) return outcome
    fault = later(fault, outcome.fault)
  }
  return { fault }
}

async function attempt(
  token: string,
  { alg, kid }: Header,
  verifier: TokenVerifier,
  { keys, scope, now }: VerifyOptions,
): Promise<Verified> {
  const { algorithm, issuer, audience, subjectClaim = 'sub' } = verifier
  const candidates = await keys.of(verifier, { alg, ...(kid !== undefined && { kid }) }, scope)
  if (candidates === undefined) return { fault: 'unavailable' }
  let fault: TokenFault = 'key'
  for (const key of candidates)
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience,
        requiredClaims: ['exp', subjectClaim],
        clockTolerance: skew,
        currentDate: new Date(now),
      })
      return visitorOf(payload, verifier, now / 1000)
    } catch (error) {
      fault = later(fault, faultOf(error))
    }
  return { fault }
}
