/** Visitors' tokens under attack, sent to the route that asks for them: what is not theirs is refused, and says little. */
import { connect } from 'node:net'
import { exportJWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signUser } from '../../../../packages/nunchi/src/sign-user.ts'
import { serveCollector } from '../../deploy/node/index.ts'
import { problemOf } from '../rig.ts'
import { forge, pinned, type TokenGrounds, tokenGrounds } from './token-grounds.ts'

let at: TokenGrounds
beforeAll(async () => {
  at = await tokenGrounds()
  await at.owner.call('set_items_of', {
    projectId: at.projectId,
    environment: 'production',
    items: [{ id: 'lamp', type: 'products', title: 'Lamp' }],
  })
})
afterAll(() => at.close())
beforeEach(() => {
  at.clock.now += 3_600_000
  Object.assign(at.jwks, { keys: [], status: 200, asked: 0, fail: undefined })
})

const seconds = () => Math.floor(at.clock.now / 1000)
const claims = (more: object = {}) => ({
  iss: pinned.issuer,
  aud: pinned.audience,
  sub: 'kim',
  iat: seconds(),
  exp: seconds() + 900,
  ...more,
})
const bearer = (token: string) => `Bearer ${token}`
const refused = async (authorization: string | string[], query?: string) => {
  const problem = await problemOf(await at.ask(authorization, query))
  return [problem.status, problem.code]
}
const invalid = [401, 'token_invalid']

describe('a token that is good', () => {
  it.each([
    ['secret', () => at.good()],
    ['es', () => at.sign(at.pairs.es.privateKey, { alg: 'ES256', typ: 'JWT' })],
    ['rs', () => at.sign(at.pairs.rs.privateKey, { alg: 'RS256', typ: 'at+jwt' })],
    ['ed', () => at.sign(at.pairs.ed.privateKey, { alg: 'EdDSA' })],
    ['several audiences', () => at.good('kim', { aud: ['other', 'nunchi'] })],
  ])('opens what is its user’s: %s', async (_name, token) => {
    const response = await at.ask(bearer(await token()))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('vary')).toBe('Origin, Authorization')
  })

  it.each([
    ['a secret', () => ({ secret: at.secret })],
    ['a P-256 key', () => ({ privateKey: at.pairs.es.privateKey })],
    ['an RSA key', () => ({ privateKey: at.pairs.rs.privateKey })],
    ['an Ed25519 key', () => ({ privateKey: at.pairs.ed.privateKey })],
  ])('is what signUser() of nunchi/server signs with %s', async (_name, by) => {
    const token = await signUser('kim', { ...pinned, ...by(), now: () => at.clock.now })
    expect((await at.ask(bearer(token))).status).toBe(200)
    expect(await refused(bearer(token), 'userId=lee')).toEqual([403, 'token_mismatch'])
  })

  it('names its user by itself', async () => {
    expect((await at.ask(bearer(await at.good()), 'list=user')).status).toBe(200)
  })
})

describe('security 4: a userId', () => {
  it('without its token → 403, with another user’s → 403, of another project’s verifier → 401', async () => {
    expect(await problemOf(await at.ask(undefined))).toMatchObject({ status: 403, code: 'token_missing' })
    expect(await refused(bearer(await at.good('lee')))).toEqual([403, 'token_mismatch'])
    const theirs = await at.addProject('Another shop')
    const key = await at.addKey(theirs)
    const url = `https://collector.example/v1/recommendations?key=${key}&userId=kim`
    const headers = { authorization: bearer(await at.good()) }
    expect(await problemOf(await at.collector.fetch(new Request(url, { headers })))).toMatchObject({
      status: 401,
      code: 'token_invalid',
    })
  })

  it('is believed of a server’s key with the scope, of no other, and of none in the address', async () => {
    const ask = (key: string, query = 'userId=kim', headers = {}) =>
      at.collector.fetch(
        new Request(`https://collector.example/v1/recommendations?${query}`, {
          headers: { authorization: bearer(key), ...headers },
        }),
      )
    const reader = await at.addKey(at.projectId, 'srv', { scopes: ['recommendations:read'] })
    const writer = await at.addKey(at.projectId, 'srv', { scopes: ['events:write'] })
    expect((await ask(reader)).status).toBe(200)
    expect(await problemOf(await ask(writer))).toMatchObject({ status: 403, code: 'key_not_allowed' })
    expect(
      await problemOf(await ask(reader, 'userId=kim', { origin: 'https://shop.example' })),
    ).toMatchObject({
      status: 403,
      code: 'key_in_browser',
    })
    expect(await problemOf(await ask(await at.good(), `userId=kim&key=${reader}`))).toMatchObject({
      status: 403,
      code: 'key_not_allowed',
    })
  })
})

describe('security 28: the algorithm is the verifier’s, whatever the header says', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['none, unsigned', () => forge({ alg: 'none', typ: 'JWT' }, claims())],
    ['nOnE, unsigned', () => forge({ alg: 'nOnE' }, claims())],
    ['none, signed', () => forge({ alg: 'none' }, claims(), at.secret)],
    ['HS256, unsigned', () => forge({ alg: 'HS256' }, claims())],
    ['HS512 by the right secret', () => forge({ alg: 'HS512' }, claims(), at.secret, 'sha512')],
    ['HS256 that says HS512', () => forge({ alg: 'HS512' }, claims(), at.secret)],
    ['no alg', () => forge({ typ: 'JWT' }, claims(), at.secret)],
    ['a list of algs', () => forge({ alg: ['HS256'] }, claims(), at.secret)],
    ['another secret', () => forge({ alg: 'HS256' }, claims(), `${at.secret}.`)],
    ['an empty payload', () => forge({ alg: 'HS256' }, '', at.secret)],
    ['a payload that is a list', () => forge({ alg: 'HS256' }, [], at.secret)],
    ['a critical extension', () => forge({ alg: 'HS256', crit: ['x'], x: 1 }, claims(), at.secret)],
    ['an unencoded payload', () => forge({ alg: 'HS256', b64: false, crit: ['b64'] }, claims(), at.secret)],
    ['ES256 by another key', () => at.sign(at.pairs.es2.privateKey, { alg: 'ES256' })],
    ['twice as long as any', () => forge({ alg: 'HS256', x: 'x'.repeat(9_000) }, claims(), at.secret)],
  ])('refuses %s', async (_what, token) => {
    expect(await refused(bearer(await token()))).toEqual(invalid)
  })

  it('takes no public key for a secret, as PEM or as JWK (HS ↔ RS confusion)', async () => {
    const jwk = await exportJWK(at.pairs.rs.publicKey)
    const der = Buffer.from(await crypto.subtle.exportKey('spki', at.pairs.rs.publicKey)).toString('base64')
    const pem = `-----BEGIN PUBLIC KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PUBLIC KEY-----\n`
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), jwk.n as string])
      for (const alg of ['HS256', 'RS256'])
        expect(await refused(bearer(forge({ alg }, claims(), secret)))).toEqual(invalid)
  })

  it('cannot even be told to the database: a key verifies no HS256, a secret nothing else', async () => {
    const odd = { name: 'odd', kind: 'key', algorithm: 'HS256', key: { kty: 'RSA' } } as never
    await expect(at.setVerifier(odd)).rejects.toMatchObject({ code: '23514' })
    const other = { name: 'odd', kind: 'secret', algorithm: 'RS256', secret: at.secret } as never
    await expect(at.setVerifier(other)).rejects.toMatchObject({ code: '23514' })
  })
})

describe('security 29: every claim is held to the verifier, and to the clock', () => {
  const hour = 3_600
  it.each<[string, object, object?]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer and a slash', { iss: 'https://shop.example/' }],
    ['no issuer', { iss: undefined }],
    ['another verifier’s issuer', { iss: 'https://login.example' }],
    ['another audience', { aud: 'other' }],
    ['audiences without ours', { aud: ['a', 'b'] }],
    ['no audience', { aud: undefined }],
    ['an audience that is an object', { aud: { nunchi: true } }],
    ['a refresh token by its header', {}, { typ: 'refresh+jwt' }],
    ['a refresh token by its claim', { typ: 'Refresh' }],
    ['a refresh token by its use', { token_use: 'refresh' }],
    ['a typ that is a list', {}, { typ: ['JWT'] }],
    ['no expiry', { exp: undefined }],
    ['an expiry as text', { exp: '99999999999' }],
    ['an expiry that is null', { exp: null }],
    ['a start in the future', { nbf: 10 * hour }],
    ['a start as text', { nbf: '0' }],
    ['made in the future', { iat: 10 * hour }],
    ['made at a text', { iat: 'now' }],
    ['no user', { sub: undefined }],
    ['an empty user', { sub: '' }],
    ['a user that is a number', { sub: 7 }],
    ['a user that is a list', { sub: ['kim'] }],
    ['a user of 257 characters', { sub: 'x'.repeat(257) }],
    ['a user with NUL', { sub: 'kim\0' }],
  ])('refuses %s', async (_what, more, header = {}) => {
    const times = Object.fromEntries(
      Object.entries(more).map(([name, value]) => [
        name,
        /^(nbf|iat)$/.test(name) && typeof value === 'number' ? seconds() + value : value,
      ]),
    )
    const token = forge({ alg: 'HS256', typ: 'JWT', ...header }, claims(times), at.secret)
    expect(await refused(bearer(token))).toEqual(invalid)
  })

  it('refuses an expiry beyond all numbers, and one that is none', async () => {
    for (const exp of ['1e999', 'NaN', 'Infinity']) {
      const text = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`)
      expect(await refused(bearer(forge({ alg: 'HS256' }, text, at.secret)))).toEqual(invalid)
    }
  })

  it('says of an expired one that it is, to the second; gives a minute to clocks that are ahead', async () => {
    const with_ = async (more: object) => at.ask(bearer(forge({ alg: 'HS256' }, claims(more), at.secret)))
    expect(await problemOf(await with_({ exp: seconds() }))).toMatchObject({
      status: 401,
      code: 'token_expired',
    })
    expect(await problemOf(await with_({ exp: -1 }))).toMatchObject({ code: 'token_expired' })
    expect((await with_({ exp: seconds() + 1 })).status).toBe(200)
    for (const [ahead, status] of [
      [59, 200],
      [62, 401],
    ] as const)
      for (const claim of ['nbf', 'iat'])
        expect((await with_({ [claim]: seconds() + ahead })).status, `${claim} + ${ahead}`).toBe(status)
  })

  it('says “expired” only of what was signed: a stranger learns nothing of the rest', async () => {
    const bodies = await Promise.all(
      [
        forge({ alg: 'HS256' }, claims({ exp: 1 }), 'a stranger’s secret of some length'),
        forge({ alg: 'HS256' }, claims({ aud: 'x' }), at.secret),
        forge({ alg: 'HS384' }, claims(), at.secret),
        'no.jwt',
      ].map(async (token) => {
        const response = await at.ask(bearer(token))
        expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
        const { requestId, ...rest } = await problemOf(response)
        return rest
      }),
    )
    for (const body of bodies) expect(body).toEqual(bodies[0])
  })
})

describe('security 30: one Bearer token, or none', () => {
  it.each<[string, (token: string) => string | string[]]>([
    ['Basic', (token) => `Basic ${token}`],
    ['no scheme', (token) => token],
    ['two headers', (token) => [`Bearer ${token}`, `Bearer ${token}`]],
    ['two in one header', (token) => `Bearer ${token}, Bearer ${token}`],
    ['a token and more', (token) => `Bearer ${token} x`],
    ['a key and a token', (token) => [`Bearer ${at.key}`, `Bearer ${token}`]],
    ['nothing after it', () => 'Bearer'],
    ['an empty header', () => ''],
  ])('refuses %s', async (_what, header) => {
    expect(await refused(header(await at.good()))).toEqual(invalid)
  })

  it('refuses two headers on the wire as well, where a server might see only the first', async () => {
    const serving = await serveCollector({ collector: at.another({ now: () => at.clock.now }), port: 0 })
    const { port } = new URL(serving.url)
    const header = `Authorization: ${bearer(await at.good())}\r\n`
    const statusOf = (headers: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(
            `GET /v1/recommendations?key=${at.key}&userId=kim HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`,
          ),
        )
        socket.once('data', (chunk) => resolve(String(chunk).split('\r\n')[0] as string))
        socket.on('error', reject)
      })
    expect(await statusOf(header)).toBe('HTTP/1.1 200 OK')
    expect(await statusOf(header + header)).toBe('HTTP/1.1 401 Unauthorized')
    await serving.close(0)
  })
})

describe('security 31: the header chooses no key, but one of the verifier’s', () => {
  const login = 'https://login.example'
  const known = async () => ({ ...(await exportJWK(at.pairs.es2.publicKey)), kid: 'k2', use: 'sig' })
  const token = (header: object = {}, more: object = {}) =>
    at.sign(at.pairs.es2.privateKey, { alg: 'ES256', kid: 'k2', ...header }, { iss: login, ...more })

  it('fetches the key set once, and again for an unknown kid once a minute at most', async () => {
    at.jwks.keys = [await known()]
    expect((await at.ask(bearer(await token()))).status).toBe(200)
    for (let i = 0; i < 5; i++)
      expect(await refused(bearer(await token({ kid: `new${i}` })))).toEqual(invalid)
    expect(at.jwks.asked).toBe(1)
    at.clock.now += 61_000
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => at.ask(bearer(await token({ kid: `x${i}` })))),
    )
    expect(at.jwks.asked).toBe(2)
    expect((await at.ask(bearer(await token()))).status).toBe(200)
  })

  it('does not fetch for a stranger’s issuer, nor for what another algorithm signed', async () => {
    await at.ask(bearer(await token({}, { iss: 'https://evil.example' })))
    await at.ask(bearer(forge({ alg: 'HS256', kid: 'x' }, claims({ iss: login }), at.secret)))
    expect(at.jwks.asked).toBe(0)
  })

  it('follows no address and takes no key from the header', async () => {
    at.jwks.keys = [await known()]
    const mine = await exportJWK(at.pairs.es.publicKey)
    for (const header of [
      { kid: '../../etc/passwd' },
      { kid: `' or 1=1 --` },
      { kid: 'none', jku: 'https://evil.example/jwks.json' },
      { kid: 'none', x5u: 'https://evil.example/cert.pem' },
      { kid: 'none', jwk: mine },
      { kid: 'k2', jku: 'https://evil.example/jwks.json', jwk: mine },
    ])
      expect(
        await refused(
          bearer(await at.sign(at.pairs.es.privateKey, { alg: 'ES256', ...header }, { iss: login })),
        ),
        JSON.stringify(header),
      ).toEqual(invalid)
    expect(at.jwks.asked).toBe(1)
    expect(
      (await at.ask(bearer(await token({ jku: 'https://evil.example', x5u: 'https://evil.example' }))))
        .status,
    ).toBe(200)
  })

  it('keeps the last keys while their address is down; without any says 503 and when to come again', async () => {
    at.clock.now += 2 * 86_400_000
    at.jwks.fail = new Error('connect ECONNREFUSED')
    const response = await at.ask(bearer(await token()))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await problemOf(response)).toMatchObject({ code: 'token_keys_unavailable' })
    expect(at.lines.join()).toContain('login.example')
    Object.assign(at.jwks, { fail: undefined, keys: [await known()] })
    at.clock.now += 5_000
    expect((await at.ask(bearer(await token()))).status).toBe(200)
    at.jwks.fail = new Error('connect ECONNREFUSED')
    at.clock.now += 86_000_000
    expect((await at.ask(bearer(await token()))).status).toBe(200)
    at.clock.now += 86_400_000
    expect((await at.ask(bearer(await token()))).status).toBe(503)
  })

  it.each<[string, () => Partial<TokenGrounds['jwks']>]>([
    ['another status', () => ({ status: 404 })],
    ['no keys', () => ({ keys: [] })],
    ['something else', () => ({ keys: 'x' as never })],
    ['more keys than anybody has', () => ({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })],
  ])('takes no key set of an address that answers %s', async (_what, answer) => {
    at.clock.now += 2 * 86_400_000
    Object.assign(at.jwks, answer())
    expect((await at.ask(bearer(await token()))).status).toBe(503)
  })
})

describe('security 32: keys change hands', () => {
  it('the old secret verifies for its grace, the new one at once; after removal 401', async () => {
    const next = 'a81e0c5b7fd24396b0c2e4f6a8d0b1c3'
    await at.setVerifier({ name: 'next', kind: 'secret', algorithm: 'HS256', secret: next })
    at.clock.now += 2_001
    const old = () => bearer(forge({ alg: 'HS256' }, claims(), at.secret))
    const fresh = () => bearer(forge({ alg: 'HS256' }, claims(), next))
    for (const header of [old(), fresh()]) expect((await at.ask(header)).status).toBe(200)
    // The database's own clock decides: it cannot be moved, so the grace is short.
    await at.removeVerifier('secret', 3_600_000)
    at.clock.now += 2_001
    for (const header of [old(), fresh()]) expect((await at.ask(header)).status).toBe(200)
    await at.rows(`update nunchi.token_verifiers set retires_at = now() where name = 'secret'`)
    at.clock.now += 2_001
    expect(await refused(old())).toEqual(invalid)
    expect((await at.ask(fresh())).status).toBe(200)
    await at.removeVerifier('next')
    at.clock.now += 2_001
    expect(await refused(fresh())).toEqual(invalid)
    await at.setVerifier({ name: 'secret', kind: 'secret', algorithm: 'HS256', secret: at.secret })
  })

  it('a key that its address no longer lists is refused once the set is read again', async () => {
    const login = 'https://login.example'
    const jwkOf = async (pair: CryptoKeyPair, kid: string) => ({ ...(await exportJWK(pair.publicKey)), kid })
    const tokenBy = (pair: CryptoKeyPair, kid: string) =>
      at.sign(pair.privateKey, { alg: 'ES256', kid }, { iss: login })
    at.jwks.keys = [await jwkOf(at.pairs.es, 'old'), await jwkOf(at.pairs.es2, 'new')]
    for (const [pair, kid] of [
      [at.pairs.es, 'old'],
      [at.pairs.es2, 'new'],
    ] as const)
      expect((await at.ask(bearer(await tokenBy(pair, kid)))).status).toBe(200)
    at.jwks.keys = [await jwkOf(at.pairs.es2, 'new')]
    at.clock.now += 300_000
    expect(await refused(bearer(await tokenBy(at.pairs.es, 'old')))).toEqual(invalid)
    expect((await at.ask(bearer(await tokenBy(at.pairs.es2, 'new')))).status).toBe(200)
  })

  it('shows no secret: not in lists, the audit log, the log or an answer', async () => {
    const { projectId } = at
    const listed = await at.owner.call('list_token_verifiers', { projectId })
    const audited = await at.rows('select * from nunchi.audit_log')
    const answer = await (await at.ask(bearer(await at.good('lee')))).text()
    expect(JSON.stringify(audited)).toContain('token_verifier.set')
    for (const told of [JSON.stringify(listed), JSON.stringify(audited), at.lines.join('\n'), answer])
      expect(told).not.toContain(at.secret)
  })

  it('has ten verifiers in force at most', async () => {
    const more = Array.from({ length: 10 }, (_, i) => ({ name: `more${i}`, kind: 'secret' as const }))
    const set = async () => {
      for (const one of more) await at.setVerifier({ ...one, algorithm: 'HS256', secret: at.secret })
    }
    await expect(set()).rejects.toThrow(/Ten verifiers are in force/)
  })
})
