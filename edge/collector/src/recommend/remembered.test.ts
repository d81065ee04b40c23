/** Remembered recommendations: whom they are shown to, and when they are no longer believed. */
import type { Recommendations } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { someBatch, someEvent } from '../../test/rig.ts'
import type { Cache } from '../cache/cache.ts'
import { memoryCache } from '../cache/memory.ts'
import { createCaches } from '../caches.ts'
import type { Services } from '../env.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { withDefaults } from '../options.ts'
import type { Question } from './question.ts'
import { remembered } from './remembered.ts'

const shop = { projectId: 'p1', environment: 'production' }
const question = (more: Partial<Question> = {}): Question => ({
  list: 'user',
  limit: 10,
  includeSeen: false,
  anonymousId: 'ann',
  ...more,
})

/** A memory with a clock, and a database that numbers its answers. */
function world(recommendationsCacheMs = 30_000, shared?: Cache) {
  let clock = 1_000_000
  let asked = 0
  const metrics = createMetrics()
  const now = () => clock
  const made = new Map<unknown, unknown>()
  const services = {
    options: { ...withDefaults({ now }), recommendationsCacheMs },
    caches: createCaches({
      shared,
      timeoutMs: 100,
      metrics,
      log: createLog(() => {}, 'info'),
      now,
    }),
    once(make: (services: Services) => unknown) {
      if (!made.has(make)) made.set(make, make(services as unknown as Services))
      return made.get(make)
    },
  } as unknown as Services
  const memory = remembered(services)
  let life = 3_600_000
  const read = async () => {
    const at = 1_800_000_000_000 + ++asked
    const [generated_at, expires_at] = [at, at + life].map((ms) => new Date(ms).toISOString())
    return { generated_at, expires_at, recommendations: {}, neighbors: {} } as Recommendations
  }
  const numberOf = ({ generated_at }: Recommendations) => String(Date.parse(generated_at) - 1_800_000_000_000)
  return {
    memory,
    metrics,
    tick: (ms: number) => {
      clock += ms
    },
    /** How long the database lets its answers be given again. */
    lives: (ms: number) => {
      life = ms
    },
    ask: async (more: Partial<Question> = {}, whose = shop) =>
      numberOf(await memory.answer(whose, question(more), read)),
  }
}

describe('remembered recommendations', () => {
  it('are read once in their time', async () => {
    const { ask, tick, metrics } = world()
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    tick(300_000)
    expect(await ask()).toBe('2')
    expect(metrics.render()).toContain('nunchi_cache_requests_total{use="recommendations",result="hit"} 1')
  })

  it('are read anew where somebody else wrote something into the shared cache', async () => {
    const written = new Map<string, string>()
    const { ask } = world(30_000, {
      name: 'redis',
      get: async (key) => written.get(key),
      set: async (key, value) => void written.set(key, value),
      delete: async () => {},
    })
    let asked = 0
    const forAges = { at: 9e15 }
    for (const junk of [7, [], {}, { at: 'x', answer: {} }, { ...forAges, answer: null }, forAges]) {
      expect(await ask()).toBe(String(++asked))
      expect(written.size).toBe(1)
      for (const key of written.keys()) written.set(key, JSON.stringify(junk))
    }
    expect(await ask()).toBe(String(++asked))
    expect(await ask()).toBe(String(asked))
  })

  it('know what their visitor did while the shared cache was away', async () => {
    let away = false
    const inner = memoryCache({ now: () => 0 })
    const reached = async () => {
      if (away) throw new Error('away')
      return inner
    }
    const { ask, memory, metrics, tick } = world(300_000, {
      name: 'redis',
      get: async (key) => (await reached()).get(key),
      set: async (key, value, ttlMs) => (await reached()).set(key, value, ttlMs),
      delete: async (key) => (await reached()).delete(key),
    })
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    away = true
    memory.saw([someEvent({ anonymousId: 'ann' })])
    await expect.poll(() => metrics.render()).toContain('nunchi_cache_failures_total 1')
    away = false
    tick(6_000)
    expect(await ask()).toBe('2')
  })

  it('are given no longer than the database would, and not at all where it could make none', async () => {
    const { ask, tick, lives } = world()
    lives(10_000)
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    tick(10_000)
    lives(0)
    expect([await ask(), await ask()]).toEqual(['2', '3'])
  })

  it('are never shown to another visitor, for another question, project or environment', async () => {
    const { ask } = world()
    const all = [
      await ask(),
      await ask({ anonymousId: 'bob' }),
      await ask({ anonymousId: undefined, userId: 'ann' } as unknown as Partial<Question>),
      await ask({ list: 'trending' }),
      await ask({ limit: 11 }),
      await ask({ exclude: ['a'] }),
      await ask({ context: { items: ['a'] } }),
      await ask({}, { ...shop, environment: 'staging' }),
      await ask({}, { ...shop, projectId: 'p2' }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('are not believed once their visitor does something, nor kept while its effect is under way', async () => {
    const { ask, memory, tick } = world()
    await ask()
    memory.saw([someEvent({ anonymousId: 'bob' })])
    expect(await ask()).toBe('1')
    memory.saw(someBatch([someEvent({ anonymousId: 'ann' })]).events)
    expect(await ask()).toBe('2')
    tick(1_999)
    expect(await ask()).toBe('3')
    tick(2)
    expect([await ask(), await ask()]).toEqual(['4', '4'])
  })

  it('are kept the shorter the less time has passed since, for their effect may be late', async () => {
    const { ask, memory, tick } = world(300_000)
    await ask()
    memory.saw([someEvent({ anonymousId: 'ann' })])
    tick(3_000)
    expect([await ask(), await ask()]).toEqual(['2', '2'])
    tick(30_000)
    expect(await ask()).toBe('3')
    tick(290_000)
    expect(await ask()).toBe('3')
  })

  it('of a user follow what the user does on any device', async () => {
    const { ask, memory } = world()
    const user = { userId: 'kim', anonymousId: undefined } as unknown as Partial<Question>
    await ask(user)
    memory.saw([someEvent({ anonymousId: 'phone', userId: 'kim' })])
    expect(await ask(user)).toBe('2')
  })

  it('are read anew once the catalog is changed, of that catalog alone', async () => {
    const { ask, memory, tick } = world()
    await ask()
    await ask({}, { ...shop, environment: 'staging' })
    tick(1)
    memory.changed(shop)
    expect(await ask()).toBe('3')
    expect(await ask({}, { ...shop, environment: 'staging' })).toBe('2')
  })

  it('that failed are not kept; and none is where this is switched off', async () => {
    const { memory, ask } = world()
    await expect(memory.answer(shop, question(), () => Promise.reject(new Error('down')))).rejects.toThrow(
      'down',
    )
    expect(await ask()).toBe('1')
    const none = world(0)
    expect([await none.ask(), await none.ask()]).toEqual(['1', '2'])
  })
})
