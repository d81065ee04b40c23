import { createKey } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { problemOf, rig, someBatch } from '../../test/rig.ts'

describe('the key', () => {
  it.each<[string, string, string, number]>([
    ['missing', '', 'key_missing', 401],
    ['mistyped', 'nk_pub_0000000000000000000000000000000000000', 'key_malformed', 401],
    ['SQL', "'; drop table events;--", 'key_malformed', 401],
    ['unknown', createKey('pub'), 'key_unknown', 401],
  ])('security 1, 2: a key that is %s (%s) → %s', async (_, key, code, status) => {
    const { post, rows } = await rig()
    const response = await post(someBatch(), { key: encodeURIComponent(key) })
    expect(response.status).toBe(status)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const problem = await problemOf(response)
    expect(problem).toMatchObject({ code, status, type: `https://nunchi.dev/docs/errors#${code}` })
    expect(JSON.stringify(problem)).not.toMatch(/stack|select|\.ts|node_modules/)
    expect(rows.size).toBe(0)
  })

  it('security 2, 3: revoked looks exactly like one that never was, within two seconds', async () => {
    let clock = Date.now()
    const { post, revoke, key } = await rig({ now: () => clock })
    expect((await post(someBatch())).status).toBe(202)
    await revoke(key)
    clock += 2_001
    const { requestId: _a, ...revoked } = await problemOf(await post(someBatch()))
    const { requestId: _b, ...unknown } = await problemOf(await post(someBatch(), { key: createKey('pub') }))
    expect(revoked).toEqual(unknown)
    expect(revoked.code).toBe('key_unknown')
  })

  it('of a server travels in the Authorization header, never in the address', async () => {
    const { post, addKey, rows } = await rig()
    const key = await addKey({ kind: 'srv' })
    expect((await problemOf(await post(someBatch(), { key }))).code).toBe('key_not_allowed')
    expect(rows.size).toBe(0)
    const headers = { authorization: `Bearer ${key}` }
    expect((await post(someBatch(), { key: '', headers })).status).toBe(202)
  })

  it.each(['Basic eyJhbGciOi', 'Bearer', 'Bearer a, Bearer b', 'nk_srv_x'])(
    'of a server as "%s" is refused',
    async (authorization) => {
      const { post } = await rig()
      expect((await problemOf(await post(someBatch(), { headers: { authorization } }))).code).toBe(
        'key_malformed',
      )
    },
  )

  it('security 5: of a server in a browser is refused, and the log warns', async () => {
    const { post, addKey, rows, log } = await rig()
    const key = await addKey({ kind: 'srv' })
    const headers = { authorization: `Bearer ${key}`, origin: 'https://shop.example' }
    const response = await post(someBatch(), { key: '', headers })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect((await problemOf(response)).code).toBe('key_in_browser')
    expect(rows.size).toBe(0)
    expect(log().find((line) => line.level === 'warn')).toMatchObject({ keyId: 'key 1' })
    expect(JSON.stringify(log())).not.toContain(key)
  })

  it('of a server may do what its scopes say', async () => {
    const { post, addKey } = await rig()
    const send = async (scopes: string[]) => {
      const key = await addKey({ kind: 'srv', scopes })
      return (await post(someBatch(), { key: '', headers: { authorization: `Bearer ${key}` } })).status
    }
    expect(await send(['events:write', 'config:read'])).toBe(202)
    expect(await send(['config:read'])).toBe(403)
    expect(await send([])).toBe(202)
  })
})

describe('the origin', () => {
  it.each<[string, boolean]>([
    ['https://good.com', true],
    ['https://GOOD.com', true],
    ['https://good.com:443', true],
    ['https://shop.good.com:8443', true],
    ['null', false],
    ['http://good.com', false],
    ['https://good.com:444', false],
    ['https://good.com.evil.com', false],
    ['https://evilgood.com', false],
    ['https://good.com/path', false],
    ['https://user@good.com', false],
    ['https://*.good.com', false],
    ['', false],
  ])(
    'security 6, 7: %s, where https://good.com and https://shop.good.com:8443 are listed: %s',
    async (origin, allowed) => {
      const { post, addKey, rows } = await rig()
      const key = await addKey({ origins: ['https://Good.com/', 'https://shop.good.com:8443'] })
      const response = await post(someBatch(), { key, headers: { origin } })
      expect(response.status).toBe(allowed ? 202 : 403)
      expect(response.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null)
      expect(response.headers.get('vary')).toBe('Origin')
      expect(rows.size).toBe(allowed ? 1 : 0)
      if (!allowed) expect((await problemOf(response)).code).toBe('origin_not_allowed')
    },
  )

  it.each([
    ['https://anything.example', 'https://anything.example'],
    ['null', '*'],
  ])('%s, where none is listed, is answered with %s', async (origin, allow) => {
    const { post } = await rig()
    const response = await post(someBatch(), { headers: { origin } })
    expect(response.status).toBe(202)
    expect(response.headers.get('access-control-allow-origin')).toBe(allow)
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })
})
