/** Signs a visitor's token on your server, so that the collector believes a `userId` that a page asks for. */

/** The algorithms that tokens are signed with. */
export type UserTokenAlgorithm = 'HS256' | 'ES256' | 'RS256' | 'EdDSA'

/** What `signUser()` takes: a secret shared with the collector, or a private key whose public half it knows. */
export interface SignUserOptions {
  /** The shared secret, for HS256: at least 32 bytes. */
  secret?: string
  /** Or a private key: a JWK (P-256, RSA, Ed25519), or a CryptoKey that may sign. */
  privateKey?: JsonWebKey | CryptoKey
  /** Which algorithm; told by the key where it is not given. */
  algorithm?: UserTokenAlgorithm
  /** Who signs, as the collector's verifier names it: `iss`. */
  issuer: string
  /** Whom it is for, as the collector's verifier names it: `aud`. */
  audience: string
  /** How long it is good for, in seconds; at most a day. @default 900 */
  expiresIn?: number
  /** Names the key, where there are several: `kid`. @default the JWK's kid */
  keyId?: string
  /** The clock, in ms since the epoch. @default Date.now */
  now?: () => number
}

type Shape = { name: string; namedCurve?: string; hash?: string }

const shapes: Record<UserTokenAlgorithm, Shape> = {
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

function base64url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

const encoded = (value: object): string => base64url(utf8(JSON.stringify(value)))

const isCryptoKey = (key: JsonWebKey | CryptoKey): key is CryptoKey => 'algorithm' in key && 'usages' in key

/** What a key is made for. */
function algorithmOf(key: JsonWebKey | CryptoKey): UserTokenAlgorithm | undefined {
  const kinds = isCryptoKey(key) ? [key.algorithm.name] : [key.kty, key.crv]
  const found = {
    ECDSA: 'ES256',
    'P-256': 'ES256',
    RSA: 'RS256',
    'RSASSA-PKCS1-v1_5': 'RS256',
    Ed25519: 'EdDSA',
  }
  for (const kind of kinds)
    if (kind && kind in found) return found[kind as keyof typeof found] as UserTokenAlgorithm
}

async function keyOf(options: SignUserOptions): Promise<{ key: CryptoKey; algorithm: UserTokenAlgorithm }> {
  const { secret, privateKey, algorithm } = options
  if ((secret === undefined) === (privateKey === undefined))
    throw new TypeError('signUser() needs a secret or a privateKey, and not both.')
  if (privateKey === undefined) {
    const raw = utf8(secret as string)
    if (raw.length < 32)
      throw new TypeError('The secret of signUser() must have at least 32 bytes: openssl rand -hex 32')
    if (algorithm !== undefined && algorithm !== 'HS256')
      throw new TypeError(`${algorithm} needs a privateKey.`)
    return {
      key: await crypto.subtle.importKey('raw', raw, shapes.HS256, false, ['sign']),
      algorithm: 'HS256',
    }
  }
  const told = algorithmOf(privateKey)
  if (told === undefined || (algorithm !== undefined && algorithm !== told))
    throw new TypeError(
      'The privateKey of signUser() must be one of P-256, RSA or Ed25519, and fit the algorithm.',
    )
  if (isCryptoKey(privateKey)) return { key: privateKey, algorithm: told }
  const { kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = privateKey
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi })) as JsonWebKey
  return { key: await crypto.subtle.importKey('jwk', jwk, shapes[told], false, ['sign']), algorithm: told }
}

/**
 * Signs a token that says who a visitor is. Call it where you know that, such as behind your own session, and hand the
 * token to the page.
 *
 * @param userId the same that `identify()` is given: 1 to 256 characters
 * @returns a signed JWT with `iss`, `aud`, `sub`, `iat` and `exp`
 * @throws TypeError where the key or an option is not one that can sign
 * @example await signUser('user-42', { secret: process.env.NUNCHI_TOKEN_SECRET, issuer: 'shop', audience: 'nunchi' })
 */
export async function signUser(userId: string, options: SignUserOptions): Promise<string> {
  const { issuer, audience, expiresIn = 900, now = Date.now } = options
  if (typeof userId !== 'string' || userId === '' || userId.length > 256)
    throw new TypeError('The userId of signUser() must have 1 to 256 characters.')
  if (!issuer || !audience) throw new TypeError('signUser() needs an issuer and an audience.')
  if (!(expiresIn > 0 && expiresIn <= 86_400))
    throw new TypeError('expiresIn of signUser() is in seconds, more than 0 and at most 86,400.')
  const { key, algorithm } = await keyOf(options)
  const kid = options.keyId ?? (options.privateKey as { kid?: string } | undefined)?.kid
  const iat = Math.floor(now() / 1000)
  const claims = { iss: issuer, aud: audience, sub: userId, iat, exp: iat + Math.ceil(expiresIn) }
  const signed = `${encoded({ alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) })}.${encoded(claims)}`
  const signature = await crypto.subtle.sign(shapes[algorithm], key, utf8(signed))
  return `${signed}.${base64url(new Uint8Array(signature))}`
}
