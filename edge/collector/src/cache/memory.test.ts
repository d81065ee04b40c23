/** The cache in memory: the contract, and that strangers cannot fill it. */
import { describe, expect, it } from 'vitest'
import { cacheContract } from './contract.ts'
import { memoryCache } from './memory.ts'

describe('the cache in memory', () => {
  let clock = 0
  const shared = memoryCache({ now: () => clock })
  const wait = async (ms: number) => {
    clock += ms
  }
  for (const { name, run } of cacheContract) it(name, () => run({ cache: shared, wait }))

  it('forgets what was longest unused once it is full, never more', async () => {
    const cache = memoryCache({ maxBytes: 10_000, now: () => 0 })
    for (let i = 0; i < 10; i++) await cache.set(`k${i}`, 'x'.repeat(400), 1_000)
    await cache.get('k0')
    for (let i = 10; i < 15; i++) await cache.set(`k${i}`, 'x'.repeat(400), 1_000)
    const kept = []
    for (let i = 0; i < 15; i++) if (await cache.get(`k${i}`)) kept.push(i)
    expect(kept).toContain(0)
    expect(kept).toContain(14)
    expect(kept).not.toContain(1)
    expect(kept.length).toBe(11)
  })

  it('does not let one text push out all others, nor count what is over', async () => {
    const cache = memoryCache({ maxBytes: 10_000, now: () => clock })
    await cache.set('small', 'a', 100_000)
    await cache.set('large', 'x'.repeat(5_000), 100_000)
    expect([await cache.get('small'), await cache.get('large')]).toEqual(['a', undefined])
    for (let i = 0; i < 100; i++) {
      await cache.set('short', 'x'.repeat(500), 1)
      clock += 2
      expect(await cache.get('short')).toBeUndefined()
    }
    expect(await cache.get('small')).toBe('a')
  })
})
