/** The cache in a real Redis: the contract, and a collector whose Redis is shared, flushed, slow and gone. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRedis } from '../../deploy/node/redis.ts'
import { findRedis, startRedis, type TestRedis } from '../../test/redis.ts'
import { rig, someBatch } from '../../test/rig.ts'
import type { Cache } from './cache.ts'
import { cacheContract } from './contract.ts'

const binary = findRedis()
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await holds()) return
    await pause(50)
  }
  throw new Error('it did not come to pass within 20 s')
}

if (!binary)
  describe('the cache in Redis', () => {
    it('needs redis-server', (test) =>
      test.skip('redis-server is not installed (Debian: apt-get install redis-server).'))
  })
else
  describe('the cache in Redis', () => {
    let redis: TestRedis
    let open: Awaited<ReturnType<typeof openRedis>>
    let admin: Redis
    /** Where the Redis is well: on a machine that is busy it may take its time. */
    let patient: { cache: Cache; cacheTimeoutMs: number }
    beforeAll(async () => {
      redis = await startRedis(binary)
      open = await openRedis(redis.url)
      patient = { cache: open.cache, cacheTimeoutMs: 20_000 }
      admin = new Redis(redis.url)
      admin.on('error', () => {})
      await admin.ping()
      // Its commands fail at once until it is connected.
      await eventually(() =>
        open.cache.get('ready').then(
          () => true,
          () => false,
        ),
      )
    })
    afterAll(async () => {
      await open?.close()
      admin?.disconnect()
      await redis?.kill()
    })

    for (const { name, run } of cacheContract) it(name, () => run({ cache: open.cache, wait: pause }))

    it('keeps to its own prefix, and nothing for ever', async () => {
      await open.cache.set('mine', 'a', 60_000)
      const keys = await admin.keys('*')
      expect(keys.every((key) => key.startsWith('nunchi:'))).toBe(true)
      expect(await admin.pttl('nunchi:mine')).toBeGreaterThan(0)
    })

    it('tells instances what one of them has found: the database is asked once', async () => {
      for (;;) {
        const began = Date.now()
        const { key, calls, ...first } = await rig(patient)
        for (let n = 0; n < 3; n++) {
          const one = n === 0 ? first : await rig({ ...patient, storage: first.storage })
          expect((await one.get(`/v1/config?key=${key}`)).status).toBe(200)
          await one.collector.close()
        }
        // What is believed for two seconds may be over where the machine paused: then this tells nothing.
        if (Date.now() - began > 1_500) continue
        expect([...calls].sort()).toEqual(['config', 'find_key'])
        return
      }
    })

    it('security 3: a key that another instance has found dies within the same two seconds', async () => {
      let clock = Date.now()
      const options = { cache: open.cache, now: () => clock }
      const first = await rig(options)
      const second = await rig({ ...options, storage: first.storage })
      const status = async (one: typeof first) => (await one.post(someBatch(), { key: first.key })).status
      expect(await status(first)).toBe(202)
      await first.revoke(first.key)
      clock += 1_900
      await second.get(`/v1/config?key=${first.key}`)
      clock += 101
      expect([await status(second), await status(first)]).toEqual([401, 401])
      await Promise.all([first.collector.close(), second.collector.close()])
    })

    it('is not believed where somebody else wrote there', async () => {
      let clock = Date.now()
      const { key, get, post, rows, log, collector } = await rig({ cache: open.cache, now: () => clock })
      const config = async () => (await get(`/v1/config?key=${key}`)).text()
      const before = await config()
      const asked = '"number":1,"asked":9e15'
      const junk = [
        ...['', 'null', '[]', '{', '{}', '7', `{${asked},"found":"x"}`, `{${asked},"found":{}}`],
        `{${asked},"found":{"keyId":"k","projectId":"p1","kind":"pub","scopes":7}}`,
        ...['7', '{"version":"x"}', '{"version":"x","flags":{"a":null},"experiments":{}}'].map(
          (config) => `{${asked},"config":${config}}`,
        ),
      ]
      for (const text of junk) {
        for (const name of await admin.keys('nunchi:*')) await admin.set(name, text)
        clock += 6_000
        expect((await post(someBatch(), { key })).status, text).toBe(202)
        expect(await config(), text).toBe(before)
      }
      expect(rows.size).toBe(junk.length)
      expect(log().filter(({ level }) => level === 'error')).toEqual([])
      await collector.close()
    })

    it('takes what is of another kind under its names for nothing, and puts its own in place of it', async () => {
      let clock = Date.now()
      const { key, get, log, collector } = await rig({ ...patient, now: () => clock })
      await get(`/v1/config?key=${key}`)
      const names = await admin.keys('nunchi:*')
      for (const name of names) {
        await admin.del(name)
        await admin.rpush(name, 'a list')
      }
      clock += 6_000
      expect((await get(`/v1/config?key=${key}`)).status).toBe(200)
      await eventually(async () => (await admin.type('nunchi:config p1 production')) === 'string')
      expect(log().filter(({ message }) => message.includes('shared cache'))).toEqual([])
      await collector.close()
    })

    it('reliability 29: a wrong password leaves each instance its own memory, and says so without it', async () => {
      await admin.config('SET', 'requirepass', 'right')
      const wrong = await openRedis(redis.url.replace('//', '//:wrong-password@'))
      const { key, post, get, log, collector } = await rig({ cache: wrong.cache })
      expect((await post(someBatch())).status).toBe(202)
      expect((await get(`/v1/config?key=${key}`)).status).toBe(200)
      expect(log().filter(({ message }) => message.includes('shared cache'))).toHaveLength(1)
      expect(JSON.stringify(log())).not.toContain('wrong-password')
      await collector.close()
      await wrong.close()
      await admin.config('SET', 'requirepass', '')
    })

    it('reliability 29: flushed, frozen, killed: every event is stored, every config answered, and it comes back', async () => {
      let clock = Date.now()
      const { key, post, get, rows, log, collector } = await rig({ cache: open.cache, now: () => clock })
      let sent = 0
      const works = async () => {
        // What is believed for two seconds is asked for again.
        clock += 6_000
        sent++
        expect((await post(someBatch())).status).toBe(202)
        expect((await get(`/v1/config?key=${key}`)).status).toBe(200)
      }
      await works()
      await admin.flushall()
      await works()
      redis.freeze()
      await works()
      await works()
      redis.resume()
      await redis.kill()
      await works()
      await works()
      await redis.start()
      await eventually(async () => {
        await works()
        return (await admin.keys('nunchi:*').catch(() => [])).length > 0
      })
      expect(rows.size).toBe(sent)
      expect(log().filter(({ message }) => message.includes('shared cache')).length).toBeGreaterThan(0)
      expect(log().filter(({ level }) => level === 'error')).toEqual([])
      await collector.close()
    })
  })
