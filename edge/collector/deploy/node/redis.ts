/** Opens the Redis that the environment names, as the cache of all instances. */
import type { Cache } from '../../src/cache/cache.ts'
import { redisCache } from '../../src/cache/redis.ts'
import { client } from './client.ts'

/** A cache in Redis, and its connection's end. */
export interface OpenRedis {
  cache: Cache
  close(): Promise<void>
}

/**
 * Opens it. A Redis that is away is no error: it is tried again for ever, and meanwhile each command fails at once, so
 * that nothing waits for it.
 *
 * @param url such as `redis://user:password@host:6379/0`; `rediss:` for TLS
 * @throws ConfigError where the client's package is missing
 */
export async function openRedis(url: string): Promise<OpenRedis> {
  const { Redis } = await client('REDIS_URL', 'ioredis', () => import('ioredis'))
  const connection = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    // A Redis that takes a command and never answers: the connection is given up rather than believed.
    socketTimeout: 5_000,
    retryStrategy: (attempts) => Math.min(50 * 2 ** attempts, 2_000),
  })
  // The failing commands tell; a client without a listener would print each attempt.
  connection.on('error', () => {})
  return {
    cache: redisCache(connection),
    async close() {
      connection.disconnect()
    },
  }
}
