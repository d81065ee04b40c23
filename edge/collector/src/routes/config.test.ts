import type { Config } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { problemOf, rig } from '../../test/rig.ts'

const config = (version: string): Config => ({
  version,
  flags: { checkout: { type: 'boolean', value: true, revision: 1 } },
  experiments: {},
})

/** A collector with a config in force, and its clock in the test's hand. */
async function serving() {
  let clock = 1_000_000
  const made = await rig({ now: () => clock })
  const publish = (version: string, number = 1) => {
    made.state.config = { number, version, config: config(version) }
  }
  publish('v1')
  return {
    ...made,
    publish,
    pass: (ms: number) => {
      clock += ms
    },
    ask: (headers: Record<string, string> = {}, key = made.key) => made.get(`/v1/config?key=${key}`, headers),
  }
}

describe('GET /v1/config', () => {
  it('refuses whoever has no key in force', async () => {
    const { get, revoke, ask, key, pass } = await serving()
    expect(await problemOf(await get('/v1/config'))).toMatchObject({ status: 401, code: 'key_missing' })
    await ask()
    await revoke(key)
    pass(2_001)
    expect(await problemOf(await ask())).toMatchObject({ status: 401, code: 'key_unknown' })
  })

  it('refuses a server key that may not read it', async () => {
    const { get, addKey } = await serving()
    const ask = async (scopes: string[]) =>
      get('/v1/config', { authorization: `Bearer ${await addKey({ kind: 'srv', scopes })}` })
    expect(await problemOf(await ask(['events:write']))).toMatchObject({ code: 'key_not_allowed' })
    const response = await ask(['config:read'])
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
  })

  it('is the config in force, for pages of any origin and for a CDN', async () => {
    const { ask } = await serving()
    const response = await ask({ origin: 'https://shop.example' })
    expect(await response.json()).toEqual(config('v1'))
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: '"v1"',
      'content-type': 'application/json',
      'cache-control': 'public, max-age=0, s-maxage=2, stale-if-error=86400',
      'access-control-allow-origin': 'https://shop.example',
      vary: 'Origin',
    })
  })

  it('is not sent again to whoever has it', async () => {
    const { ask, publish, pass } = await serving()
    for (const known of ['"v1"', 'W/"v1"', '"v0", "v1"']) {
      const response = await ask({ 'if-none-match': known })
      expect(response.status).toBe(304)
      expect(response.headers.get('etag')).toBe('"v1"')
    }
    publish('v2', 2)
    pass(2_001)
    const fresh = await ask({ 'if-none-match': '"v1"' })
    expect(fresh.status).toBe(200)
    expect(await fresh.json()).toMatchObject({ version: 'v2' })
  })

  it('asks the database once in two seconds, however many pages ask', async () => {
    const { ask, calls, pass } = await serving()
    const asked = () => calls.filter((fn) => fn === 'config').length
    await Promise.all(Array.from({ length: 50 }, () => ask()))
    expect(asked()).toBe(1)
    pass(1_999)
    await ask()
    expect(asked()).toBe(1)
    pass(2)
    await ask()
    expect(asked()).toBe(2)
  })

  it('shows no project the config of another', async () => {
    const { ask, addKey, state } = await serving()
    await ask()
    const other = await addKey({ projectId: 'p2' })
    state.config = { number: 1, version: 'other', config: config('other') }
    expect(await (await ask({}, other)).json()).toMatchObject({ version: 'other' })
    expect(await (await ask()).json()).toMatchObject({ version: 'v1' })
  })

  it('is empty before the first publication', async () => {
    const { ask, state } = await serving()
    delete state.config
    expect(await (await ask()).json()).toEqual({ version: 'none', flags: {}, experiments: {} })
  })

  it('stays the last one known while the database does not answer', async () => {
    const { ask, state, log, pass, publish } = await serving()
    await ask()
    state.fail = Object.assign(new Error('no'), { code: '57P01' })
    // Neither the key nor the config is believed any more; both are what is known.
    for (const ms of [2_001, 60_000, 3_600_000]) {
      pass(ms)
      expect(await (await ask()).json()).toMatchObject({ version: 'v1' })
    }
    expect(log().filter(({ level }) => level === 'error')).toEqual([])
    delete state.fail
    publish('v2', 2)
    pass(2_001)
    expect(await (await ask()).json()).toMatchObject({ version: 'v2' })
  })

  it('answers only to GET', async () => {
    const { collector, key } = await serving()
    const response = await collector.fetch(
      new Request(`https://collector.example/v1/config?key=${key}`, { method: 'DELETE' }),
    )
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })
})
