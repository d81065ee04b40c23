/** The cache can be tried by those who run it, and by nobody else. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { problemOf, rig } from '../../test/rig.ts'
import type { Cache } from '../cache/cache.ts'
import { memoryCache } from '../cache/memory.ts'

const path = '/v1/cache/test'

async function asked(cache?: Cache) {
  const { get, addKey, key } = await rig(cache ? { cache } : {})
  const server = await addKey({ kind: 'srv', scopes: ['cache:test'] })
  return { ask: (as = server) => get(path, as ? { authorization: `Bearer ${as}` } : {}), addKey, key }
}

/** A cache that works, but for what is given. */
const broken = (faults: Partial<Cache>): Cache => ({ ...memoryCache(), name: 'redis', ...faults })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('GET /v1/cache/test', () => {
  it('writes, reads and sees the text expire', async () => {
    const { ask } = await asked()
    const answer = await (await ask()).json()
    expect(answer).toMatchObject({ cache: 'memory' })
    expect(answer.expiredAfterMs).toBeGreaterThan(90)
  })

  it.each<[string, Partial<Cache>, string]>([
    ['refuses', { set: () => Promise.reject(new Error('READONLY')) }, 'READONLY'],
    ['loses what is written', { get: async () => undefined }, 'did not come back'],
    ['says what was never written', { get: async () => 'x' }, 'did not come back'],
    ['never answers', { set: () => new Promise(() => {}) }, 'no answer within'],
  ])('says so where the cache %s', async (_, faults, sentence) => {
    const { ask } = await asked(broken(faults))
    const problem = await problemOf(await ask())
    expect(problem).toMatchObject({ status: 503, code: 'cache_unavailable' })
    expect(problem.detail).toContain(sentence)
  })

  it('takes a cache for slow, not for broken, that answers after what was kept is over', async () => {
    let clock = 0
    vi.spyOn(performance, 'now').mockImplementation(() => clock)
    const inner = memoryCache({ now: () => clock })
    const { ask } = await asked(
      broken({
        ...inner,
        async get(key) {
          clock += 120
          return inner.get(key)
        },
      }),
    )
    expect(await (await ask()).json()).toEqual({
      cache: 'memory',
      writeMs: 0,
      readMs: 120,
      expiredAfterMs: 240,
    })
  })

  it('says so where the cache never forgets', async () => {
    const kept = new Map<string, string>()
    const { ask } = await asked(
      broken({
        get: async (key) => kept.get(key),
        set: async (key, value) => {
          kept.set(key, value)
        },
      }),
    )
    expect((await problemOf(await ask())).detail).toContain('still there')
  })

  it('asks for a server key with its scope', async () => {
    const { ask, addKey, key } = await asked()
    expect((await ask('')).status).toBe(401)
    expect((await ask(key)).status).toBe(403)
    expect((await ask(await addKey({ kind: 'srv', scopes: ['events:write'] }))).status).toBe(403)
  })
})
