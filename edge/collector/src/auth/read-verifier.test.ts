import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { readVerifier } from './read-verifier.ts'

const pinned = { name: 'web', issuer: 'https://shop.example', audience: 'nunchi' }
const secret = 'f3b1c09e7d5a42868b6d0c1e9f7a3b52'
const jwk: { [name: string]: { public: object; private: object } } = {}
beforeAll(async () => {
  for (const alg of ['ES256', 'ES384', 'RS256', 'EdDSA']) {
    const pair = await generateKeyPair(alg, { extractable: true })
    jwk[alg] = { public: await exportJWK(pair.publicKey), private: await exportJWK(pair.privateKey) }
  }
})
const mistakes = (more: object) => {
  const read = readVerifier({ ...pinned, ...more })
  return 'mistakes' in read ? read.mistakes.map(({ path, message }) => `${path}: ${message}`) : []
}
const url = 'https://login.example/jwks'

describe('a verifier', () => {
  it('that is no object, or lacks everything, is refused with each part', () => {
    for (const odd of [null, 7, 'x', []])
      expect(readVerifier(odd)).toMatchObject({ mistakes: [{ path: '' }] })
    const read = readVerifier({}) as { mistakes: { path: string }[] }
    expect(read.mistakes.map(({ path }) => path)).toEqual(['name', 'kind', 'algorithm', 'issuer', 'audience'])
  })

  it.each<[string, object, RegExp]>([
    ['an empty secret', { kind: 'secret', algorithm: 'HS256', secret: '' }, /^secret: .*32/],
    ['31 bytes', { kind: 'secret', algorithm: 'HS256', secret: secret.slice(1) }, /^secret: .*32/],
    ['one letter', { kind: 'secret', algorithm: 'HS256', secret: 'x'.repeat(64) }, /^secret: .*example/],
    [
      'a secret of tutorials',
      { kind: 'secret', algorithm: 'HS256', secret: 'your-256-bit-secret-your-256-bit-secret' },
      /^secret: .*example/,
    ],
    [
      'a secret of another’s local demo',
      {
        kind: 'secret',
        algorithm: 'HS256',
        secret: 'super-secret-jwt-token-with-at-least-32-characters-long',
      },
      /^secret: .*example/,
    ],
    ['a secret with NUL', { kind: 'secret', algorithm: 'HS256', secret: `${secret}\0` }, /^secret: .*stored/],
    [
      'a secret for RS256',
      { kind: 'secret', algorithm: 'RS256', secret },
      /^algorithm: HS256 goes with a secret/,
    ],
    [
      'a key set for HS256',
      { kind: 'jwks', algorithm: 'HS256', url },
      /^algorithm: HS256 goes with a secret/,
    ],
    ['none', { kind: 'jwks', algorithm: 'none', url }, /^algorithm: /],
    ['HS512', { kind: 'secret', algorithm: 'HS512', secret }, /^algorithm: /],
    [
      'a key set on this machine',
      { kind: 'jwks', algorithm: 'ES256', url: 'https://127.0.0.1/jwks' },
      /^url: .*public internet/,
    ],
    [
      'in hexadecimal',
      { kind: 'jwks', algorithm: 'ES256', url: 'https://0x7f.1/jwks' },
      /^url: .*public internet/,
    ],
    [
      'on a cloud’s own address',
      { kind: 'jwks', algorithm: 'ES256', url: 'http://169.254.169.254/' },
      /^url: /,
    ],
    [
      'with a user',
      { kind: 'jwks', algorithm: 'ES256', url: 'https://a@login.example/jwks' },
      /^url: .*user name/,
    ],
    ['of a file', { kind: 'jwks', algorithm: 'ES256', url: 'file:///etc/passwd' }, /^url: /],
    ['without TLS', { kind: 'jwks', algorithm: 'ES256', url: 'http://login.example/jwks' }, /^url: .*https/],
    ['no key', { kind: 'key', algorithm: 'ES256' }, /^key: /],
    [
      'a shared key as a JWK',
      { kind: 'key', algorithm: 'RS256', key: { kty: 'oct', k: 'AAAA' } },
      /^key: .*private/,
    ],
    ['an issuer of nothing', { kind: 'secret', algorithm: 'HS256', secret, issuer: '' }, /^issuer: /],
    [
      'a claim that is a list',
      { kind: 'secret', algorithm: 'HS256', secret, subjectClaim: ['sub'] },
      /^subjectClaim: /,
    ],
  ])('with %s is refused', (_what, more, said) => {
    expect(mistakes(more)).toEqual([expect.stringMatching(said)])
  })

  it('with a key of another kind, a short one, or a private one is refused', () => {
    const of = (algorithm: string, key: object | undefined) => mistakes({ kind: 'key', algorithm, key })
    expect(of('ES256', jwk['RS256']?.public)).toEqual([expect.stringContaining('kty EC and crv P-256')])
    expect(of('ES256', jwk['ES384']?.public)).toEqual([expect.stringContaining('crv P-256')])
    expect(of('RS256', { ...jwk['RS256']?.public, n: 'A'.repeat(171) })).toEqual([
      expect.stringContaining('2,048 bits'),
    ])
    for (const algorithm of ['ES256', 'RS256', 'EdDSA'])
      expect(of(algorithm, jwk[algorithm]?.private)).toEqual([expect.stringContaining('private key')])
  })

  it('that is good keeps what verifying needs, and nothing else', () => {
    expect(
      readVerifier({ ...pinned, kind: 'secret', algorithm: 'HS256', secret, subjectClaim: 'uid', more: 1 }),
    ).toEqual({
      verifier: { ...pinned, kind: 'secret', algorithm: 'HS256', secret, subjectClaim: 'uid' },
    })
    expect(readVerifier({ ...pinned, kind: 'jwks', algorithm: 'ES256', url })).toEqual({
      verifier: { ...pinned, kind: 'jwks', algorithm: 'ES256', url },
    })
    for (const algorithm of ['ES256', 'RS256', 'EdDSA']) {
      const key = jwk[algorithm]?.public
      expect(
        readVerifier({ ...pinned, kind: 'key', algorithm, key: { ...key, kid: 'k1', x5u: url, use: 'sig' } }),
      ).toEqual({
        verifier: { ...pinned, kind: 'key', algorithm, key: { ...key, kid: 'k1' } },
      })
    }
  })

  it('may name a private address that the operator allows', () => {
    const own = { ...pinned, kind: 'jwks', algorithm: 'ES256', url: 'http://login.internal:8080/jwks' }
    expect(readVerifier(own)).toHaveProperty('mistakes')
    expect(readVerifier(own, ['login.internal:8080'])).toHaveProperty('verifier')
  })
})
