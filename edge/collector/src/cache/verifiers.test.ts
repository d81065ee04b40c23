import { describe, expect, it } from 'vitest'
import type { Storage } from '../storage/storage.ts'
import { verifierCache } from './verifiers.ts'

const whose = { projectId: 'p', environment: 'production' }
function grounds(answer: () => unknown) {
  const clock = { now: 0, calls: 0 }
  const storage: Storage = {
    async call<Result>() {
      clock.calls++
      await new Promise((resolve) => setTimeout(resolve, 1))
      return answer() as Result
    },
    async close() {},
  }
  const cache = verifierCache({ ttlMs: 2_000, timeoutMs: 1_000, now: () => clock.now })
  return { clock, find: () => cache.find(storage, whose, 'hash') }
}
const one = { name: 'web', kind: 'secret', algorithm: 'HS256', issuer: 'i', audience: 'a', secret: 's' }

describe('the verifiers of an environment', () => {
  it('are asked for once by many, and believed for two seconds', async () => {
    const { clock, find } = grounds(() => [one])
    await Promise.all(Array.from({ length: 20 }, find))
    clock.now = 1_999
    expect(await find()).toEqual([one])
    expect(clock.calls).toBe(1)
    clock.now = 2_000
    await find()
    expect(clock.calls).toBe(2)
  })

  it('stay the same objects while they say the same, so that keys are imported once', async () => {
    const state = { list: [one] }
    const { clock, find } = grounds(() => structuredClone(state.list))
    const first = await find()
    clock.now = 2_000
    expect(await find()).toBe(first)
    state.list = []
    clock.now = 4_000
    expect(await find()).toEqual([])
  })

  it('are none of a key that was revoked, and are not guessed while the database is away', async () => {
    await expect(grounds(() => null).find()).rejects.toMatchObject({ code: 'key_unknown', status: 401 })
    const away = grounds(() => {
      throw Object.assign(new Error('gone'), { code: '57P01' })
    })
    await expect(away.find()).rejects.toMatchObject({ code: 'storage_unavailable', status: 503 })
  })
})
