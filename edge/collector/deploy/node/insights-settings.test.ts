/** The settings of insights: what is refused before anything starts, and what comes of the rest. */
import { describe, expect, it } from 'vitest'
import { insightsSettings, readConfig } from './config.ts'

const read = (env: Record<string, string>) => readConfig({ DATABASE_URL: 'data', ...env })
const on = { FEATURE_AI_INSIGHTS: 'true', NUNCHI_AI_KEY: 'sk-1', NUNCHI_AI_MODEL: 'small' }

describe('the settings of insights', () => {
  it('are off without the switch, whatever else is set; from templates without a key', () => {
    expect(read({ ...on, FEATURE_AI_INSIGHTS: 'false', NUNCHI_AI_URL: 'file:///x' }).insights).toBe(false)
    expect(read({ FEATURE_AI_INSIGHTS: 'true' }).insights).toEqual({})
  })

  it('name a model, its budget, and what it may see', () => {
    const more = {
      NUNCHI_AI_DAILY_TOKENS: '5000',
      NUNCHI_AI_ATTRIBUTES: 'hobbies, city,',
      NUNCHI_AI_LIMIT_FIELD: 'max_tokens',
    }
    expect(read({ ...on, ...more }).insights).toEqual({
      model: {
        url: 'https://api.openai.com/v1',
        key: 'sk-1',
        name: 'small',
        dailyTokens: 5000,
        attributes: ['hobbies', 'city'],
        limitField: 'max_tokens',
      },
    })
  })

  it('say alone, too, that the switch is neither on nor off, and nothing of other switches', () => {
    const { insights, faults } = insightsSettings({ FEATURE_AI_INSIGHTS: 'yes', FEATURE_AB_TESTING: 'maybe' })
    expect(insights).toBe(false)
    expect(faults).toEqual(['FEATURE_AI_INSIGHTS must be true or false, but is "yes".'])
  })

  it('take a model of one’s own, where its host is allowed', () => {
    const own = { ...on, NUNCHI_AI_URL: 'http://ollama.internal:11434/v1' }
    const config = read({ ...own, NUNCHI_ALLOW_PRIVATE_HOSTS: 'ollama.internal:11434' })
    expect(config).toMatchObject({
      privateHosts: ['ollama.internal:11434'],
      insights: { model: { url: 'http://ollama.internal:11434/v1' } },
    })
    expect(() => read(own)).toThrow(/NUNCHI_AI_URL cannot be called: .*not on the public internet/)
  })

  it.each([
    'http://127.0.0.1/v1',
    'https://[::1]/v1',
    'http://169.254.169.254/',
    'https://0x7f.1/',
    'https://key@api.example.com/',
    'file:///etc/passwd',
  ])('security 62: %s is refused at the start, in production or not', (NUNCHI_AI_URL) => {
    for (const NODE_ENV of ['production', 'development'])
      expect(() => read({ ...on, NUNCHI_AI_URL, NODE_ENV, LOG_LEVEL: 'debug' })).toThrow(
        /^NUNCHI_AI_URL cannot be called/,
      )
  })

  it.each([
    [{ NUNCHI_AI_MODEL: '' }, 'NUNCHI_AI_MODEL is missing'],
    [{ NUNCHI_AI_KEY: 'two words' }, 'NUNCHI_AI_KEY is no key'],
    [{ NUNCHI_AI_DAILY_TOKENS: 'many' }, 'NUNCHI_AI_DAILY_TOKENS must be a whole number'],
    [{ NUNCHI_AI_LIMIT_FIELD: 'most' }, 'NUNCHI_AI_LIMIT_FIELD must be max_completion_tokens or max_tokens'],
    [
      { NUNCHI_ALLOW_PRIVATE_HOSTS: 'everything' },
      'NUNCHI_ALLOW_PRIVATE_HOSTS: "everything" is not host:port',
    ],
  ])('%j is refused with a sentence that does not tell the key', (env, sentence) => {
    expect(() => read({ ...on, ...env })).toThrow(sentence)
    expect(() => read({ ...on, ...env })).not.toThrow(/two words|sk-1/)
  })
})
