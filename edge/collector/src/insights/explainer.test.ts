/** What was written before is given again, and only what a model could have written: a shared cache is no more trusted. */
import { describe, expect, it } from 'vitest'
import { goodAnswer, says } from '../../test/insights/mock-model.ts'
import type { Cache } from '../cache/cache.ts'
import { createCaches } from '../caches.ts'
import type { Services } from '../env.ts'
import type { GuardedFetch } from '../guarded-fetch.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { withDefaults } from '../options.ts'
import { explainer } from './explainer.ts'
import type { InsightGateway } from './gateway.ts'
import type { InsightSubject } from './subject.ts'

const subject: InsightSubject = { kind: 'match', reasons: [{ code: 'mutual' }], sides: [{}, {}] }
const gateway: InsightGateway = {
  whose: 'p1 production',
  begin: async () => ({ granted: true, day: '2026-11-23' }),
  end: async () => {},
}

/** An explainer over a cache that everybody may write to. */
function world(begin = gateway.begin) {
  let clock = 1_800_000_000_000
  const written = new Map<string, string>()
  const shared: Cache = {
    name: 'redis',
    get: async (key) => written.get(key),
    set: async (key, value) => void written.set(key, value),
    delete: async () => {},
  }
  let asked = 0
  const fetch: GuardedFetch = Object.assign(
    async () => {
      asked++
      const { status, headers } = says(goodAnswer)
      return { status, headers, text: () => says(goodAnswer).text() }
    },
    { check: async () => {} },
  )
  const metrics = createMetrics()
  const log = createLog(() => {}, 'info')
  const model = { url: 'https://model.example/v1', key: 'sk-1', name: 'mock' }
  const options = withDefaults({ fetch, insights: { model }, now: () => clock })
  const caches = createCaches({ shared, timeoutMs: 100, metrics, log, now: Date.now })
  const explain = explainer({ options, caches, metrics, log } as unknown as Services)
  return {
    written,
    asked: () => asked,
    tick: (ms: number) => {
      clock += ms
    },
    tell: () => explain?.({ ...gateway, begin }, subject, 'en'),
  }
}

describe('what a model wrote', () => {
  it('is given again from the shared cache', async () => {
    const { tell, asked } = world()
    expect(await tell()).toMatchObject({ ...goodAnswer, source: 'model' })
    expect(await tell()).toMatchObject({ ...goodAnswer, source: 'model' })
    expect(asked()).toBe(1)
  })

  it.each([
    ['no JSON', '{'],
    ['no insight', '{}'],
    ['an insight of another form', JSON.stringify({ ...goodAnswer, starters: 'Hello' })],
    ['markup', JSON.stringify({ ...goodAnswer, compatibility: '<img src=x onerror=alert(1)>' })],
    ['an address', JSON.stringify({ ...goodAnswer, reasons: ['Write to kim@shop.example.'] })],
  ])('is asked for again where somebody else put %s there', async (_, junk) => {
    const { tell, written, asked } = world()
    await tell()
    for (const key of written.keys()) written.set(key, junk)
    expect(await tell()).toMatchObject({ ...goodAnswer, source: 'model' })
    expect(asked()).toBe(2)
  })
})

describe('those who wait for a model', () => {
  it('are eight at most; and whoever was given up by the runtime, without a word, waits no longer than a while', async () => {
    let given = 0
    const { tell, tick, asked } = world(() =>
      given++ < 8 ? new Promise(() => {}) : gateway.begin({ cacheKey: '', reserve: 0, budget: 0 }),
    )
    for (let n = 0; n < 8; n++) void tell()
    await expect.poll(() => given).toBe(8)
    expect(await tell()).toMatchObject({ source: 'template' })
    tick(60_000)
    expect(await tell()).toMatchObject({ source: 'model' })
    expect(asked()).toBe(1)
  })
})
