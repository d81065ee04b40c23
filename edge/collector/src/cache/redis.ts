/** Remembers answers in a Redis (or Valkey), for all instances together. */
import type { Cache } from './cache.ts'

/** What is needed of a client; `ioredis` has it as it is. */
export interface RedisClient {
  get(key: string): Promise<string | null>
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>
  del(key: string): Promise<unknown>
}

/** What Redis keeps. */
export interface RedisCacheOptions {
  /**
   * Stands before each key, so that others can share the Redis.
   * @default 'nunchi:'
   */
  prefix?: string
}

/** Somebody else's list or set under one of our keys is nothing of ours, and no failure of the Redis: `set` replaces it. */
function unlessForeign(error: unknown): undefined {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return undefined
  throw error
}

/** Makes a cache in a Redis. It rejects where the client does. */
export function redisCache(client: RedisClient, { prefix = 'nunchi:' }: RedisCacheOptions = {}): Cache {
  return {
    name: 'redis',
    get: async (key) => (await client.get(prefix + key).catch(unlessForeign)) ?? undefined,
    async set(key, value, ttlMs) {
      await client.set(prefix + key, value, 'PX', Math.max(1, Math.ceil(ttlMs)))
    },
    async delete(key) {
      await client.del(prefix + key)
    },
  }
}
