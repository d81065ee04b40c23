/** What the doctor says of insights. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type InsightsFacts, insightsFacts, judgeInsights } from './judge-insights.ts'

const model = { url: 'https://api.example.com/v1', key: 'sk-secret', name: 'small', dailyTokens: 5000 }
const facts = (more: Partial<InsightsFacts> = {}): InsightsFacts => ({
  insights: { model },
  faults: [],
  refused: undefined,
  usage: [],
  ...more,
})
const used = { project: 'shop', tokens: 1200, calls: 2, refused: 0 }
const said = (more: Partial<InsightsFacts> = {}) => {
  const check = judgeInsights(facts(more))
  return check && `${check.status}: ${check.detail}`
}

describe('insights', () => {
  it('are not spoken of while they are off', () => {
    expect(said({ insights: false })).toBeUndefined()
  })

  it('that cannot work fail with the first reason', () => {
    expect(said({ faults: ['NUNCHI_AI_MODEL is missing.', 'x'] })).toBe('fail: NUNCHI_AI_MODEL is missing')
    expect(said({ refused: 'The host a.example leads inside.' })).toBe(
      'fail: The host a.example leads inside',
    )
  })

  it('say where a project has spent its tokens', () => {
    expect(said({ usage: [used, { ...used, project: 'blog', refused: 3 }] })).toBe(
      "warn: blog: today's 5000 tokens are spent; templates stand in",
    )
  })

  it('say who is asked, what it is given, and what that cost, and never the key', () => {
    expect(said({ insights: {} })).toContain('ok: from templates')
    expect(said({ usage: [used] })).toBe(
      'ok: small at api.example.com is given the usual attributes; 1200 tokens today',
    )
    expect(said({ insights: { model: { ...model, attributes: ['hobbies'] } } })).toContain(
      'is given hobbies;',
    )
    expect(JSON.stringify(judgeInsights(facts()))).not.toContain('sk-secret')
  })
})

describe('the facts of insights', () => {
  afterEach(() => vi.unstubAllEnvs())
  const owner = { call: vi.fn(async () => [used]) } as unknown as Parameters<typeof insightsFacts>[0]['owner']

  it('are the collector’s settings, and of a model its usage', async () => {
    vi.stubEnv('FEATURE_AI_INSIGHTS', 'true')
    expect(await insightsFacts({ owner })).toEqual(facts({ insights: {} }))
    vi.stubEnv('NUNCHI_AI_KEY', 'sk-1')
    vi.stubEnv('NUNCHI_AI_MODEL', 'small')
    vi.stubEnv('NUNCHI_AI_URL', 'http://127.0.0.1:11434/v1')
    expect(said(await insightsFacts({ owner }))).toMatch(/^fail: NUNCHI_AI_URL cannot be called/)
    vi.stubEnv('NUNCHI_ALLOW_PRIVATE_HOSTS', '127.0.0.1:11434')
    expect(said(await insightsFacts({ owner }))).toMatch(/^ok: small at 127\.0\.0\.1:11434 .* 1200 tokens/)
  })
})
