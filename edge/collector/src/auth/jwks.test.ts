/** Key sets as they are fetched: from nowhere private, within their size, and by many requests at once. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeFetch } from '../../deploy/node/dial.ts'
import { guardedFetch } from '../guarded-fetch.ts'
import { readJwks, tokenKeys } from './jwks.ts'
import type { TokenVerifier } from './verifier.ts'

let server: Server
let port: number
let body: string
let asked = 0
let jwk: object
beforeAll(async () => {
  jwk = { ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid: 'k1' }
  server = createServer((_request, response) => {
    asked++
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

const verifier = (url: string): TokenVerifier => ({
  name: 'login',
  kind: 'jwks',
  algorithm: 'ES256',
  issuer: 'i',
  audience: 'a',
  url,
})
const header = { alg: 'ES256', kid: 'k1' }

describe('the keys at an address', () => {
  it('security 62: are not fetched from a private one, however it came into the database', async () => {
    body = JSON.stringify({ keys: [jwk] })
    const failures: string[] = []
    for (const fetch of [nodeFetch(), guardedFetch()]) {
      const onFailure = (host: string) => failures.push(host)
      const keys = tokenKeys({ fetch, now: Date.now, onFailure })
      for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '[::1]'])
        expect(await keys.of(verifier(`http://${host}:${port}/jwks`), header, keys)).toBeUndefined()
    }
    expect(asked).toBe(0)
    expect(failures).toHaveLength(8)
  })

  it('are fetched once for many who wait, where the operator allows the host', async () => {
    const keys = tokenKeys({ fetch: nodeFetch([`127.0.0.1:${port}`]), now: Date.now })
    const one = verifier(`http://127.0.0.1:${port}/jwks`)
    const found = await Promise.all(Array.from({ length: 10 }, () => keys.of(one, header, keys)))
    expect(found.map((list) => list?.length)).toEqual(Array(10).fill(1))
    expect(asked).toBe(1)
    // Without a kid, each key of the algorithm may be the one.
    expect(await keys.of(one, { alg: 'ES256' }, keys)).toHaveLength(1)
    expect(await keys.of(one, { alg: 'RS256' }, keys)).toEqual([])
  })

  it('are none where the answer is larger than any key set', async () => {
    body = JSON.stringify({ keys: [jwk], more: 'x'.repeat(300_000) })
    const keys = tokenKeys({ fetch: nodeFetch([`127.0.0.1:${port}`]), now: Date.now })
    expect(await keys.of(verifier(`http://127.0.0.1:${port}/large`), header, keys)).toBeUndefined()
  })

  it.each(['', '[]', 'null', '{}', '{"keys":{}}', '{"keys":[]}', '{"keys":[7]}'])(
    'are none in %j',
    (text) => {
      expect(() => readJwks(text)).toThrow()
    },
  )
})
