import { createKey } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { memoryDatabase } from '../../test/rig.ts'
import type { Storage } from '../storage/storage.ts'
import { keyCache } from './keys.ts'

function cached(limit?: number) {
  let clock = 0
  const database = memoryDatabase()
  const keys = keyCache({ ttlMs: 2_000, timeoutMs: 100, now: () => clock, ...(limit ? { limit } : {}) })
  const find = (key: string) => keys.find(database.storage, key)
  const tick = (ms: number): void => {
    clock += ms
  }
  return { ...database, keys, find, tick }
}

describe('a key', () => {
  it('is looked up once in two seconds, however many ask at once', async () => {
    const { find, addKey, calls, tick } = cached()
    const key = await addKey()
    const found = await Promise.all(Array.from({ length: 50 }, () => find(key)))
    expect(found.every((one) => one.key?.projectId === 'p1' && /^[\da-f]{64}$/.test(one.hash))).toBe(true)
    tick(1_999)
    await find(key)
    expect(calls).toHaveLength(1)
    tick(1)
    await find(key)
    expect(calls).toHaveLength(2)
  })

  it('that is unknown is remembered as such, and as long', async () => {
    const { find, calls } = cached()
    const key = createKey('pub')
    expect((await find(key)).key).toBeNull()
    expect((await find(key)).key).toBeNull()
    expect(calls).toHaveLength(1)
  })

  it('security 3: that is revoked dies within two seconds', async () => {
    const { find, addKey, revoke, tick } = cached()
    const key = await addKey({ kind: 'srv' })
    await find(key)
    await revoke(key)
    tick(2_000)
    expect((await find(key)).key).toBeNull()
  })

  it('is not remembered as unknown because the database was away', async () => {
    const { find, addKey, state } = cached()
    const key = await addKey()
    state.fail = Object.assign(new Error('down'), { code: '57P03' })
    await expect(find(key)).rejects.toMatchObject({ code: 'storage_unavailable', status: 503 })
    delete state.fail
    expect((await find(key)).key).not.toBeNull()
  })

  it('is the last one known while the database is away, for those who say that this will do', async () => {
    const { find, keys, storage, addKey, state, tick, calls } = cached()
    const key = await addKey()
    const lastKnown = () => keys.find(storage, key, { lastKnown: true })
    state.fail = Object.assign(new Error('down'), { code: '57P03' })
    await expect(lastKnown()).rejects.toMatchObject({ code: 'storage_unavailable' })
    delete state.fail
    await find(key)
    state.fail = Object.assign(new Error('down'), { code: '57P03' })
    tick(3_600_000)
    expect((await lastKnown()).key).not.toBeNull()
    const asked = calls.length
    expect((await lastKnown()).key).not.toBeNull()
    expect(calls).toHaveLength(asked)
    await expect(find(key)).rejects.toMatchObject({ code: 'storage_unavailable', status: 503 })
    delete state.fail
    expect((await find(key)).key).not.toBeNull()
  })

  it('that was revoked while the database was away dies as soon as it is back', async () => {
    const { find, keys, storage, addKey, revoke, state, tick } = cached()
    const key = await addKey()
    await find(key)
    state.fail = new Error('down')
    tick(2_000)
    await keys.find(storage, key, { lastKnown: true })
    await revoke(key)
    delete state.fail
    tick(2_000)
    expect((await keys.find(storage, key, { lastKnown: true })).key).toBeNull()
  })

  it('is not waited for in another request’s storage', async () => {
    const { keys, storage, addKey } = cached()
    const key = await addKey()
    const stuck: Storage = { ...storage, call: () => new Promise(() => {}) }
    const hanging = keys.find(stuck, key).catch((error: unknown) => error)
    expect((await keys.find(storage, key)).key).not.toBeNull()
    expect(await hanging).toMatchObject({ code: 'storage_unavailable' })
  })

  it('is forgotten when there are too many', async () => {
    const { find, calls } = cached(2)
    for (let i = 0; i < 10; i++) await find(createKey('pub'))
    expect(calls).toHaveLength(10)
  })
})
