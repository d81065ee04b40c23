/** A collector with several verifiers of visitors' tokens, and every way to sign one, right or wrong. */
import { createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import type { TokenVerifier } from '../../src/auth/verifier.ts'
import type { GuardedFetch } from '../../src/guarded-fetch.ts'
import { openRiver, type River } from './river.ts'

/** What the tests hold. */
export interface TokenGrounds extends River {
  /** The clock of the collector, in ms; moved by the tests. */
  clock: { now: number }
  /** The JWKS endpoint: what it answers, and how often it was asked. */
  jwks: { keys: object[]; status: number; asked: number; fail?: Error }
  secret: string
  pairs: { [name in 'es' | 'es2' | 'rs' | 'ed']: CryptoKeyPair }
  /** Signs by a private key, or the secret, with these claims over good ones; `undefined` leaves one away. */
  sign(
    by: CryptoKey | Uint8Array,
    header: JWTHeaderParameters & { [name: string]: unknown },
    claims?: { [claim: string]: unknown },
  ): Promise<string>
  /** A good token of this user, by the secret. */
  good(sub?: string, claims?: { [claim: string]: unknown }): Promise<string>
  setVerifier(verifier: Partial<TokenVerifier> & { name: string }, projectId?: string): Promise<unknown>
  removeVerifier(name: string, afterMs?: number): Promise<unknown>
  /** Asks for recommendations of `userId`, with a token. */
  ask(authorization: string | string[] | undefined, query?: string): Promise<Response>
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs anything, as an attacker with the key of an HMAC would; `''` for no signature at all. */
export function forge(header: unknown, claims: unknown, secret = '', hash = 'sha256'): string {
  const signed = `${encode(header)}.${typeof claims === 'string' ? Buffer.from(claims).toString('base64url') : encode(claims)}`
  const signature = secret === '' ? '' : createHmac(hash, secret).update(signed).digest('base64url')
  return `${signed}.${signature}`
}

/** What every verifier of these grounds pins. */
export const pinned = { issuer: 'https://shop.example', audience: 'nunchi' }

/** Makes them. */
export async function tokenGrounds(): Promise<TokenGrounds> {
  const clock = { now: Date.now() }
  const jwks: TokenGrounds['jwks'] = { keys: [], status: 200, asked: 0 }
  const fetch: GuardedFetch = Object.assign(
    async () => {
      jwks.asked++
      if (jwks.fail) throw jwks.fail
      const { keys, status } = jwks
      return { status, headers: new Headers(), text: async () => JSON.stringify({ keys }) }
    },
    { check: async () => {} },
  )
  const river = await openRiver({ now: () => clock.now, fetch, groupCommitMs: 0 })
  const secret = 'f3b1c09e7d5a42868b6d0c1e9f7a3b52'
  const generate = (alg: string) => generateKeyPair(alg, { extractable: true })
  const pairs = {
    es: await generate('ES256'),
    es2: await generate('ES256'),
    rs: await generate('RS256'),
    ed: await generate('EdDSA'),
  } as TokenGrounds['pairs']
  const publicJwk = async (pair: CryptoKeyPair) => exportJWK(pair.publicKey)

  const sign: TokenGrounds['sign'] = async (by, header, claims = {}) => {
    const iat = Math.floor(clock.now / 1000)
    const all = { iss: pinned.issuer, aud: pinned.audience, sub: 'kim', iat, exp: iat + 900, ...claims }
    return new SignJWT(JSON.parse(JSON.stringify(all))).setProtectedHeader(header).sign(by)
  }
  const setVerifier: TokenGrounds['setVerifier'] = (verifier, projectId = river.projectId) =>
    river.owner.call('set_token_verifier', {
      projectId,
      environment: 'production',
      verifier: { ...pinned, ...verifier },
      actor: 'test',
    })

  await setVerifier({ name: 'secret', kind: 'secret', algorithm: 'HS256', secret })
  await setVerifier({
    name: 'es',
    kind: 'key',
    algorithm: 'ES256',
    key: (await publicJwk(pairs.es)) as never,
  })
  await setVerifier({
    name: 'rs',
    kind: 'key',
    algorithm: 'RS256',
    key: (await publicJwk(pairs.rs)) as never,
  })
  await setVerifier({
    name: 'ed',
    kind: 'key',
    algorithm: 'EdDSA',
    key: (await publicJwk(pairs.ed)) as never,
  })
  await setVerifier({
    name: 'login',
    kind: 'jwks',
    algorithm: 'ES256',
    issuer: 'https://login.example',
    url: 'https://login.example/.well-known/jwks.json',
  })

  return {
    ...river,
    clock,
    jwks,
    secret,
    pairs,
    sign,
    good: (sub = 'kim', claims = {}) => sign(Buffer.from(secret), { alg: 'HS256' }, { sub, ...claims }),
    setVerifier,
    removeVerifier: (name, afterMs) =>
      river.owner.call('remove_token_verifier', {
        projectId: river.projectId,
        environment: 'production',
        name,
        ...(afterMs !== undefined && { afterMs }),
      }),
    ask(authorization, query = 'userId=kim') {
      const headers = new Headers()
      for (const one of [authorization ?? []].flat()) headers.append('authorization', one)
      const url = `https://collector.example/v1/recommendations?key=${river.key}&${query}`
      return river.collector.fetch(new Request(url, { headers }))
    },
  }
}
