import { describe, expect, it } from 'vitest'
import type { Storage } from '../storage/storage.ts'
import { configCache } from './configs.ts'

const key = { projectId: 'p1', environment: 'production' }
const answer = (version: string) => ({
  number: 1,
  version,
  config: { version, flags: {}, experiments: {} },
})

/** A cache over a database whose answer can be set. */
function caching(first: unknown) {
  let clock = 0
  let next: unknown = first
  const asked: unknown[] = []
  const failures: unknown[] = []
  const storage: Storage = {
    async call<Result>(_fn: string, args: unknown): Promise<Result> {
      asked.push(args)
      if (next instanceof Error) throw next
      return next as Result
    },
    async close() {},
  }
  const cache = configCache({
    ttlMs: 2_000,
    timeoutMs: 50,
    now: () => clock,
    onFailure: (error) => failures.push(error),
  })
  return {
    asked,
    failures,
    find: () => cache.find(storage, key, 'hash'),
    answers(value: unknown) {
      next = value
      clock += 2_001
    },
  }
}

describe('the cache of configs', () => {
  it('has nothing to give where the database never answered', async () => {
    const { find } = caching(Object.assign(new Error('gone'), { code: '57P01' }))
    await expect(find()).rejects.toMatchObject({ code: 'storage_unavailable', status: 503 })
  })

  it('keeps the last one while the database fails, and says that it is old', async () => {
    const { find, answers, failures } = caching(answer('v1'))
    expect(await find()).toMatchObject({ version: 'v1', stale: false })
    answers(Object.assign(new Error('gone'), { code: '57P01' }))
    expect(await find()).toMatchObject({ version: 'v1', stale: true })
    expect(failures).toHaveLength(1)
    answers(answer('v2'))
    expect(await find()).toMatchObject({ version: 'v2', stale: false })
  })

  it('gives nothing to a key that was revoked', async () => {
    const { find, answers } = caching(answer('v1'))
    await find()
    answers(null)
    await expect(find()).rejects.toMatchObject({ code: 'key_unknown', status: 401 })
  })

  it('names the version it has, so that the same config does not come again', async () => {
    const { find, answers, asked } = caching(answer('v1'))
    const { text } = await find()
    answers({ number: 7, version: 'v1' })
    expect(await find()).toMatchObject({ number: 7, version: 'v1', text })
    expect(asked).toEqual([
      { keyHash: 'hash', known: null },
      { keyHash: 'hash', known: 'v1' },
    ])
  })
})
