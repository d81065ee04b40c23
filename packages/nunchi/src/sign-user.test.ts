/** Tokens that signUser() makes, verified by a library that shares nothing with it. */
import * as jose from 'jose'
import { describe, expect, it } from 'vitest'
import { type SignUserOptions, signUser } from './sign-user.ts'

const secret = 'f3b1c09e7d5a42868b6d0c1e9f7a3b52'
const whose = { issuer: 'https://shop.example', audience: 'nunchi' }
const pinned = { ...whose, requiredClaims: ['exp', 'sub', 'iat'] }

/** A key pair: the private half as a JWK, and the public one. */
async function pair(algorithm: 'ES256' | 'RS256' | 'EdDSA', kid?: string) {
  const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true })
  return { jwk: { ...(await jose.exportJWK(privateKey)), ...(kid && { kid }) }, privateKey, publicKey }
}

describe('signUser', () => {
  it.each<[string, string, Partial<SignUserOptions>, RegExp]>([
    ['neither secret nor key', 'kim', {}, /needs a secret or a privateKey/],
    ['both', 'kim', { secret, privateKey: { kty: 'EC', crv: 'P-256' } }, /not both/],
    ['a short secret', 'kim', { secret: 'short' }, /at least 32 bytes/],
    ['a secret for ES256', 'kim', { secret, algorithm: 'ES256' }, /needs a privateKey/],
    [
      'a key of another curve',
      'kim',
      { privateKey: { kty: 'EC', crv: 'P-384' } },
      /one of P-256, RSA or Ed25519/,
    ],
    [
      'a key that does not fit',
      'kim',
      { privateKey: { kty: 'RSA' }, algorithm: 'ES256' },
      /fit the algorithm/,
    ],
    ['no user', '', { secret }, /1 to 256/],
    ['an endless id', 'x'.repeat(257), { secret }, /1 to 256/],
    ['no issuer', 'kim', { secret, issuer: '' }, /needs an issuer/],
    ['ms for seconds', 'kim', { secret, expiresIn: 900_000 }, /in seconds/],
    ['an expiry that is none', 'kim', { secret, expiresIn: Number.NaN }, /in seconds/],
  ])('refuses %s', async (_what, userId, options, said) => {
    await expect(signUser(userId, { ...whose, ...options })).rejects.toThrow(said)
  })

  it('signs with a secret what another library verifies, for fifteen minutes', async () => {
    const now = 1_790_000_000_500
    const token = await signUser('사용자 42', { ...whose, secret, now: () => now })
    const { payload, protectedHeader } = await jose.jwtVerify(token, new TextEncoder().encode(secret), {
      ...pinned,
      algorithms: ['HS256'],
      currentDate: new Date(now),
    })
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(payload).toEqual({
      iss: 'https://shop.example',
      aud: 'nunchi',
      sub: '사용자 42',
      iat: 1_790_000_000,
      exp: 1_790_000_900,
    })
  })

  it.each(['ES256', 'RS256', 'EdDSA'] as const)(
    'signs by %s with a JWK and with a CryptoKey',
    async (algorithm) => {
      const { jwk, privateKey, publicKey } = await pair(algorithm, 'k1')
      for (const [key, kid] of [
        [jwk as JsonWebKey, 'k1'],
        [privateKey, undefined],
      ] as const) {
        const token = await signUser('kim', { ...whose, privateKey: key })
        const { payload, protectedHeader } = await jose.jwtVerify(token, publicKey, {
          ...pinned,
          algorithms: [algorithm],
        })
        expect([payload.sub, protectedHeader.alg, protectedHeader.kid]).toEqual(['kim', algorithm, kid])
      }
    },
  )

  it('names the key as it is told to', async () => {
    const token = await signUser('kim', { ...whose, secret, keyId: '2026-11' })
    expect(jose.decodeProtectedHeader(token).kid).toBe('2026-11')
  })
})
