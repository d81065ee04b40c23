/** The seam of visitors' tokens: what verifies them, as data, and what a verified one says. */

/** The algorithms that tokens may be signed with; each verifier takes exactly one. */
export type TokenAlgorithm = 'HS256' | 'ES256' | 'RS256' | 'EdDSA'

/** A public key as JSON (RFC 7517), of the members that verifying needs. */
export interface PublicJwk {
  kty: 'EC' | 'RSA' | 'OKP'
  crv?: string
  x?: string
  y?: string
  n?: string
  e?: string
  /** Where both the key and a token have one, they must be equal. */
  kid?: string
}

/** What a token must say, whoever signs it. */
interface Pinned {
  /** Unique in its project and environment; only for people. */
  name: string
  /** What `iss` must be. */
  issuer: string
  /** What `aud` must be, or contain. */
  audience: string
  algorithm: TokenAlgorithm
  /** The claim that is the `userId`. @default 'sub' */
  subjectClaim?: string
}

/** What verifies tokens: a shared secret, one public key, or the address of a set of them. */
export type TokenVerifier = Pinned &
  ({ kind: 'secret'; secret: string } | { kind: 'key'; key: PublicJwk } | { kind: 'jwks'; url: string })

/** Whom a verified token is of. */
export interface Visitor {
  userId: string
  /** The verifier that took it, by name. */
  verifier: string
  /** In seconds since the epoch. */
  expiresAt: number
}

/** The part of a token's header that chooses a key; nothing else in it is ever followed. */
export interface TokenHeader {
  alg: string
  kid?: string
}

/** Finds the keys that may have signed a token. */
export interface TokenKeys {
  /**
   * @param scope who may wait for one and the same fetch: the request's storage
   * @returns none where there is none of this `kid` and algorithm; `undefined` where the keys cannot be read now and
   * none are known
   */
  of(verifier: TokenVerifier, header: TokenHeader, scope: object): Promise<readonly CryptoKey[] | undefined>
}
