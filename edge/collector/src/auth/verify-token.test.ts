/** What the owner is told of a token, and that nothing but the very token is taken. */
import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { tokenKeys } from './jwks.ts'
import type { PublicJwk, TokenVerifier } from './verifier.ts'
import { verifyToken } from './verify-token.ts'

const secret = 'f3b1c09e7d5a42868b6d0c1e9f7a3b52'
const now = 1_790_000_000_000
const iat = now / 1000
const web: TokenVerifier = {
  name: 'web',
  kind: 'secret',
  algorithm: 'HS256',
  issuer: 'shop',
  audience: 'nunchi',
  secret,
}
const verifiers: TokenVerifier[] = [web]
const fetch = Object.assign(() => Promise.reject(new Error('away')), { check: async () => {} })
const keys = tokenKeys({ fetch, now: () => now })
const verify = (token: string, more: TokenVerifier[] = []) =>
  verifyToken(token, [...verifiers, ...more], { keys, scope: keys, now })

let es: CryptoKeyPair
beforeAll(async () => {
  es = await generateKeyPair('ES256')
  const key = { ...(await exportJWK(es.publicKey)), kid: 'k1' } as PublicJwk
  verifiers.push({ ...web, name: 'es', kind: 'key', algorithm: 'ES256', key } as TokenVerifier)
})
const claims = { iss: 'shop', aud: 'nunchi', sub: 'kim', iat, exp: iat + 900 }
const sign = (
  more: object = {},
  header: object = {},
  by: CryptoKey | Uint8Array = new TextEncoder().encode(secret),
) =>
  new SignJWT(JSON.parse(JSON.stringify({ ...claims, ...more })))
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(by)
const byKey = (more: object = {}, header: object = {}) =>
  sign(more, { alg: 'ES256', ...header }, es.privateKey)

describe('the owner is told', () => {
  it.each<[string, () => string | Promise<string>, string]>([
    ['that it is none', () => 'a.b.c', 'malformed'],
    ['that it is too long', () => sign({ more: 'x'.repeat(8_000) }), 'malformed'],
    ['that it renews a session', () => sign({ token_type: 'refresh' }), 'type'],
    ['that nobody takes its algorithm', () => sign({}, { alg: 'HS384' }), 'algorithm'],
    ['that nobody takes its issuer', () => sign({ iss: 'other' }), 'issuer'],
    ['that its kid is unknown', () => byKey({}, { kid: 'k2' }), 'key'],
    ['that another signed it', () => sign({}, {}, new TextEncoder().encode(`${secret}x`)), 'signature'],
    ['that it is for another', () => sign({ aud: 'other' }), 'audience'],
    ['that a claim is not right', () => sign({ sub: 7 }), 'claims'],
    ['that it is expired', () => sign({ exp: iat }), 'expired'],
  ])('%s', async (_what, token, fault) => {
    expect(await verify(await token())).toEqual({ fault })
  })

  it('that the keys cannot be read', async () => {
    const away: TokenVerifier = {
      ...web,
      name: 'away',
      kind: 'jwks',
      algorithm: 'RS256',
      url: 'https://login.example/jwks',
    }
    const { privateKey } = await generateKeyPair('RS256')
    expect(await verify(await sign({}, { alg: 'RS256' }, privateKey), [away])).toEqual({
      fault: 'unavailable',
    })
  })

  it('the nearest fault, where several verifiers are tried, and the first that takes it', async () => {
    const other: TokenVerifier = { ...web, name: 'other', audience: 'elsewhere' }
    expect(await verify(await sign({ exp: 1 }), [other])).toEqual({ fault: 'expired' })
    expect(await verify(await sign({ aud: 'elsewhere' }), [other])).toEqual({
      visitor: { userId: 'kim', verifier: 'other', expiresAt: claims.exp },
    })
  })

  it('whose it is, by the claim that was named', async () => {
    const custom: TokenVerifier = { ...web, name: 'custom', issuer: 'idp', subjectClaim: 'https://shop/uid' }
    expect(
      await verify(await sign({ iss: 'idp', sub: undefined, 'https://shop/uid': '회원 7' }), [custom]),
    ).toMatchObject({
      visitor: { userId: '회원 7', verifier: 'custom' },
    })
    expect(await verify(await sign({ iss: 'idp' }), [custom])).toEqual({ fault: 'claims' })
  })
})

describe('a token with one change', () => {
  const bytes = (token: string) =>
    token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join()

  it('anywhere is none: by a secret, and by a key', async () => {
    const good = [await sign(), await byKey()]
    for (const token of good) expect(await verify(token)).toHaveProperty('visitor')
    const change = fc.record({
      token: fc.constantFrom(...good),
      at: fc.nat(),
      letter: fc.constantFrom(...'ABCxyz019-_.'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ token, at, letter }) => {
        const place = at % token.length
        const changed = token.slice(0, place) + letter + token.slice(place + 1)
        // The last letter of a part has bits that mean nothing.
        if (bytes(changed) === bytes(token)) return
        expect(await verify(changed)).toHaveProperty('fault')
      }),
      { numRuns: 300 },
    )
  })

  it('is none whatever its parts are made of', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(part, part, part, async (header, payload, signature) => {
        expect(await verify(`${header}.${payload}.${signature}`)).toHaveProperty('fault')
      }),
      { numRuns: 300 },
    )
  })
})
